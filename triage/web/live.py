"""Live updates: one look at the store a second for everybody, and one event to each page when something changed."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from triage.case import Role
from triage.errors import TriageError
from triage.store import lists
from triage.web.access import needs
from triage.web.front import Front

router = APIRouter()

EVERY = 1.0
"""Seconds between two looks at the store."""

KEEP_ALIVE = 20.0
"""Seconds after which a silent stream says that it lives: proxies close what says nothing."""


class Pulse:
    """Knows when something changed last; a number that grows, the same for everybody who listens."""

    def __init__(self, front: Front) -> None:
        """Look at this desk's store, but only while somebody listens."""
        self._front = front
        self._changed = asyncio.Condition()
        self._version: tuple[int, int, int] = (0, 0, 0)
        self._listeners = 0
        self._looking: asyncio.Task[None] | None = None

    async def changes(self) -> AsyncIterator[bool]:
        """Yield True whenever something changed, and False when nothing did for a while."""
        self._listeners += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            seen = self._version
            while True:
                try:
                    async with asyncio.timeout(KEEP_ALIVE), self._changed:
                        await self._changed.wait_for(lambda seen=seen: self._version != seen)  # type: ignore[misc]
                    seen = self._version
                    yield True
                except TimeoutError:
                    yield False
        finally:
            self._listeners -= 1

    async def _look(self) -> None:
        while self._listeners:
            try:
                version = await asyncio.to_thread(self._read)
            except TriageError:
                version = self._version  # the store is down: pages say so themselves when they are used
            if version != self._version:
                async with self._changed:
                    self._version = version
                    self._changed.notify_all()
            await asyncio.sleep(EVERY)

    def _read(self) -> tuple[int, int, int]:
        """Return what changes whenever something happens, or a case comes back that was put off."""
        with self._front.store.read() as tx:
            return *lists.version(tx), lists.woken(tx, self._front.clock())


@router.get("/live", name="live", dependencies=[needs(Role.READ_ONLY)])
async def stream(request: Request) -> StreamingResponse:
    """Stream server-sent events: "changed" whenever a case, a message or a reply did."""
    pulse: Pulse = request.app.state.pulse

    async def events() -> AsyncIterator[str]:
        yield "retry: 3000\n\n"
        async for changed in pulse.changes():
            yield "event: changed\ndata: .\n\n" if changed else ": .\n\n"

    return StreamingResponse(events(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
