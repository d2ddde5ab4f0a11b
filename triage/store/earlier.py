"""What a sender said a moment ago: asked when pieces of a secret may belong together, and changed if they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from triage.case import Entry
from triage.rules.lifecycle import without_words
from triage.store import searching
from triage.store.columns import Moment
from triage.store.engine import overwriting
from triage.store.rows import entry_of
from triage.store.tables import cases, messages
from triage.store.written import VERDICT, dump, load, read_words, words

__all__ = ["Earlier", "overwriting", "replace_texts", "said"]

MOST_LOOKED_AT = 5_000
"""Messages of everybody, newest first, among which the sender's are looked for."""


# Nothing is stored before it is received: what came since then was stored since then.
_NEWEST = (
    select(messages.c.id, messages.c.case_id, messages.c.sender, messages.c.received_at)
    .where(messages.c.stored_at >= bindparam("since", type_=Moment))
    .order_by(messages.c.stored_at.desc(), messages.c.id.desc())
    .limit(MOST_LOOKED_AT)
    .subquery()
)
_SAID = (
    select(messages.c.id, messages.c.case_id, messages.c.text, messages.c.redacted)
    .join(_NEWEST, _NEWEST.c.id == messages.c.id)
    .where(_NEWEST.c.sender == bindparam("of"), _NEWEST.c.received_at >= bindparam("since", type_=Moment))
    .order_by(messages.c.id.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A stored message, as far as it matters here."""

    id: int
    case_id: int | None
    text: str
    redacted: tuple[str, ...]


def said(tx: Connection, sender: str, since: datetime, limit: int) -> list[Earlier]:
    """Return what an address (`Address.key`) said since then, oldest first, at most the last `limit` messages."""
    rows = tx.execute(_SAID, {"of": sender, "since": since, "most": limit}).all()
    return [Earlier(id=r.id, case_id=r.case_id, text=r.text, redacted=read_words(r.redacted)) for r in reversed(rows)]


def replace_texts(tx: Connection, changed: Sequence[tuple[Earlier, str]], kind: str) -> None:
    """Give stored messages other texts, and their cases other summaries: they held a part of a secret of this kind."""
    for one, text in changed:
        row = tx.execute(select(messages.c.new_text, messages.c.original).where(messages.c.id == one.id)).one()
        kinds = words(tuple(dict.fromkeys((*one.redacted, kind))))
        values = {"text": text, "redacted": kinds, "new_text": None if row.new_text is None else text}
        values["original"] = row.original.replace(_in_json(one.text), _in_json(text))
        before = _entry(tx, one.id)
        values["verdict"] = None if before.verdict is None else dump(VERDICT, without_words(before.verdict))
        tx.execute(update(messages).where(messages.c.id == one.id).values(**values))
        searching.replace(tx, one.id, searching.text_of(before), searching.text_of(_entry(tx, one.id)))
        if one.case_id:
            _case(tx, one.case_id, text)


def _case(tx: Connection, case_id: int, text: str) -> None:
    """Say in a case's summary what is left of a text, and take the words out of its verdict: any piece made them."""
    verdict = load(VERDICT, tx.execute(select(cases.c.verdict).where(cases.c.id == case_id)).scalar_one())
    values = {"summary": " ".join(text.split())[:120], "verdict": dump(VERDICT, without_words(verdict))}
    tx.execute(update(cases).where(cases.c.id == bindparam("of")).values(**values), {"of": case_id})


def _entry(tx: Connection, message_id: int) -> Entry:
    return entry_of(tx.execute(select(messages).where(messages.c.id == message_id)).one())


def _in_json(text: str) -> str:
    return words((text,))[2:-2]
