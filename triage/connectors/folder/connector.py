"""The reader of a drop folder."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from triage.connectors import LONGEST_SILENCE, Batch
from triage.connectors.folder.files import Item, read_file
from triage.errors import ChannelDown, ChannelRefused, SendRefused, SendUnknown
from triage.message import Reply, Sent, Unreadable

_BATCH = 100
_PARTIAL = (".tmp", ".part", ".partial", ".swp", "~")
Stamp = tuple[int, int]
"""Size and time of the last change: as long as both stay, a file is the same file."""


class Settings(BaseModel):
    """A folder that files are dropped into, or a Maildir."""

    model_config = ConfigDict(extra="forbid")

    path: Path = Field(description="The folder.")
    pattern: str = Field("*", description="Which files are read; the name's end tells what they hold.")
    mark: Literal["done", "nothing"] = Field(
        "done",
        description="What happens to a file once it is stored: it moves to the folder done/ (in a Maildir to cur/, as "
        "seen), or it stays.",
    )
    every: float = Field(5.0, gt=0, le=LONGEST_SILENCE, description="Seconds between two looks.")
    settle: float = Field(1.0, ge=0, description="Seconds a file must be unchanged before it is read.")
    own_addresses: tuple[str, ...] = Field((), description="Addresses at which mail in the folder was written to us.")
    answers_through: str | None = Field(None, description="The channel that sends the replies; none by default.")


class Folder:
    """One folder. It reads files oldest first and never writes but to move them."""

    kind = "folder"

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Name the channel and its folder; nothing is opened yet."""
        self.name = name
        self.answers_through = settings.answers_through or ""
        self._settings = settings
        self._clock, self._sleep = clock, sleep
        self._finished: dict[Path, Stamp] = {}
        self._own = frozenset(address.lower() for address in settings.own_addresses)

    async def messages(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield what the files hold; the cursor is a place within a file.

        Without marking, a restart reads every file again: the store knows the messages by their ids.
        """
        started = _Place.of(cursor)
        while True:
            found = False
            paths = await asyncio.to_thread(self._files)
            filled = self._filled(paths, started)
            while (batch := await asyncio.to_thread(next, filled, None)) is not None:
                found = True
                yield Batch(items=tuple(batch.items), cursor=batch.place.cursor)
                for path, stamp in batch.finished:
                    self._mark(path, stamp)
            if not found:
                yield Batch()
                await self._sleep(self._settings.every)

    def _filled(self, paths: list[Path], started: "_Place") -> Iterator["_Filled"]:
        """Yield the items of the files in batches that reach over files: a transaction for each mail would be slow."""
        now = datetime.fromtimestamp(self._clock(), UTC)
        batch = _Filled()
        for path in paths:
            stamp = _stamp(path)
            if stamp is None:
                continue
            done = started.items if (started.file, started.stamp) == (path.name, stamp) else 0
            for item in self._items(path, stamp, now, done):
                done += 1
                batch.items.append(item)
                batch.place = _Place(path.name, stamp, done)
                if len(batch.items) >= _BATCH:
                    yield batch
                    batch = _Filled(place=batch.place)
            batch.finished.append((path, stamp))
        if batch.finished:
            yield batch

    def _items(self, path: Path, stamp: Stamp, now: datetime, skip: int) -> Iterator[Item]:
        try:
            yield from read_file(path, channel=self.name, received_at=now, own=self._own, skip=skip)
        except FileNotFoundError:
            return
        except OSError as error:
            yield Unreadable(
                channel=self.name,
                kind="folder",
                external_id=f"{path.name}/{stamp[0]}/{stamp[1]}",
                received_at=now,
                original=str(path).encode("utf-8", "replace"),
                why=f"the file {path.name} cannot be read: {error.strerror}",
            )

    def _files(self) -> list[Path]:
        """Return the files that wait, oldest first."""
        folder = self._settings.path
        try:
            maildir = (folder / "new").is_dir() and (folder / "cur").is_dir()
            places = [folder / "new", folder / "cur"] if maildir else [folder]
            found = [Path(entry) for place in places for entry in os.scandir(place) if entry.is_file()]
        except FileNotFoundError:
            raise ChannelDown(self.name, f"the folder {folder} is not there") from None
        except OSError as error:
            raise ChannelRefused(self.name, f"the folder {folder} cannot be read: {error.strerror}") from None
        waiting = [(_stamp(path), path) for path in found if self._wanted(path)]
        settled = self._clock() - self._settings.settle
        # What somebody took away is forgotten: a folder that nothing is moved out of lives for years.
        self._finished = known = {p: self._finished[p] for p in found if p in self._finished}
        ready = [(s[1], p) for s, p in waiting if s and s[1] <= settled * 1e9 and known.get(p) != s]
        return [path for _, path in sorted(ready)]

    def _wanted(self, path: Path) -> bool:
        if path.name.startswith(".") or path.name.endswith(_PARTIAL):
            return False
        seen_in_maildir = path.parent.name == "cur" and "S" in path.name.partition(":2,")[2]
        return fnmatch(path.name, self._settings.pattern) and not seen_in_maildir

    def _mark(self, path: Path, stamp: Stamp) -> None:
        if _stamp(path) != stamp:
            return  # it grew while we read: it is read again, and only what is new counts
        if self._settings.mark == "nothing" or not os.access(path, os.R_OK):
            self._finished[path] = stamp
            return
        try:
            _move(path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise ChannelRefused(self.name, f"{path.name} cannot be moved: {error.strerror}") from None

    async def send(self, reply: Reply) -> Sent:
        """Raise: a folder takes no replies."""
        raise SendRefused(self.name, f"a folder cannot send {reply.key}; answers_through names a channel that can")

    async def find_sent(self, reply: Reply) -> Sent | None:
        """Raise: a folder never sent anything."""
        raise SendUnknown(self.name, f"a folder cannot tell what became of {reply.key}")

    async def check(self) -> str:
        """Return how many files wait."""
        waiting = await asyncio.to_thread(self._files)
        if self._settings.mark == "done" and not os.access(self._settings.path, os.W_OK):
            raise ChannelRefused(self.name, f"files cannot be moved: {self._settings.path} is not writable")
        return f"{self._settings.path}: {len(waiting)} files wait"

    async def close(self) -> None:
        """Nothing is held open between two looks."""


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a file was read."""

    file: str = ""
    stamp: Stamp = (0, 0)
    items: int = 0

    @classmethod
    def of(cls, cursor: str | None) -> "_Place":
        try:
            file, size, changed, items = json.loads(cursor or "")
            return cls(str(file), (int(size), int(changed)), int(items))
        except (ValueError, TypeError):
            return cls()

    @property
    def cursor(self) -> str:
        return json.dumps([self.file, *self.stamp, self.items])


@dataclass(slots=True)
class _Filled:
    """What goes into one batch, and the files that are at their end with it."""

    items: list[Item] = field(default_factory=list)
    finished: list[tuple[Path, Stamp]] = field(default_factory=list)
    place: _Place = _Place()


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _move(path: Path) -> None:
    """Put a file where stored ones go: a Maildir's into cur/ as seen, any other into done/ without replacing one."""
    if path.parent.name in {"new", "cur"} and (path.parent.parent / "cur").is_dir():
        base, _, flags = path.name.partition(":2,")
        path.rename(path.parent.parent / "cur" / f"{base}:2,{''.join(sorted({*flags, 'S'}))}")
        return
    done = path.parent / "done"
    done.mkdir(exist_ok=True)
    target, count = done / path.name, 0
    while target.exists():
        count += 1
        target = done / f"{path.stem}-{count}{path.suffix}"
    path.rename(target)
