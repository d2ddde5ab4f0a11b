"""Full-text search over what customers wrote, secrets replaced: FTS5 on SQLite, a GIN index of tsvectors on PostgreSQL.

`triage.rules.search_words` cuts texts and questions into words for both, so that both find the same. The index is
written by the transaction that writes the message. It holds no text: only words and their places.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, text

from triage.case import Entry
from triage.rules.search_words import Phrase, index_words, phrases
from triage.store.tables import messages

NEWEST = 2_000
"""Matching messages that are looked at, newest first: a word that everybody writes must not cost a second."""

_ADD = {
    "sqlite": "INSERT INTO message_words (rowid, words) VALUES (:id, :words)",
    "postgresql": "INSERT INTO message_words (message_id, words) VALUES (:id, CAST(:words AS tsvector))",
}
_REMOVE = {
    # A contentless table must be told what it held.
    "sqlite": "INSERT INTO message_words (message_words, rowid, words) VALUES ('delete', :id, :words)",
    "postgresql": "DELETE FROM message_words WHERE message_id = :id AND CAST(:words AS text) IS NOT NULL",
}
_FIND = {
    "sqlite": "SELECT rowid FROM message_words WHERE message_words MATCH :question ORDER BY rowid DESC LIMIT :most",
    "postgresql": "SELECT message_id FROM message_words WHERE words @@ CAST(:question AS tsquery) "
    "ORDER BY message_id DESC LIMIT :most",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found.

    Attributes:
        case_ids: The cases of the newest matching messages, in no order.
        all: False when older messages match too, beyond the `NEWEST`.
    """

    case_ids: tuple[int, ...]
    all: bool


def add(tx: Connection, entries: Sequence[tuple[int, Entry]]) -> None:
    """Index messages by their ids."""
    rows = [{"id": id_, "words": _written(tx, index_words(text_of(entry)))} for id_, entry in entries]
    if rows:
        tx.execute(text(_ADD[tx.dialect.name]), rows)


def replace(tx: Connection, message_id: int, was: str, now: str) -> None:
    """Index a message anew whose text changed; both as `text_of` gives them."""
    for statement, words in ((_REMOVE, was), (_ADD, now)):
        values = {"id": message_id, "words": _written(tx, index_words(words))}
        tx.execute(text(statement[tx.dialect.name]), values)


def find(tx: Connection, question: str) -> Found | None:
    """Return the cases whose messages contain what is asked for; None for a question without words."""
    wanted = phrases(question)
    if not wanted:
        return None
    asked = (_fts5 if tx.dialect.name == "sqlite" else _tsquery)(wanted)
    ids = list(tx.execute(text(_FIND[tx.dialect.name]), {"question": asked, "most": NEWEST + 1}).scalars())
    of = select(messages.c.case_id).where(
        messages.c.id.in_(bindparam("ids", expanding=True)), messages.c.case_id.is_not(None)
    )
    found = tx.execute(of, {"ids": ids[:NEWEST]}).scalars() if ids else ()
    return Found(case_ids=tuple(set(found)), all=len(ids) <= NEWEST)


def text_of(entry: Entry) -> str:
    """Return what an entry is found by: its sender, subject and text."""
    sender = entry.sender.partition(":")[2]
    return "\n".join((entry.subject, entry.text, sender, entry.sender_name, *entry.attachments))


def _written(tx: Connection, words: Sequence[str]) -> str:
    """Return words as the index takes them; they are letters and digits only, so nothing needs quoting."""
    if tx.dialect.name == "sqlite":
        return " ".join(words)
    places: dict[str, list[str]] = {}
    for place, word in enumerate(words, 1):
        places.setdefault(word, []).append(str(place))
    # PostgreSQL keeps 256 places of a word.
    return " ".join(f"{word}:{','.join(at[:256])}" for word, at in places.items())


def _fts5(wanted: Sequence[Phrase]) -> str:
    return " AND ".join(f'"{" ".join(one.words)}"{"*" if one.beginning else ""}' for one in wanted)


def _tsquery(wanted: Sequence[Phrase]) -> str:
    return " & ".join(f"({' <-> '.join(one.words)}{':*' if one.beginning else ''})" for one in wanted)
