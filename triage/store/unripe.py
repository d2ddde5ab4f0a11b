"""What came so lately that it may yet turn out to be a piece of a recovery phrase: no backup of SQLite takes it along.

In the store it stands until its sender's next message tells, ten minutes at most; a backup could not be mended then.
"""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, event, select, update
from sqlalchemy.engine import URL

from triage.message import Message
from triage.rules import split_phrases
from triage.store import earlier
from triage.store.tables import inbox, messages
from triage.store.written import MESSAGE, dump, load, read_words

WITHHELD = "[left out of this backup: it may have been a part of a seed phrase]"
KIND = "possible seed phrase"


def withhold(copy: Path, now: datetime) -> None:
    """Replace such texts in a copy of a SQLite store, so that no byte of the file holds them."""
    engine = create_engine(URL.create("sqlite", database=str(copy)))
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA secure_delete=ON"))
    try:
        with engine.begin() as tx:
            found = _in_messages(tx, now) + _in_inbox(tx, now)
    finally:
        engine.dispose()
    if found:
        with closing(sqlite3.connect(copy)) as plain:
            plain.execute("VACUUM")


def _in_messages(tx: Connection, now: datetime) -> int:
    names = (messages.c.id, messages.c.case_id, messages.c.text, messages.c.redacted)
    rows = tx.execute(select(*names).where(messages.c.received_at >= now - split_phrases.WINDOW)).all()
    said = [earlier.Earlier(id=r.id, case_id=r.case_id, text=r.text, redacted=read_words(r.redacted)) for r in rows]
    doubtful = [one for one in said if split_phrases.is_doubtful(one.text)]
    earlier.replace_texts(tx, [(one, WITHHELD) for one in doubtful], KIND)
    return len(doubtful)


def _in_inbox(tx: Connection, now: datetime) -> int:
    young = select(inbox.c.id, inbox.c.message).where(inbox.c.received_at >= now - split_phrases.WINDOW)
    waiting = [(row.id, load(MESSAGE, row.message)) for row in tx.execute(young)]
    found = [(id_, message) for id_, message in waiting if split_phrases.is_doubtful(message.text)]
    for id_, message in found:
        tx.execute(update(inbox).where(inbox.c.id == id_).values(message=_without_text(message)))
    return len(found)


def _without_text(message: Message) -> str:
    return dump(MESSAGE, replace(message, text=WITHHELD), exclude_defaults=True)
