"""The question how a customer liked our help, at most once a case; what she says to it `triage.rules.rating` knows."""

from datetime import datetime, timedelta

from triage.case import Case
from triage.desk import Desk
from triage.message import Message
from triage.rules import rating
from triage.store import Tx, outbox

AFTER = timedelta(minutes=10)
"""So long after a case was resolved is its customer asked: first she reads the answer."""


def ask(tx: Tx, desk: Desk, case: Case, message: Message, now: datetime, resolved: datetime) -> None:
    """Queue the question to who wrote a message of a case; never in public, and nothing where the desk does not ask."""
    if not desk.asks_rating or case.rating or not desk.may_speak_first(message):
        return
    due = resolved + AFTER
    question = desk.reply(
        message,
        "rating",
        key=_key(case.id),
        language=case.language,
        now=now,
        facts={"number": case.number, "taps": rating.TAPS if message.kind == "telegram" else ""},
        case_id=case.id,
        not_before=desk.quiet_until(due) or due,
    )
    outbox.queue(tx, [question], withheld=desk.dry_run)


def take_back(tx: Tx, case_id: int, now: datetime) -> None:
    """Withdraw the question of a case that is not resolved after all, if it was not sent yet."""
    if (question := outbox.by_key(tx, _key(case_id))) is not None:
        outbox.withdraw(tx, question.id, now)


def _key(case_id: int) -> str:
    return f"{case_id}:rating"
