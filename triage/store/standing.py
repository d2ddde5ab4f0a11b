"""Where a case stands in the list, as people count: first, second, third."""

from datetime import datetime

from sqlalchemy import Connection, func, select, tuple_

from triage.case import Case, Status
from triage.store.lists import Filters, filtered
from triage.store.tables import cases

MOST = 200
"""So many cases are counted before one: whoever stands behind more only waits."""


def standing(tx: Connection, case: Case, now: datetime) -> int:
    """Return the place of a case among all that wait, 1 for the first, up to `MOST` + 1; 0: it does not wait."""
    if case.status is not Status.OPEN or (case.snoozed_until is not None and case.snoozed_until > now):
        return 0
    before = filtered(tx, select(cases.c.id), Filters(awake_at=now))
    before = before.where(tuple_(cases.c.order_key, cases.c.id) < (case.place.order_key, case.id)).limit(MOST)
    return 1 + int(tx.execute(select(func.count()).select_from(before.subquery())).scalar_one())
