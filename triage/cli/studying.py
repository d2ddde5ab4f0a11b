"""Reading and judging files in other processes: what costs the time of an import needs no store.

A chunk is a handful of small files, or a part of a large one. Each process makes its own desk and judge, once.
"""

import gc
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from triage import pipeline
from triage.classifier import Judge
from triage.cli.terminal import judge_of
from triage.connectors.folder import read_file
from triage.desk import Desk
from triage.message import Message, Unreadable
from triage.pipeline import Prepared
from triage.settings import Settings

Item = Message | Unreadable

BATCH = 128
"""Messages that are studied together, and settled in one transaction."""

WORTH_IT = 400
"""Files from which other processes are worth their start."""

SMALL = 256 * 1024
"""Bytes up to which a file holds a mail or two, and can be read elsewhere."""

AHEAD = 3
"""Chunks per process that are studied before the first of them is settled."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some messages: still in their files, or read already.

    Attributes:
        files: Small files, each read whole by whoever studies the chunk.
        items: What was read from a large file.
    """

    files: tuple[Path, ...] = ()
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Student:
    """Turns chunks into prepared messages, in whichever process it is."""

    desk: Desk
    judge: Judge
    channel: str
    now: datetime

    def read(self, chunk: Chunk) -> list[Item]:
        """Return the messages of a chunk, in order; raises `OSError` for a file that cannot be read."""
        items = list(chunk.items)
        for path in chunk.files:
            items += read_file(path, channel=self.channel, received_at=self.now, own=self.desk.own.addresses)
        return items

    def study(self, chunk: Chunk) -> list[Prepared | Unreadable]:
        """Return the messages of a chunk, guarded, read and judged, in order."""
        return pipeline.study(self.desk, self.judge, self.read(chunk))


_student: Student | None = None


def _learn(settings: Settings, channel: str, now: datetime) -> None:
    global _student  # noqa: PLW0603 - one for each process
    _student = Student(desk=Desk.from_settings(settings), judge=judge_of(settings), channel=channel, now=now)
    pipeline.warm_up(_student.desk, _student.judge)


def _study(chunk: Chunk) -> list[Prepared | Unreadable]:
    if _student is None:
        raise RuntimeError("this process was not set up")
    return _student.study(chunk)


@contextmanager
def students(settings: Settings, channel: str, now: datetime) -> Iterator[ProcessPoolExecutor]:
    """Run one process for each core; they end with the block."""
    gc.freeze()  # this process will settle what they study: it need not look through all that is loaded for garbage
    context = get_context("forkserver")
    # What the fork server has loaded, it has loaded for all of them, time and memory.
    context.set_forkserver_preload(["triage.cli.learned"])
    with ProcessPoolExecutor(
        os.cpu_count() or 1, mp_context=context, initializer=_learn, initargs=(settings, channel, now)
    ) as pool:
        yield pool


def studied_in_order(
    pool: ProcessPoolExecutor, chunks: Iterable[Chunk]
) -> Iterator[tuple[Chunk, Future[list[Prepared | Unreadable]]]]:
    """Yield each chunk with its outcome, in the order of the chunks, a few of them always under way."""
    stream, ahead = iter(chunks), AHEAD * (os.cpu_count() or 1)
    under_way = [(chunk, pool.submit(_study, chunk)) for chunk in islice(stream, ahead)]
    while under_way:
        yield under_way.pop(0)
        under_way += [(chunk, pool.submit(_study, chunk)) for chunk in islice(stream, 1)]


def chunks_of(files: Iterable[Path], large: Iterable[Item]) -> Iterator[Chunk]:
    """Yield small files together, then the messages of the large ones, `BATCH` at a time."""
    stream = iter(files)
    while some := tuple(islice(stream, BATCH)):
        yield Chunk(files=some)
    items = iter(large)
    while batch := tuple(islice(items, BATCH)):
        yield Chunk(items=batch)
