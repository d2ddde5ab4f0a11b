"""Ready answers, each in the languages it was written in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, or_, select

from triage.errors import TriageError
from triage.rules.canned import check
from triage.store import audit, tally
from triage.store.columns import storable
from triage.store.tables import canned

MOST = 2_000
"""Ready answers of one desk, counted in every language: a page shows them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canned:
    """A ready answer in one language; `who` wrote it last."""

    name: str
    language: str
    text: str
    who: str
    at: datetime


def listing(tx: Connection) -> list[Canned]:
    """Return every ready answer, by name and language."""
    columns = (canned.c[name] for name in ("name", "language", "text", "who", "at"))
    return [Canned(**row) for row in tx.execute(select(*columns).order_by(canned.c.name, canned.c.language)).mappings()]


def save(tx: Connection, name: str, language: str, text: str, who: str, now: datetime) -> Canned:
    """Keep a ready answer in a language, in place of the one there was; raises `TriageError` when that cannot be."""
    name, text = storable(" ".join(name.split())), storable(text.replace("\r\n", "\n").strip())
    check(name, text)
    others = or_(canned.c.name != name, canned.c.language != language)
    if tx.execute(select(func.count()).select_from(canned).where(others)).scalar_one() >= MOST:
        raise TriageError("there are %(most)s ready answers already: remove one first", most=MOST)
    values = {"text": text, "who": who, "at": now}
    new = tally.upsert(tx, canned).values(name=name, language=language, **values)
    tx.execute(new.on_conflict_do_update(index_elements=["name", "language"], set_=values))
    audit.record(tx, who, "canned.saved", 0, {"name": name, "language": language}, now)
    return Canned(name=name, language=language, text=text, who=who, at=now)


def remove(tx: Connection, name: str, language: str, who: str, now: datetime) -> None:
    """Forget a ready answer in a language; raises `TriageError` when there is none."""
    gone = tx.execute(delete(canned).where(canned.c.name == storable(name), canned.c.language == storable(language)))
    if not gone.rowcount:
        raise TriageError("there is no such ready answer")
    audit.record(tx, who, "canned.removed", 0, {"name": name, "language": language}, now)
