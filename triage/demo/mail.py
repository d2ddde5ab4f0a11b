"""A real IMAP server (pymap) and a real SMTP server (aiosmtpd) on loopback, with TLS, for the demonstration.

Customers' mail goes in by SMTP, as from the internet: the server stamps it with `Received` and
`Authentication-Results` and puts it into the desk's mailbox, where the IMAP connector finds it. What the desk
sends comes back by the same server, after STARTTLS and a login, and is kept in `received`.
"""

import asyncio
import contextlib
import ssl
from argparse import Namespace
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message as Mail
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer
from pymap.interfaces.backend import BackendInterface
from pymap.parsing.message import AppendMessage
from pysasl.hashing import BuiltinHash

HOST = "127.0.0.1"
MX = "mx.wallet.example"


@dataclass(kw_only=True)  # no slots: aiosmtpd lists the handler's members, which Debian's Python 3.11.2 refuses then
class MailServers:
    """The running pair.

    Attributes:
        received: What the desk sent: (recipient, mail), in order.
    """

    address: str
    password: str
    ca_file: Path
    imap_port: int = 0
    smtp_port: int = 0
    received: list[tuple[str, Mail]] = field(default_factory=list)
    on_sent: Callable[[str, Mail], None] | None = None
    _mailbox: Any = None

    async def deliver(self, raw: bytes) -> None:
        """Put one customer's mail into the desk's mailbox, stamped as our own mail server would."""
        sender = parseaddr(str(message_from_bytes(raw).get("From", "")))[1]
        domain = sender.rpartition("@")[2] or "unknown.example"
        now = datetime.now(UTC)
        stamp = (
            f"Return-Path: <{sender}>\r\n"
            f"Authentication-Results: {MX}; dmarc=pass header.from={domain}\r\n"
            f"Received: from mail.{domain} by {MX} with ESMTPS; {format_datetime(now)}\r\n"
        )
        await self._mailbox.append(AppendMessage(stamp.encode("ascii", "replace") + raw, now, frozenset()))

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take one mail: from a logged-in desk to a customer, or from anybody to the desk."""
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        for recipient in envelope.rcpt_tos:
            if recipient.casefold() == self.address:
                await self.deliver(raw)
            elif session.authenticated:
                mail = message_from_bytes(raw)
                self.received.append((recipient, mail))
                if self.on_sent is not None:
                    self.on_sent(recipient, mail)
            else:
                return "550 5.7.1 relaying denied"
        return "250 2.0.0 queued"

    def authenticate(self, *_: object) -> AuthResult:
        """Check the desk's login (aiosmtpd hands over server, session, envelope, mechanism, credentials)."""
        given = _[-1]
        good = (
            isinstance(given, LoginPassword)
            and given.login == self.address.encode()
            and given.password == self.password.encode()
        )
        return AuthResult(success=good, handled=False)


def plain_header(mail: Mail, name: str) -> str:
    """Return a header of a mail as people read it."""
    return str(make_header(decode_header(str(mail.get(name, "")))))


@asynccontextmanager
async def mail_servers(folder: Path, address: str, password: str) -> AsyncIterator[MailServers]:
    """Run both servers until the block ends; their certificate authority is written to `folder`."""
    authority = trustme.CA()
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST, "localhost").configure_cert(tls)
    servers = MailServers(address=address, password=password, ca_file=ca_file)
    async with AsyncExitStack() as stack:
        servers.imap_port = await _imap(stack, tls, servers)
        servers.smtp_port = await _smtp(stack, tls, servers)
        yield servers


async def _imap(stack: AsyncExitStack, tls: ssl.SSLContext, servers: MailServers) -> int:
    options = Namespace(
        debug=False, host=HOST, port="0", cert=None, key=None, tls=False, passlib_cfg=None, proxy_protocol=None,
        inherited_sockets=None, demo_data=False, demo_user=servers.address, demo_password=servers.password,
    )  # fmt: skip
    backend: BackendInterface
    # A password of one demonstration guards nothing: hashed as a real one, each login would cost a quarter of a second.
    backend, config = await DictBackend.init(options, hash_context=BuiltinHash(rounds=1))
    config.apply_context()
    await backend.start(stack)
    identity = backend.login.demo_user_identity
    session = await stack.enter_async_context(identity.new_session())
    servers._mailbox = await session.mailbox_set.get_mailbox("INBOX")  # noqa: SLF001 - its own maker
    callback = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
    server = await asyncio.start_server(callback, HOST, 0, ssl=tls)
    stack.push_async_callback(_close, server)
    return int(server.sockets[0].getsockname()[1])


async def _smtp(stack: AsyncExitStack, tls: ssl.SSLContext, servers: MailServers) -> int:
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(
            servers,
            hostname=MX,
            tls_context=tls,
            authenticator=servers.authenticate,
            auth_require_tls=True,
            loop=loop,
        )

    server = await loop.create_server(session, HOST, 0)
    stack.push_async_callback(_close, server)
    return int(server.sockets[0].getsockname()[1])


async def _close(server: asyncio.Server) -> None:
    server.close()
    with contextlib.suppress(TimeoutError):
        # Connections of clients that are still open must not hold up the end.
        async with asyncio.timeout(1):
            await server.wait_closed()
