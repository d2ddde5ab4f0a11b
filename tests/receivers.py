"""Somebody who hears webhooks: a real server on this machine, and what it was told.

receiver.answers    statuses, or functions of a connection, one for each request; then 204
receiver.told       what it took or refused, each with its headers and its body
"""

import asyncio
import contextlib
import json
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from triage.webhooks import new_secret

SECRET = new_secret(b"s" * 32)
OLD_SECRET = new_secret(b"o" * 32)

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Told:
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Receiver:
    port: int = 0
    answers: deque[int | bytes | Reply] = field(default_factory=deque)
    told: list[Told] = field(default_factory=list)
    always: int = 204
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def types(self) -> list[str]:
        return [one.event["type"] for one in self.told]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self.serving.add(task)
        try:
            await self.answer(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()
            self.serving.discard(task)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:]
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head if line)}
            body = await reader.readexactly(int(headers["content-length"]))
            self.told.append(Told(headers, body))
            answer = self.answers.popleft() if self.answers else self.always
            if callable(answer):
                await answer(writer)
            else:
                writer.write(answer if isinstance(answer, bytes) else f"HTTP/1.1 {answer} Said\r\n\r\n".encode())
                await writer.drain()


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await asyncio.wait_for(asyncio.gather(*receiver.serving, return_exceptions=True), 10)
