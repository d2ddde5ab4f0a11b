"""What programs of an administrator may do with users and tokens; nobody's own rights are among it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, HTTPException, Request, Response
from pydantic import BaseModel, Field

from triage.case import Role, User
from triage.errors import TriageError
from triage.store import Tx, tokens, users
from triage.web.access import Admin, Caller, needs, new_secret
from triage.web.api.reading import Changed, etag, matches
from triage.web.api.shapes import After, Given, IfMatch, Limit, Plain, told
from triage.web.front import RowId, TheFront

router = APIRouter(responses=told(401, 403), tags=["people"])
RoleName = Literal["read-only", "agent", "lead", "admin"]


class UserShape(BaseModel):
    """Somebody who may sign in, unless she is `disabled`."""

    id: int
    name: str
    role: str
    disabled: bool
    second_factor: bool


class UserGiven(Given):
    """A new user; no line breaks, no blanks around her name."""

    name: Plain = Field(min_length=1, max_length=users.LONGEST_NAME)
    role: RoleName = "agent"


class ChangeGiven(Given):
    """What changes of a user; what is null stays."""

    role: RoleName | None = None
    disabled: bool | None = None


class InvitationShape(BaseModel):
    """A link by which a user chooses her password, once; it is told this one time."""

    link: str
    until: datetime


class TokenShape(BaseModel):
    """A program's way in, without its secret."""

    id: int
    user: str
    name: str
    scope: str
    created_at: datetime
    used_at: datetime | None


class TokenGiven(Given):
    """A new token; its scope is at most the role of its user."""

    name: Plain = Field("program", min_length=1, max_length=users.LONGEST_NAME)
    scope: RoleName = "read-only"


class NewToken(BaseModel):
    """A new token; `secret` is told this one time: null when the same request made the token before."""

    id: int
    secret: str | None


REPEATED: dict[int | str, dict[str, Any]] = {200: {"description": "it was made before", "model": NewToken}}


@router.get("/users", operation_id="listUsers", dependencies=[needs(Role.ADMIN)])
def listing(front: TheFront, after: After = 0, limit: Limit = 100) -> list[UserShape]:
    """Return everybody, in the order in which they were added."""
    with front.store.read() as tx:
        return [_shape(one) for one in users.some(tx, limit, after)]


@router.post("/users", operation_id="addUser", status_code=201, responses=told(409))
def add(front: TheFront, caller: Admin, given: UserGiven) -> UserShape:
    """Add a user; she cannot sign in before she chose a password by an invitation."""
    role, now = _role(given.role), front.clock()
    return _shape(front.store.run(lambda tx: users.add(tx, given.name, role, caller.name, now)))


@router.get("/users/{user}", operation_id="getUser", responses=told(404), dependencies=[needs(Role.ADMIN)])
def show(front: TheFront, response: Response, user: RowId) -> UserShape:
    """Return one user, with the `ETag` for `If-Match`."""
    with front.store.read() as tx:
        found = _shape(_present(users.by_id(tx, user)))
    response.headers["ETag"] = etag(found)
    return found


@router.patch("/users/{user}", operation_id="changeUser", responses=told(404, 409, 412))
def change(
    front: TheFront, caller: Admin, response: Response, user: RowId, given: ChangeGiven, if_match: IfMatch = None
) -> UserShape:
    """Change a user's role, or whether she may sign in; if she may not, her sessions and tokens end too."""
    role, now = _role(given.role) if given.role else None, front.clock()

    def work(tx: Tx) -> User:
        before = _another(tx, caller, user)
        if if_match and not matches(if_match, etag(_shape(before))):
            raise Changed("the user is not what you read: read her again")
        return users.change(tx, before.name, caller.name, now, role=role, disabled=given.disabled)

    after = _shape(front.store.run(work))
    response.headers["ETag"] = etag(after)
    return after


@router.post("/users/{user}/invitations", operation_id="inviteUser", status_code=201, responses=told(404, 409))
def invite(request: Request, front: TheFront, caller: Admin, user: RowId) -> InvitationShape:
    """Make a link by which a user chooses a new password; earlier links of hers end."""
    secret, now = new_secret(), front.clock()
    until = now + users.INVITATION
    front.store.run(lambda tx: users.invite(tx, _another(tx, caller, user), secret, until, caller.name, now))
    root = str(request.base_url).rstrip("/").removesuffix("/api/v1")
    return InvitationShape(link=f"{root}/invitation/{secret}", until=until)


@router.get("/tokens", operation_id="listTokens", dependencies=[needs(Role.ADMIN)])
def list_tokens(front: TheFront, after: After = 0, limit: Limit = 100) -> list[TokenShape]:
    """Return the tokens that are valid, in the order in which they were made."""
    with front.store.read() as tx:
        found = tokens.some(tx, limit, after)
    same = ("id", "user", "name", "created_at", "used_at")
    return [TokenShape(**{name: getattr(one, name) for name in same}, scope=one.scope.label) for one in found]


@router.post("/users/{user}/tokens", operation_id="addToken", status_code=201, responses=told(404, 409) | REPEATED)
def add_token(
    front: TheFront,
    caller: Admin,
    response: Response,
    user: RowId,
    given: TokenGiven,
    idempotency_key: Annotated[str, Header(min_length=8, max_length=100, description="Unique for this token.")],
) -> NewToken:
    """Give a program of a user a way in; the same `Idempotency-Key` again returns the same token without its secret.

    The secret is kept nowhere: if the first answer was lost, revoke the token by its id and make another one.
    """
    secret, scope, now = f"tri_{new_secret()}", _role(given.scope), front.clock()
    asked = f"{caller.user.id} {idempotency_key}"

    def work(tx: Tx) -> NewToken:
        owner = _present(users.by_id(tx, user, hold=True))
        before = tokens.asked_for(tx, asked)
        if before is None:
            made = tokens.add(tx, owner.name, given.name, scope, secret, caller.name, now, asked)
            return NewToken(id=made, secret=secret)
        if (before.user, before.name, before.scope) != (owner.name, given.name, min(scope, owner.role)):
            raise TriageError("this Idempotency-Key made another token")
        return NewToken(id=before.id, secret=None)

    made = front.store.run(work)
    if made.secret is None:
        response.status_code = 200
    return made


@router.delete("/tokens/{token}", operation_id="revokeToken", status_code=204, responses=told(404))
def revoke(front: TheFront, caller: Admin, token: RowId) -> None:
    """End a token, be it the caller's own."""
    now = front.clock()
    if not front.store.run(lambda tx: tokens.revoke(tx, token, caller.name, now)):
        raise HTTPException(404, "there is no such token")


def _another(tx: Tx, caller: Caller, user_id: int) -> User:
    """Return a user who is not the caller: nobody raises herself, and somebody can always undo it."""
    if user_id == caller.user.id:
        raise TriageError("another administrator must change you")
    return _present(users.by_id(tx, user_id, hold=True))


def _present(user: User | None) -> User:
    if user is None:
        raise HTTPException(404, "there is no such user")
    return user


def _role(label: str) -> Role:
    return next(role for role in Role if role.label == label)


def _shape(user: User) -> UserShape:
    same = {name: getattr(user, name) for name in ("id", "name", "disabled", "second_factor")}
    return UserShape(**same, role=user.role.label)
