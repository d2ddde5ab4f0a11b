"""The application on a socket, as one task of the daemon."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from triage.errors import ConfigError

CLOSING = 2
"""Seconds that requests under way get when the daemon ends; streams of live updates would never end."""


def listen(address: str) -> socket.socket:
    """Return a socket that listens on "HOST:PORT" or "[V6]:PORT"; raises `ConfigError` when that cannot be."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        made = socket.create_server((host, int(port)), family=family, backlog=512)
    except (OSError, ValueError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no address"
        raise ConfigError(f"[web] listen: {address} cannot be listened on: {reason}") from None
    # asyncio sets it only for sockets that were made with IPPROTO_TCP; without it each answer waits 40 ms for an ACK.
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made.setblocking(False)
    return made


async def serve(app: FastAPI, on: socket.socket, halt: asyncio.Event) -> None:
    """Answer requests until `halt` is set; then finish what is under way, within `CLOSING` seconds."""
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,  # addresses of agents and numbers of cases are nobody's business
            server_header=False,
            timeout_graceful_shutdown=CLOSING,
            timeout_keep_alive=30,
            limit_concurrency=1000,
            proxy_headers=True,
        )
    )
    running = asyncio.ensure_future(server.serve(sockets=[on]))
    ending = asyncio.ensure_future(halt.wait())
    try:
        await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await running
    finally:
        ending.cancel()
        on.close()


class _Server(uvicorn.Server):
    """Signals are the daemon's: it ends its tasks in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield
