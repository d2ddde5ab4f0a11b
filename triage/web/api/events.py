"""What happens, as server-sent events: each once, in order, and after an interruption from where the program was."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query, Request
from fastapi.responses import StreamingResponse

from triage.case import Role
from triage.store import events
from triage.store.events import Event, Place
from triage.web.access import caller_of, needs
from triage.web.api.shapes import told
from triage.web.front import Front, TheFront
from triage.web.live import Pulse

router = APIRouter(responses=told(401, 403), tags=["read"])
STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "The events."}
}


@router.get(
    "/events",
    operation_id="streamEvents",
    dependencies=[needs(Role.READ_ONLY)],
    response_class=StreamingResponse,
    responses=STREAM,
)
async def stream(
    request: Request,
    front: TheFront,
    after: Annotated[str, Query(description="The id of the last event that was read; without it, from now on.")] = "",
    follow: Annotated[bool, Query(description="Wait for more; else the answer ends with what there is.")] = True,
    last_event_id: Annotated[str, Header(description="As `after`; browsers and clients send it by themselves.")] = "",
) -> StreamingResponse:
    """Stream messages and actions as they are written.

    The name is the event; its data are JSON: `number` of the case, `who`, `channel`, `at`. No word of a customer is
    among them. `id` is where to go on from.
    """
    asked = last_event_id or after
    place = events.place_of(asked) if asked else await asyncio.to_thread(_newest, front)
    if place is None:
        raise HTTPException(422, "there is no such event")
    pulse: Pulse | None = request.app.state.pulse if follow else None
    body = _body(request, front, place, pulse)
    return StreamingResponse(body, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _body(request: Request, front: Front, place: Place, pulse: Pulse | None) -> AsyncIterator[str]:
    yield f"retry: 3000\nid: {place}\n\n"
    async for changed in _looks(pulse):
        # Who may sign in no more is told nothing more, however long ago the stream began.
        while await asyncio.to_thread(caller_of, request, front):
            found = await asyncio.to_thread(_since, front, place)
            if not found:
                break
            yield "".join(map(_written, found))
            place = found[-1].place
        else:
            return
        if not changed:
            yield ": .\n\n"


async def _looks(pulse: Pulse | None) -> AsyncIterator[bool]:
    """Yield whenever it is time to look: at once, then as the pulse goes, False when it only says that it lives."""
    yield True
    if pulse is not None:
        async for changed in pulse.changes():
            yield changed


def _written(event: Event) -> str:
    data = {"number": event.number, "who": event.who, "channel": event.channel, "at": event.at.isoformat()}
    return f"id: {event.place}\nevent: {event.name}\ndata: {json.dumps(data)}\n\n"


def _since(front: Front, place: Place) -> list[Event]:
    with front.store.read() as tx:
        return events.since(tx, place)


def _newest(front: Front) -> Place:
    with front.store.read() as tx:
        return events.newest(tx)
