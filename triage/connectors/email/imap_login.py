"""Opening an IMAP connection and logging in."""

import asyncio
import base64
import socket

from aioimaplib import aioimaplib as lib

from triage.connectors.email.imap import Session
from triage.connectors.email.imap_protocol import Protocol
from triage.connectors.email.imap_text import not_now, said
from triage.connectors.email.oauth import Tokens
from triage.connectors.email.settings import ImapServer, Settings
from triage.errors import ChannelDown, ChannelRefused


async def connect(channel: str, settings: Settings, tokens: Tokens | None) -> Session:
    """Return a logged-in session. Raises `ChannelDown`, or `ChannelRefused` for what a person must mend."""
    server = settings.imap
    wire = Protocol(asyncio.get_running_loop())
    session = Session(channel, settings, wire)
    host, port = server.at
    async with session.within(f"connecting to {host}:{port}"):
        await _open(wire, server)
    await _login(session, channel, settings, tokens, wire)
    return session


async def _open(wire: Protocol, server: ImapServer) -> None:
    host, port = server.at
    context = server.context()
    implicit = server.tls == "implicit"
    loop = asyncio.get_running_loop()
    try:
        await loop.create_connection(
            lambda: wire, host, port, ssl=context if implicit else None, server_hostname=host if implicit else None
        )
        found = wire.transport.get_extra_info("socket")
        if found is not None:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        greeted = asyncio.ensure_future(wire.wait("AUTH|NONAUTH"))
        try:
            while not greeted.done() and wire.lost is None:
                await asyncio.wait({greeted}, timeout=0.05)
        finally:
            greeted.cancel()
        if wire.lost is not None:
            raise wire.lost
        # The state changes before the library has asked what the server can do.
        await asyncio.gather(*wire.tasks)
        if not implicit:
            if "STARTTLS" not in wire.capabilities:
                raise ConnectionError("the server offers no STARTTLS")
            await wire.start_tls(context, host)
    except BaseException:
        wire.fail(ConnectionAbortedError("never opened"))
        raise


async def _login(session: Session, channel: str, settings: Settings, tokens: Tokens | None, wire: Protocol) -> None:
    if tokens is not None:
        answer = await _xoauth2(session, wire, settings.login_name, await tokens.access())
        if answer.result != "OK":
            answer = await _xoauth2(session, wire, settings.login_name, await tokens.access(fresh=True))
    else:
        password = settings.password.read() if settings.password else ""
        try:
            command = lib.Command("LOGIN", wire.new_tag(), lib.quoted(settings.login_name), lib.quoted(password))
        except ValueError:
            raise ChannelRefused(channel, "IMAP: the password holds a line break") from None
        async with session.within("logging in"):
            answer = await wire.execute(command)
    if answer.result != "OK":
        session.abort()
        kind = ChannelDown if not_now(answer) else ChannelRefused
        raise kind(channel, f"IMAP: the login of {settings.login_name} is refused: {said(answer)}")
    wire.state = lib.AUTH
    async with session.within("asking what the server can do"):
        await wire.capability()  # what the login's answer says of it, the library reads wrongly


async def _xoauth2(session: Session, wire: Protocol, user: str, token: str) -> lib.Response:
    secret = base64.b64encode(f"user={user}\1auth=Bearer {token}\1\1".encode()).decode()
    async with session.within("logging in"):
        return await wire.execute(lib.Command("AUTHENTICATE", wire.new_tag(), "XOAUTH2", secret))
