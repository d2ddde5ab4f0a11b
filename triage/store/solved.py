"""Cases that are solved, with the answer that ended them: what an agent may learn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, literal_column, select

from triage.store.tables import cases, outbox
from triage.store.written import REPLY, load

LOOKED_AT = 300
"""So many of the newest solved cases of a topic are looked at."""

_ANSWERED: ColumnElement[bool] = literal_column("status = 'resolved' AND first_answered_at IS NOT NULL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """A solved case; `resolved_at` is None for one whose time is not known."""

    id: int
    number: str
    summary: str
    language: str
    resolved_at: datetime | None


def of_topic(tx: Connection, category: str, topic: str, but: int) -> list[Solved]:
    """Return the newest solved cases of a topic that an agent answered, without one case, newest first."""
    columns = (cases.c.id, cases.c.number, cases.c.summary, cases.c.language, cases.c.resolved_at)
    query = select(*columns).where(_ANSWERED, cases.c.topic == topic, cases.c.category == category, cases.c.id != but)
    rows = tx.execute(query.order_by(cases.c.id.desc()).limit(LOOKED_AT))
    return [Solved(**row) for row in rows.mappings()]


def last_answers(tx: Connection, case_ids: Sequence[int]) -> dict[int, str]:
    """Return the last answer of an agent in each of some cases, where one was sent."""
    wanted = outbox.c.case_id.in_(case_ids), outbox.c.kind == "answer", outbox.c.state == "sent"
    rows = tx.execute(select(outbox.c.case_id, outbox.c.reply).where(*wanted).order_by(outbox.c.id))
    return {row.case_id: load(REPLY, row.reply).text.strip() for row in rows}
