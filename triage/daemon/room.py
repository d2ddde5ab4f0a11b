"""Room on the disk: pulling pauses before the store's disk is full, while what came in is still worked and answered."""

import shutil
from pathlib import Path

from triage import log
from triage.errors import ChannelDown
from triage.store import Store

MARGIN = 1.1
"""So much more than the least must be free again before pulling goes on: it must not flap."""


class Room:
    """How much is free where the store lies. A database server looks after its own disk."""

    def __init__(self, folder: Path | None, least: int) -> None:
        """Watch the disk of `folder`, or none; `least` is in bytes, and 0 watches nothing."""
        self._folder = folder
        self._least = least
        self._short = False

    @classmethod
    def of(cls, store: Store, least_mb: int) -> "Room":
        """Return the room of a store, at least so many megabytes of it."""
        database = store.url.database if store.dialect == "sqlite" else None
        return cls(Path(database).resolve().parent if database else None, least_mb * 1_000_000)

    def check(self, channel: str) -> None:
        """Return if there is room for more; raises `ChannelDown`, which is tried again by and by."""
        if self._is_short():
            raise ChannelDown(channel, f"paused: less than {self._least // 1_000_000} MB are free on the store's disk")

    def _is_short(self) -> bool:
        if self._folder is None or not self._least:
            return False
        free = shutil.disk_usage(self._folder).free
        short = free < self._least * (MARGIN if self._short else 1.0)
        if short and not self._short:
            log.error("disk.low", free_mb=free // 1_000_000)
        if self._short and not short:
            log.info("disk.ok", free_mb=free // 1_000_000)
        self._short = short
        return short
