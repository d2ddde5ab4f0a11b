"""What an import brings, in chunks, and how they are studied in other processes, in order."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, islice
from pathlib import Path

from triage.classifier import Judge
from triage.connectors import Item
from triage.connectors.folder import UnreadFile
from triage.desk import Desk
from triage.settings import Settings
from triage.students import Students, Studied, prepare_server
from triage.studying import look_for_garbage_seldom

BATCH = 128
"""Files or messages that are studied together, and settled in one transaction."""

WORTH_IT = 400
"""Files from which other processes are worth their start."""

SMALL = 256 * 1024
"""Bytes up to which a file holds a mail or two, and can be read elsewhere."""

AHEAD = 3
"""Chunks per process that are studied before the first of them is settled."""

Chunk = tuple[Item, ...]


def unread(files: Iterable[Path], channel: str, now: datetime, desk: Desk) -> Iterator[UnreadFile]:
    """Yield small files, each to be read whole by whoever studies it."""
    for path in files:
        yield UnreadFile(path=path, channel=channel, received_at=now, own=desk.own.addresses)


def chunks_of(files: Iterable[Item], large: Iterable[Item]) -> Iterator[Chunk]:
    """Yield small files together, then the messages of the large ones, `BATCH` at a time."""
    stream, items = iter(files), iter(large)
    some = iter(lambda: tuple(islice(stream, BATCH)), ())
    return chain(some, iter(lambda: tuple(islice(items, BATCH)), ()))


@contextmanager
def students(settings: Settings, judge: Judge) -> Iterator[Students]:
    """Run one process for each core; they end with the block."""
    look_for_garbage_seldom()  # this process will settle what they study
    prepare_server()
    those = Students(settings, judge, os.cpu_count() or 1)
    try:
        yield those
    finally:
        those.close()


def studied_in_order(those: Students, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, "Future[Studied] | None"]]:
    """Yield each chunk with its outcome, in the order of the chunks, a few of them always under way.

    Where the processes died the rest has none: it is to be studied here.
    """
    stream, ahead = iter(chunks), AHEAD * (os.cpu_count() or 1)
    under_way = [(chunk, _begun(those, chunk)) for chunk in islice(stream, ahead)]
    while under_way:
        yield under_way.pop(0)
        under_way += [(chunk, _begun(those, chunk)) for chunk in islice(stream, 1)]


def _begun(those: Students, chunk: Chunk) -> "Future[Studied] | None":
    try:
        return those.study(chunk)
    except BrokenExecutor:
        return None
