"""Commands for who may sign in: user add, list, passwd, change; token add, list, revoke; totp reset."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.terminal import (
    Agent,
    AsJson,
    Columns,
    Config,
    agent_name,
    plain,
    print_json,
    print_table,
    say,
    settings_from,
    store_of,
    when,
)
from triage.errors import TriageError

if TYPE_CHECKING:
    from triage.case import Role
    from triage.settings import Settings

app = typer.Typer(help="Who may sign in to the desk in the browser.")
tokens = typer.Typer(help="Ways in for programs.")
totp = typer.Typer(help="Codes from a phone, beside the password.")

Name = Annotated[str, typer.Argument(help="The name; the audit and the cases call her so.")]
RoleWord = Annotated[str, typer.Option("--role", help="read-only, agent, lead or admin.")]


@app.command()
def add(
    name: Name, role: RoleWord = "agent", config: Config = None, agent: Agent = None, as_json: AsJson = False
) -> None:
    """Add a user, and print the link by which she chooses her password."""
    from triage.store import users

    settings, who, wanted = settings_from(config), agent_name(agent), _role(role)
    with store_of(settings) as store:
        store.run(lambda tx: users.add(tx, name, wanted, who, datetime.now(UTC)))
    _invite(settings, name, who, as_json)


@app.command()
def passwd(name: Name, config: Config = None, agent: Agent = None, as_json: AsJson = False) -> None:
    """Print a link by which a user chooses a new password; the old one is valid until then."""
    _invite(settings_from(config), name, agent_name(agent), as_json)


@app.command("list")
def listing(config: Config = None, as_json: AsJson = False) -> None:
    """Show everybody who may sign in."""
    from triage.store import users

    with store_of(settings_from(config)) as store, store.read() as tx:
        found = users.everybody(tx)
    if as_json:
        for user in found:
            print_json(
                {"name": user.name, "role": user.role, "disabled": user.disabled, "second_factor": user.second_factor}
            )
        return
    columns: Columns = (("Name", {}), ("Role", {}), ("Second factor", {}), ("", {}))
    rows = ((u.name, u.role.label, "on" if u.second_factor else "", u.disabled) for u in found)
    print_table(columns, ((*row, "may not sign in" if disabled else "") for *row, disabled in rows))


@app.command()
def change(
    name: Name,
    role: Annotated[str | None, typer.Option("--role", help="The new role.", show_default=False)] = None,
    disabled: Annotated[bool | None, typer.Option("--disable/--enable", help="Let her in no more.")] = None,
    config: Config = None,
    agent: Agent = None,
) -> None:
    """Change a user's role, or let her in no more: then her sessions and tokens end at once."""
    from triage.store import users

    who, wanted = agent_name(agent), None if role is None else _role(role)
    with store_of(settings_from(config)) as store:
        user = store.run(lambda tx: users.change(tx, name, who, datetime.now(UTC), role=wanted, disabled=disabled))
    say(f"{user.name}: {user.role.label}{', may not sign in' if user.disabled else ''}", "green")


@tokens.command("add")
def add_token(
    name: Name,
    label: Annotated[str, typer.Option("--for", help="What it is for.")] = "a program",
    role: RoleWord = "agent",
    config: Config = None,
    agent: Agent = None,
    as_json: AsJson = False,
) -> None:
    """Give a program a way in, with at most this role; the token is printed once."""
    import secrets

    from triage.store import tokens as stored

    token, who, scope = f"tri_{secrets.token_urlsafe(32)}", agent_name(agent), _role(role)
    with store_of(settings_from(config)) as store:
        store.run(lambda tx: stored.add(tx, name, label, scope, token, who, datetime.now(UTC)))
    if as_json:
        print_json({"user": name, "token": token, "scope": scope})
        return
    say(token)


@tokens.command("list")
def list_tokens(config: Config = None, as_json: AsJson = False) -> None:
    """Show every token, without its secret."""
    from triage.store import tokens as stored

    with store_of(settings_from(config)) as store, store.read() as tx:
        found = stored.all(tx)
    if as_json:
        for token in found:
            print_json(token)
        return
    columns: Columns = (("#", {"justify": "right"}), ("User", {}), ("For", {}), ("Scope", {}), ("Last used", {}))
    used = (when(t.used_at) if t.used_at else "never" for t in found)
    print_table(columns, ((t.id, t.user, t.name, t.scope.label, at) for t, at in zip(found, used, strict=True)))


@tokens.command()
def revoke(
    number: Annotated[int, typer.Argument(help="The number in the list.", min=1, max=2**63 - 1)],
    config: Config = None,
    agent: Agent = None,
) -> None:
    """End a token."""
    from triage.store import tokens as stored

    who = agent_name(agent)
    with store_of(settings_from(config)) as store:
        if not store.run(lambda tx: stored.revoke(tx, number, who, datetime.now(UTC))):
            raise TriageError(f"there is no token {number}")
    say(f"token {number} is over", "green")


@totp.command()
def reset(name: Name, config: Config = None, agent: Agent = None) -> None:
    """Take a user's second factor off: her phone and her recovery codes are lost. Her sessions end."""
    from triage import second_factor
    from triage.store import users

    who = agent_name(agent)
    with store_of(settings_from(config)) as store:
        done = store.run(lambda tx: second_factor.remove(tx, users.get(tx, name), who, datetime.now(UTC)))
    if not done:
        raise TriageError(f"{name} has no second factor")
    say(f"{name} signs in with the password alone, until she sets one up again", "green")


app.add_typer(tokens, name="token")
app.add_typer(totp, name="totp")


def _invite(settings: "Settings", name: str, who: str, as_json: bool) -> None:
    import secrets

    from triage.store import users

    secret = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    until = now + users.INVITATION
    with store_of(settings) as store:
        store.run(lambda tx: users.invite(tx, users.get(tx, name), secret, until, who, now))
    web = settings.web
    base = f"http://{web.listen}{web.prefix}" if web else "http://localhost:8420"
    link = f"{base}/invitation/{secret}"
    if as_json:
        print_json({"user": name, "link": link, "until": until})
        return
    say(f"{name} chooses a password here, once, within three days (behind a proxy: at its address):", "green")
    say(link)


def _role(word: str) -> "Role":
    from triage.case import Role

    known = {role.label: role for role in Role}
    if word not in known:
        raise TriageError(f'there is no role "{plain(word)}"; there are {", ".join(known)}')
    return known[word]
