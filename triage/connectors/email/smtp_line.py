"""One connection to a sending server, stage by stage, so that it is always known whether a mail can have gone out."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator

import aiosmtplib as lib

from triage.connectors.email.addresses import wire
from triage.connectors.email.oauth import Tokens
from triage.connectors.email.settings import Settings, SmtpServer
from triage.errors import ChannelDown, ChannelRefused, SendLater, SendRefused, SendUnknown
from triage.message import Reply

_IDLE = 20.0  # seconds after which a connection is not trusted to be still there
_CLOSING = 421  # what a server says before it hangs up


class Gone(ChannelDown):
    """The server hung up."""


class Line:
    """One connection to the sending server; one mail at a time."""

    def __init__(self, channel: str, settings: Settings, server: SmtpServer, tokens: Tokens | None) -> None:
        """Connect to nothing yet."""
        self._channel, self._settings, self._server, self._tokens = channel, settings, server, tokens
        self._client: lib.SMTP | None = None
        self._used = 0.0
        self._clean = True

    async def announce(self, reply: Reply, to: str) -> None:
        """Say from whom and to whom: until here nothing can have gone out."""
        kept = await self._ready()
        try:
            await self._envelope(reply, to)
        except Gone:
            if not kept:
                raise
            # The server had closed the connection meanwhile, as many do after so many mails.
            await self._ready()
            await self._envelope(reply, to)

    async def _envelope(self, reply: Reply, to: str) -> None:
        client = self._open
        envelope = self._settings.address if reply.kind == "answer" else self._settings.bounce_address
        options = [] if to.isascii() else ["SMTPUTF8"]
        if options and not client.supports_extension("smtputf8"):
            raise SendRefused(self._channel, f"SMTP: the server cannot send to {reply.to.key}: it has no SMTPUTF8")
        self._clean = False
        with self._stage("announcing the mail"):
            async with self._within():
                try:
                    await client.mail(envelope, options=options, encoding="utf-8")
                except lib.SMTPSenderRefused as error:
                    if error.code < 500:
                        raise
                    why = f"the sender {envelope or '<> (set bounce_address)'} is refused: {_said(error)}"
                    raise ChannelRefused(self._channel, f"SMTP: {why}") from None
                await self._recipients(client, to)

    async def _recipients(self, client: lib.SMTP, to: str) -> None:
        try:
            await client.rcpt(to, encoding="utf-8")
        except lib.SMTPRecipientRefused as error:
            if error.code == _CLOSING:
                raise
            raise self._not_taken("the recipient is refused", error) from None
        if not self._settings.bcc_self:
            return
        try:
            await client.rcpt(self._settings.address, encoding="utf-8")
        except lib.SMTPRecipientRefused as error:
            if error.code < 500:
                raise
            # The customer's address was taken: nothing is wrong with the reply.
            why = f"our copy is refused: {_said(error)}; make room for it, or set bcc_self = false"
            raise ChannelRefused(self._channel, f"SMTP: {why}") from None

    def _not_taken(self, what: str, error: lib.SMTPResponseException) -> SendLater | SendRefused:
        """Return what a refusal of this one reply means: later perhaps (4xx), or never."""
        kind = SendLater if error.code < 500 else SendRefused
        return kind(self._channel, f"SMTP: {what}: {_said(error)}")

    async def hand_over(self, raw: bytes, known_as: tuple[str, ...]) -> None:
        """Hand over the mail itself: whoever falls silent here may have taken it."""
        client = self._open
        try:
            async with self._within():
                await client.data(raw)
        except lib.SMTPDataError as error:
            if error.code == _CLOSING:  # it hangs up: before or behind the queue, nobody can tell
                self.drop()
                raise SendUnknown(self._channel, f"SMTP: broke off: {_said(error)}", known_as) from None
            raise self._not_taken("the mail is refused", error) from None
        except (lib.SMTPException, OSError, TimeoutError) as error:
            self.drop()
            raise SendUnknown(self._channel, f"SMTP: no answer after the mail: {_line(error)}", known_as) from None
        self._used, self._clean = asyncio.get_running_loop().time(), True

    @property
    def _open(self) -> lib.SMTP:
        """Return the client; raises `ChannelDown` when it was closed behind our back (the process ends)."""
        if self._client is None:
            raise ChannelDown(self._channel, "SMTP: the connection is closed")
        return self._client

    async def _ready(self) -> bool:
        """Connect, unless the last connection is still good; return whether it is."""
        client, idle = self._client, asyncio.get_running_loop().time() - self._used
        if client is not None and client.is_connected and idle < _IDLE:
            if self._clean:
                return True
            with contextlib.suppress(lib.SMTPException, OSError, TimeoutError):
                async with self._within():
                    await client.rset()
                self._clean = True
                return True
        self.drop()
        self._client = await self._login()
        self._used, self._clean = asyncio.get_running_loop().time(), True
        return False

    async def _login(self) -> lib.SMTP:
        host, port = self._server.at
        implicit = self._server.tls == "implicit"
        client = lib.SMTP(
            hostname=host,
            port=port,
            timeout=None,  # `_within` is the deadline, of each stage as a whole; a timer for each answer is dear
            use_tls=implicit,
            start_tls=not implicit,  # never None: that would stay plain where the server offers nothing
            tls_context=self._server.context(),
            local_hostname=wire(self._settings.address).rpartition("@")[2],
        )
        self._client = client
        with self._stage(f"connecting to {host}:{port}"):
            async with self._within():
                await client.connect()
        if self._server.login:
            with self._stage("logging in"):
                async with self._within():
                    await self._authenticate(client)
        return client

    async def _authenticate(self, client: lib.SMTP) -> None:
        user = self._settings.login_name
        if self._tokens is None:
            await client.login(user, self._settings.password.read() if self._settings.password else "")
            return
        try:
            await client.auth_xoauth2(user, await self._tokens.access())
        except lib.SMTPAuthenticationError:
            await client.auth_xoauth2(user, await self._tokens.access(fresh=True))

    @contextlib.asynccontextmanager
    async def _within(self) -> AsyncIterator[None]:
        """Run under one deadline; a dialogue that was cut short is out of step and its connection is dropped."""
        try:
            async with asyncio.timeout(self._server.deadline):
                yield
        except (TimeoutError, asyncio.CancelledError):
            self.drop()
            raise

    @contextlib.contextmanager
    def _stage(self, what: str) -> Iterator[None]:
        """Turn the library's errors before DATA into ours: nothing went out."""
        try:
            yield
        except lib.SMTPAuthenticationError as error:
            self.drop()
            kind = ChannelDown if error.code < 500 else ChannelRefused
            raise kind(self._channel, f"SMTP: {what}: the login is refused: {_said(error)}") from None
        except (lib.SMTPException, OSError, TimeoutError) as error:
            self.drop()
            raise self._before_data(what, error) from None

    def _before_data(self, what: str, error: Exception) -> ChannelDown | ChannelRefused:
        cause = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
        line = f"SMTP: {what}: {_line(cause)}"
        if isinstance(cause, ssl.SSLCertVerificationError) or "STARTTLS extension not supported" in str(error):
            return ChannelRefused(self._channel, line)
        if isinstance(error, lib.SMTPNotSupported) or "No suitable authentication" in str(error):
            return ChannelRefused(self._channel, line)
        hung_up = not isinstance(error, lib.SMTPResponseException) or error.code == _CLOSING
        return (Gone if hung_up else ChannelDown)(self._channel, line)

    async def check(self) -> str:
        """Log in, take leave, and return one line of what was found."""
        await self._ready()
        used = self._settings.login_name if self._server.login else "no login"
        size = self._open.esmtp_extensions.get("size") or "unlimited"
        await self.leave()
        return f"{self._server.host} sends ({used}, SIZE {size})"

    async def leave(self) -> None:
        """Take leave of the server, in a moment or not at all."""
        if self._client is not None and self._client.is_connected:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(1):
                    await self._client.quit()
        self.drop()

    def drop(self) -> None:
        """Close the connection without a word."""
        if self._client is not None:
            self._client.close()
        self._client = None


def _said(error: lib.SMTPResponseException) -> str:
    return f"{error.code} {' '.join(error.message.split())}"[:200]


def _line(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"not to be trusted: {error.verify_message}"
    if isinstance(error, TimeoutError) and not str(error):
        return "it took too long"
    return " ".join(str(error).split())[:200] or type(error).__name__
