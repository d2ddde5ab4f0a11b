"""Full-text search over messages; those that are there are indexed now, about a minute for a million."""

import json

import sqlalchemy as sa
from alembic import op

from triage.rules.search_words import index_words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

AT_ONCE = 1_000


def upgrade() -> None:
    op.create_index("ix_cases_number", "cases", ["number"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE message_words USING fts5 (words, content='', tokenize='ascii', prefix='3')")
        add = "INSERT INTO message_words (rowid, words) VALUES (:id, :words)"
    else:
        op.execute(
            "CREATE TABLE message_words (message_id bigint PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE, "
            "words tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_message_words_words ON message_words USING gin (words)")
        add = "INSERT INTO message_words (message_id, words) VALUES (:id, CAST(:words AS tsvector))"
    _fill(sa.text(add))


def _fill(add: sa.TextClause) -> None:
    tx, last = op.get_bind(), 0
    some = sa.text(
        "SELECT id, subject, text, sender, sender_name, attachments FROM messages WHERE id > :last ORDER BY id LIMIT :n"
    )
    while rows := tx.execute(some, {"last": last, "n": AT_ONCE}).all():
        tx.execute(add, [{"id": row.id, "words": _words(row, tx.dialect.name)} for row in rows])
        last = rows[-1].id


def _words(row: sa.Row, dialect: str) -> str:  # type: ignore[type-arg]
    said = (row.subject, row.text, row.sender.partition(":")[2], row.sender_name, *json.loads(row.attachments))
    words = index_words("\n".join(said))
    if dialect == "sqlite":
        return " ".join(words)
    places: dict[str, list[str]] = {}
    for place, word in enumerate(words, 1):
        places.setdefault(word, []).append(str(place))
    return " ".join(f"{word}:{','.join(at[:256])}" for word, at in places.items())
