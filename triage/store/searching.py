"""Full-text search over what customers wrote, secrets replaced: FTS5 on SQLite, a GIN index of tsvectors on PostgreSQL.

`triage.rules.search_words` cuts texts and questions into words for both, so that both find the same. The index is
written by the transaction that writes the message. It holds no text: only words and their places.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, any_, func, literal, select, text

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
_FIND_SQLITE = "SELECT rowid FROM message_words WHERE message_words MATCH :question ORDER BY rowid DESC LIMIT :most"
_VOCABULARY = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.message_terms USING fts5vocab ('main', 'message_words', 'instance')"
)
# Each step looks for the first term that is not before the last one with the least character after it.
_BEGUN = (
    "WITH RECURSIVE begun (term) AS ("
    "SELECT (SELECT term FROM message_terms WHERE term >= :word LIMIT 1) UNION ALL "
    "SELECT (SELECT v.term FROM message_terms v WHERE v.term >= begun.term || '0' LIMIT 1) FROM begun "
    "WHERE begun.term < :end) SELECT term FROM begun WHERE term < :end LIMIT :most"
)
_WALK = (
    "SELECT message_id FROM message_words WHERE words @@ CAST(:question AS tsquery) "
    "AND message_id > (SELECT max(message_id) - :back FROM message_words) ORDER BY message_id DESC LIMIT :most"
)
_BY_WORDS = (
    "WITH found AS MATERIALIZED (SELECT message_id FROM message_words WHERE words @@ CAST(:question AS tsquery)) "
    "SELECT message_id FROM found ORDER BY message_id DESC LIMIT :most"
)
INDEXED_BEGINNING = 3
"""Characters; SQLite's index has the beginnings of this length too."""

FEW_TERMS = 32
"""Words with one beginning that SQLite is asked for one by one; for more, and for a beginning, it collects all rows."""

WALKED, MOST_WALKED = 10_000, 60_000
"""Newest messages that PostgreSQL reads one by one before it asks its index: at first, and for a frequent word."""


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


def find(tx: Connection, question: str) -> tuple[int, ...] | None:
    """Return the cases whose messages contain what is asked for, in no order; None for a question without words.

    Of the messages that match only the `NEWEST` are looked at.
    """
    wanted = phrases(question)
    if not wanted:
        return None
    asked = _fts5(tx, wanted) if tx.dialect.name == "sqlite" else _tsquery(wanted)
    ids = (_newest_sqlite if tx.dialect.name == "sqlite" else _newest_postgresql)(tx, asked)
    these = among(tx, messages.c.id, ids[:NEWEST])
    if tx.dialect.name == "postgresql":
        these = messages.c.id == any_(literal(ids[:NEWEST], ARRAY(BigInteger)))  # neighbours: one walk, few pages
    of = select(messages.c.case_id).where(these, messages.c.case_id.is_not(None))
    found = tx.execute(of).scalars() if ids else ()
    return tuple(set(found))


def text_of(entry: Entry) -> str:
    """Return what an entry is found by: its sender, subject and text."""
    sender = entry.sender.partition(":")[2]
    return "\n".join((entry.subject, entry.text, sender, entry.sender_name, *entry.attachments))


def _newest_sqlite(tx: Connection, asked: str) -> list[int]:
    return list(tx.execute(text(_FIND_SQLITE), {"question": asked, "most": NEWEST + 1}).scalars())


def _newest_postgresql(tx: Connection, asked: str) -> list[int]:
    """Return the ids of the newest matching messages, at most one more than `NEWEST`, newest first.

    The planner cannot know how many begin with some letters, and takes a fiftieth: it walks through all messages for a
    rare word, or collects all of them for a frequent one. So the newest are walked through first; how many match there
    tells which way the rest is found.
    """
    given: dict[str, Any] = {"question": asked, "most": NEWEST + 1}
    found = list(tx.execute(text(_WALK), given | {"back": WALKED}).scalars())
    wanted = WALKED * 3 * NEWEST // (2 * len(found)) if found else 0
    if len(found) <= NEWEST and 0 < wanted <= MOST_WALKED:
        found = list(tx.execute(text(_WALK), given | {"back": wanted}).scalars())
    return found if len(found) > NEWEST else list(tx.execute(text(_BY_WORDS), given).scalars())


def among(tx: Connection, column: Any, ids: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition that a column is one of many numbers, which are sent as one value.

    They are a list to be looked up one by one. PostgreSQL took `= ANY` for what an index in another order could be
    sifted by, and read all hundred thousand open cases of it to find two thousand.
    """
    if tx.dialect.name == "sqlite":
        each = func.json_each(json.dumps(list(ids))).table_valued("value")
        one: ColumnElement[bool] = column.in_(select(each.c.value))
    else:
        one = column.in_(select(func.unnest(literal(list(ids), ARRAY(BigInteger)))))
    return one


def _written(tx: Connection, words: Sequence[str]) -> str:
    """Return words as the index takes them; they are letters and digits only, so nothing needs quoting."""
    if tx.dialect.name == "sqlite":
        return " ".join(words)
    places: dict[str, list[str]] = {}
    for place, word in enumerate(words, 1):
        places.setdefault(word, []).append(str(place))
    # PostgreSQL keeps 256 places of a word.
    return " ".join(f"{word}:{','.join(at[:256])}" for word, at in places.items())


def _fts5(tx: Connection, wanted: Sequence[Phrase]) -> str:
    return " AND ".join(f"({_fts5_phrase(tx, one)})" for one in wanted)


def _fts5_phrase(tx: Connection, one: Phrase) -> str:
    """Return a phrase as FTS5 is asked for it.

    Of a beginning it collects every row before it gives the newest, however few are wanted; of whole words it gives
    them one by one. So a beginning is asked for as the words that begin so, unless its length has an index of its own.
    """
    if not one.beginning:
        return f'"{" ".join(one.words)}"'
    *before, last = one.words
    terms = [] if len(last) == INDEXED_BEGINNING else _begun(tx, last)
    if not 0 < len(terms) <= FEW_TERMS:
        return f'"{" ".join(one.words)}"*'
    return " OR ".join(f'"{" ".join((*before, term))}"' for term in terms)


def _begun(tx: Connection, word: str) -> list[str]:
    """Return the words of the index that begin so, at most one more than `FEW_TERMS`."""
    tx.execute(text(_VOCABULARY))
    given = {"word": word, "end": f"{word}\U0010ffff", "most": FEW_TERMS + 1}
    return list(tx.execute(text(_BEGUN), given).scalars())


def _tsquery(wanted: Sequence[Phrase]) -> str:
    return " & ".join(f"({' <-> '.join(one.words)}{':*' if one.beginning else ''})" for one in wanted)
