"""The turns of messages in the inbox: what the rule of fairness asks the store."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, column, select, values

from triage.message import Address
from triage.rules.turns import given, line_of
from triage.store.columns import Big
from triage.store.tables import inbox

_ROUND = select(inbox.c.turn).order_by(inbox.c.turn, inbox.c.id).limit(1)
_MOST_LINES = 500
"""Lines that are asked about at once."""


def turns_of(tx: Connection, senders: Sequence[Address]) -> list[dict[str, int]]:
    """Return line and turn of each message that enters the inbox now, as values of its row, in order."""
    if not senders:
        return []
    lines = [line_of(sender) for sender in senders]
    round_ = tx.execute(_ROUND).scalar()
    last = _last(tx, sorted(set(lines))) if round_ is not None else {}
    return [{"line": line, "turn": turn} for line, turn in zip(lines, given(lines, last, round_ or 0), strict=True)]


def _last(tx: Connection, lines: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for at in range(0, len(lines), _MOST_LINES):
        found |= {row.line: row.turn for row in tx.execute(last_turns(lines[at : at + _MOST_LINES]))}
    return found


def last_turns(lines: Sequence[int]) -> Any:
    """Return the question for the last turn of each line of which something waits, however long a line is.

    One step in an index for each: asked for the greatest turn, PostgreSQL now and then reads everybody's backwards.
    """
    asked = values(column("line", Big), name="asked").data([(line,) for line in lines]).cte("asked")
    at_most = select(inbox.c.id).where(inbox.c.line <= asked.c.line).correlate(asked)
    found = at_most.order_by(inbox.c.line.desc(), inbox.c.turn.desc()).limit(1).scalar_subquery()
    last = select(asked.c.line, found.label("id")).cte("last")
    return select(inbox.c.line, inbox.c.turn).join(last, (inbox.c.id == last.c.id) & (inbox.c.line == last.c.line))
