"""What agents do to a case: answer it, resolve it, write a note. Page, API and command line act through here.

Each function works in the caller's transaction: the case, the reply in the outbox and the audit entry are written
together or not at all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from triage import ratings, reverting
from triage.case import Case, Entry, Note, Said, Status
from triage.desk import Desk
from triage.errors import TriageError
from triage.message import Message, Reply
from triage.rules import lifecycle, secrets
from triage.store import Tx, bounces, cases, lists, notes, outbox, regrouping, users

LONGEST = {"email": 20_000, "telegram": 4_096, "x": 10_000}
"""Characters that an answer may have, by the kind of channel; a public post on X may have `LONGEST_POST`."""

LONGEST_POST = 280
LONGEST_NOTE = 20_000


class NotAnswered(TriageError):
    """The answer was not taken; the text says why. Nothing was changed."""


class CaseMoved(NotAnswered):
    """The customer wrote again after what the agent saw. Show her the new message, then ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an agent wants to say.

    Attributes:
        text: Plain text, as it will be read.
        key: Chosen by the caller, unique for this answer: the same key twice is one answer.
        seen: The id of the newest message she saw; 0 to answer whatever came meanwhile.
        after: How long it waits before it is sent; meanwhile it can be withdrawn.
        resolve: Nothing is left to do after it.
        in_public: She knows that everybody will read it.
    """

    text: str
    key: str
    seen: int = 0
    after: timedelta = timedelta(0)
    resolve: bool = False
    in_public: bool = False


def answer(tx: Tx, desk: Desk, case_id: int, who: str, wanted: Answer, now: datetime) -> tuple[Case, Said]:
    """Queue an agent's answer on the channel of the newest message; return the case after it, and the answer.

    Raises `NoSuchCase`, `CaseMoved`, or `NotAnswered` for what cannot or must not be sent.
    """
    case = cases.locked(tx, case_id)
    key = _key(case_id, wanted.key)
    if (before := outbox.by_key(tx, key)) is not None:
        if before.text.strip() != wanted.text.strip():  # two pages of one case, or a program that counts wrong
            raise NotAnswered("another answer was given under this key: load the case again")
        return case, before
    message = _answered(tx, desk, case_id, wanted, now)
    outbox.overtake(tx, case_id, now)
    outbox.queue(tx, [_reply(desk, case, message, wanted, key, who, now)])
    if wanted.resolve:
        ratings.ask(tx, desk, case, message, now, now + wanted.after)
    said = outbox.by_key(tx, key)
    assert said is not None
    after = lifecycle.answered(case, who, now, resolve=wanted.resolve)
    values = {name: getattr(after, name) for name in (*reverting.FIELDS, "promise")}
    told = {"reply": said.id, "was": reverting.state(case), "then": reverting.state(after)}
    # An answer after an answer changes only times: it is written to the audit all the same.
    return cases.change(tx, case_id, values, who, "case.answered", now, **told), said


def preview(tx: Tx, desk: Desk, case_id: int, who: str, wanted: Answer, now: datetime) -> Reply:
    """Return an answer as it would go out, and queue nothing; raises as `answer` does."""
    case = cases.present(tx, case_id)
    message = _answered(tx, desk, case_id, wanted, now)
    return _reply(desk, case, message, wanted, _key(case_id, wanted.key), who, now)


def resolve(tx: Tx, desk: Desk, case_id: int, who: str, now: datetime) -> Case:
    """Close a case and, where the desk does so, ask how the customer liked our help; raises `NoSuchCase`."""
    before = cases.locked(tx, case_id)
    found = lists.last_message(tx, case_id)
    if found is not None and before.first_answered_at is not None and before.status is not Status.RESOLVED:
        ratings.ask(tx, desk, before, found[0], now, now)
    outbox.overtake(tx, case_id, now)
    return cases.resolve(tx, case_id, who, now)


def assign(tx: Tx, case_id: int, to: str, who: str, now: datetime) -> Case:
    """Give a case to another agent, or ("") to nobody; raises `NoSuchCase`, and as `check_works`."""
    check_works(tx, to)
    return cases.assign(tx, case_id, to, who, now)


def check_works(tx: Tx, name: str) -> None:
    """Raise `TriageError` for a name of nobody who can be given a case; "" is nobody on purpose."""
    if name and name not in users.who_work(tx):
        raise TriageError("nobody of this name works on cases")


def note(tx: Tx, desk: Desk, case_id: int, who: str, text: str, now: datetime) -> Note:
    """Write down a note for agents; secrets in it are replaced. Raises `NoSuchCase`, or `TriageError` for no text."""
    if not text.strip():
        raise TriageError("a note needs a text")
    if len(text) > LONGEST_NOTE:
        raise TriageError("a note may have %(most)s characters; this has %(n)s", most=LONGEST_NOTE, n=len(text))
    return notes.add(tx, case_id, who, secrets.redact(text, desk.guarding.own).text.strip(), now)


def history(tx: Tx, case_id: int, most: int | None = None) -> list[Entry | Said | Note]:
    """Return what was said in a case and in those merged into it, in and out, and the notes, oldest first.

    With `most` it begins with the oldest of the newest so many messages.
    """
    entries = lists.conversation(tx, case_id, most)
    found: list[Entry | Said | Note] = [*entries]
    for part in regrouping.parts(tx, case_id):
        found += [*outbox.of_case(tx, part), *notes.of_case(tx, part)]
    if len(entries) == most:
        begins = min(map(_moment, entries))
        found = [one for one in found if _moment(one) >= begins]
    return sorted(found, key=_moment)


def _moment(one: Entry | Said | Note) -> datetime:
    return one.since if isinstance(one, Entry) else one.at


def was_said(tx: Tx, case_id: int, key: str) -> bool:
    """Tell whether an answer with this key was taken before."""
    return outbox.by_key(tx, _key(case_id, key)) is not None


def _answered(tx: Tx, desk: Desk, case_id: int, wanted: Answer, now: datetime) -> Message:
    """Return the message that an answer answers; raises as `answer` does."""
    found = lists.last_message(tx, case_id)
    if found is None:
        raise NotAnswered("there is no message to answer in this case")
    message, newest = found
    if wanted.seen and newest > wanted.seen:
        raise CaseMoved("the customer wrote again since you looked: read it, then answer")
    _check(desk, message, wanted)
    since = bounces.dead_since(tx, [message.sender.key], now).get(message.sender.key)
    if since is not None and since > message.received_at:
        raise NotAnswered("mail to this address comes back since her last message: ask for another one elsewhere")
    return message


def _check(desk: Desk, message: Message, wanted: Answer) -> None:
    """Raise `NotAnswered` for an answer that cannot or must not go out."""
    longest = LONGEST_POST if message.public else LONGEST.get(message.kind, LONGEST["email"])
    checks = (
        (desk.dry_run, NotAnswered("this is a dry run ([replies] dry_run): nothing is sent")),
        (not wanted.text.strip(), NotAnswered("an answer needs a text")),
        (
            len(wanted.text) > longest,
            NotAnswered("it is too long: %(n)s characters of %(most)s", n=len(wanted.text), most=longest),
        ),
        (
            message.channel not in desk.answers_through,
            NotAnswered('nothing can be sent on the channel "%(channel)s"', channel=message.channel),
        ),
        (not message.sender.value, NotAnswered("there is no address to answer to")),
        (
            lifecycle.exposed(secrets.redact(wanted.text, desk.guarding.own).kinds),
            NotAnswered("it contains a secret, and nobody must send one"),
        ),
        (
            message.public and not wanted.in_public,
            NotAnswered("everybody would read it: confirm that it is meant to be public"),
        ),
    )
    refused = next((error for failed, error in checks if failed), None)
    if refused is not None:
        raise refused


def _reply(desk: Desk, case: Case, message: Message, wanted: Answer, key: str, who: str, now: datetime) -> Reply:
    subject = " ".join(message.subject.split()) or desk.name
    named = subject if case.number in subject else f"{subject} [{case.number}]"
    return Reply(
        key=key,
        kind="answer",
        channel=desk.answers_through[message.channel],
        to=message.sender,
        text=wanted.text.strip() + "\n",
        language=case.language,
        created_at=now,
        subject=named if named.casefold().startswith("re:") else f"Re: {named}",
        reply_to=message.reply_to,
        in_reply_to=(*message.known_as, *message.refers_to),
        case_id=case.id,
        who=who,
        not_before=now + wanted.after if wanted.after else None,
    )


def _key(case_id: int, key: str) -> str:
    return f"{case_id}:answer:{key}"
