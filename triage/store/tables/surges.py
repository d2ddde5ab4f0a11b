"""Cases that have something in common."""

from datetime import datetime

from sqlmodel import Field

from triage.store.columns import Big, Row, json, moment, numbered, of, words
from triage.store.tables.options import COMPACT, NUMBERED, some


class SignRow(Row, table=True):
    """Something by which a case could belong with others, and the hour since 1970 in which it was opened."""

    __tablename__ = "case_signs"
    __table_args__ = (COMPACT,)
    hour: int = Field(primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False})
    sign: str = words(primary_key=True)
    case_id: int = Field(primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False})
    person_id: int = Field(sa_type=Big)


class IncidentRow(Row, table=True):
    """Many cases with one cause; of one sign there is at most one at a time that is neither over nor dropped."""

    __tablename__ = "incidents"
    __table_args__ = (
        some("sign", "status IN ('proposed', 'confirmed')", "sign", table="incidents", unique=True),
        NUMBERED,
    )
    id: int = numbered()
    sign: str = words()
    title: str = words()
    status: str = words()
    count: int
    expected: float
    first_hour: int = Field(sa_type=Big)
    since: datetime = moment()
    status_at: datetime = moment()
    who: str = words()
    news: int
    texts: str = json()


class IncidentCaseRow(Row, table=True):
    """A case of an incident, or of none any more (`incident_id` NULL); `waits_for` is the news it was not told yet."""

    __tablename__ = "incident_cases"
    __table_args__ = (
        some("waiting", "waits_for IS NOT NULL", "incident_id", "case_id", table="incident_cases"),
        COMPACT,
    )
    case_id: int = of("cases.id", primary_key=True)
    incident_id: int | None = of("incidents.id", nullable=True, index=True)
    waits_for: int | None = Field(default=None, nullable=True)
