"""aioimaplib's protocol with the traps of version 2.0.3 closed, by subclassing only.

Each override says what it mends; all were reproduced against a real server. Nothing here knows about Triage.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any

from aioimaplib import aioimaplib as lib

LONGEST_LINE = 32 * 1024 * 1024  # the answer to a search is one line: of three million mails this long
LONGEST_LITERAL = 64 * 1024 * 1024
# A status line that ends in "{5}" is text, not a literal.
_STATUS = re.compile(rb"(?:\*|\+|[A-Z0-9]+) (?:OK|NO|BAD|BYE|PREAUTH)\b")


class Fetch(lib.FetchCommand):  # type: ignore[misc]
    """FETCH that does not look through all its lines again for each new one."""

    def wait_data(self) -> bool:
        """Tell whether the answer goes on: within a literal, or on the line behind it."""
        return bool(self.wait_literal_data() or (self._resp_lines and isinstance(self._resp_lines[-1], bytearray)))


class Protocol(lib.IMAP4ClientProtocol):  # type: ignore[misc]
    """The wire. A connection that is lost wakes everybody who waits on it."""

    transport: Any
    state: str
    capabilities: set[str]
    incomplete_line: bytes
    current_command: lib.Command | None
    pending_sync_command: lib.Command | None
    pending_async_commands: dict[str, lib.Command]

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Prepare for one connection."""
        super().__init__(loop)
        self.lost: Exception | None = None
        self.greeting = b""
        self._plain_is_over = False

    def data_received(self, d: bytes) -> None:
        """Take bytes; the library's own writes each of them into a log line first, though nobody logs."""
        if self._plain_is_over:
            # Somebody on the way puts words in front of the encryption (CVE-2021-33515 and its kind).
            self.fail(ConnectionError("the server talks on after STARTTLS"))
            return
        try:
            self._handle_responses(self.incomplete_line + d, self._handle_line, self.current_command)
            self.incomplete_line, self.current_command = b"", None
        except lib.IncompleteRead as rest:
            self.current_command, self.incomplete_line = rest.cmd, rest.data
            if len(self.incomplete_line) > LONGEST_LINE:
                self.fail(ConnectionError("the server sends a line without end"))
        except lib.AioImapException as error:
            self.fail(ConnectionError(f"the server answers out of step: {error}"))

    def _handle_responses(
        self, data: bytes, line_handler: Callable[..., Any], current_cmd: lib.Command | None = None
    ) -> None:
        """Walk over the lines in a loop; the library's own recurses, and dies of 1,000 lines in one read."""
        at = 0
        while at < len(data):
            if current_cmd is not None and current_cmd.wait_literal_data():
                at = self._take_literal(data, at, current_cmd)
                continue
            end = data.find(b"\r\n", at)
            if end < 0:
                raise lib.IncompleteRead(current_cmd, data[at:])
            line, at = data[at:end], end + 2
            current_cmd = self._take_line(line, line_handler, current_cmd)
            if self._plain_is_over and at < len(data):
                raise lib.Abort("it talks on after STARTTLS")
        if self.pending_sync_command is not None:
            self.pending_sync_command.flush()
        if current_cmd is not None and current_cmd.wait_data():
            raise lib.IncompleteRead(current_cmd)

    def _take_line(
        self, line: bytes, line_handler: Callable[..., Any], current_cmd: lib.Command | None
    ) -> lib.Command | None:
        command = line_handler(line, current_cmd)
        literal = lib.literal_data_re.match(line)
        if literal and not _STATUS.match(line):
            size = int(literal["size"])
            if size > LONGEST_LITERAL:
                raise lib.Abort(f"a literal of {size} bytes")
            command = lib.Command("NIL", "unused") if command is None else command
            command.begin_literal_data(size)
            return command
        return command if command is not None and command.wait_data() else None

    @staticmethod
    def _take_literal(data: bytes, at: int, command: lib.Command) -> int:
        # The library has no public count of what is missing.
        missing: int = command._expected_size - len(command._resp_literal_data)  # noqa: SLF001
        command.append_literal_data(data[at : at + missing])
        if command.wait_literal_data():
            raise lib.IncompleteRead(command)
        return at + missing

    def _handle_line(self, line: bytes, current_cmd: lib.Command | None) -> lib.Command | None:
        if self.state == lib.CONNECTED and not self.greeting:
            # The library's greeting fails inside a task nobody looks at: a BYE would be waited out.
            self.greeting = line
            if b"BYE" in line[:6]:
                self.fail(ConnectionError("the server refuses the session"))
                return None
        command: lib.Command | None = super()._handle_line(line, current_cmd)
        return command

    def _untagged_response(self, line: bytes) -> lib.Command | None:
        """Hand an untagged line to the command it is for; the library's own removes every "* " inside it too."""
        text = line[2:]
        if self.pending_sync_command is not None:
            self.pending_sync_command.append_to_resp(text)
            return self.pending_sync_command
        message = lib.message_data_re.match(text)
        name, rest = (message[1], text) if message else (text.partition(b" ")[0], text.partition(b" ")[2])
        command = self.pending_async_commands.get(name.decode("ascii", "replace").upper())
        if command is not None:
            command.append_to_resp(rest)
            return command
        command = self.pending_async_commands.get("NOOP")
        if command is not None:
            command.append_to_resp(text)
        return command

    def _response_done(self, line: bytes) -> None:
        command = self.pending_sync_command
        super()._response_done(line)
        if command is not None and command.name == "STARTTLS" and command.response.result == "OK":
            self._plain_is_over = True

    def _continuation(self, line: bytes) -> None:
        """Answer a refused XOAUTH2 with the empty line it waits for; without it the refusal never comes."""
        command = self.pending_sync_command
        if command is not None and command.name == "AUTHENTICATE":
            command.append_to_resp(line)
            self.transport.write(b"\r\n")
            return
        super()._continuation(line)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake everybody who waits; the library lets them sit out their timeouts."""
        error = self.lost or ConnectionResetError("the server closed the connection" if exc is None else str(exc))
        self.lost = error
        waiting = [*self.pending_async_commands.values()]
        if self.pending_sync_command is not None:
            waiting.append(self.pending_sync_command)
        self.pending_async_commands.clear()
        self.pending_sync_command = None
        for command in waiting:  # the library has no public way to fail one
            command._timer.cancel()  # noqa: SLF001
            command._exception = error  # noqa: SLF001
            command._event.set()  # noqa: SLF001
        self.idle_queue.put_nowait(error)
        super().connection_lost(exc)

    def fail(self, error: Exception) -> None:
        """Give the connection up for `error`."""
        self.lost = self.lost or error
        if self.transport is not None:
            self.transport.abort()

    async def execute(self, command: lib.Command, scrub: str | None = None) -> lib.Response:  # noqa: ARG002
        """Send one command and return its answer; on a connection that is lost it fails at once."""
        if self.lost is not None:
            raise self.lost
        return await super().execute(command)

    def send(self, line: str, scrub: str | None = None) -> None:  # noqa: ARG002 - the library's name
        """Write one line. Never logged: passwords and tokens go this way."""
        self.transport.write(line.encode() + b"\r\n")

    async def start_tls(self, context: Any, hostname: str) -> None:
        """Encrypt the connection and ask again what the server can do: what it said before may be anybody's."""
        answer = await self.execute(lib.Command("STARTTLS", self.new_tag(), loop=self.loop))
        if answer.result != "OK":
            raise ConnectionError("the server refuses STARTTLS")
        transport = await self.loop.start_tls(self.transport, self, context, server_hostname=hostname)
        self.transport, self._plain_is_over = transport, False
        await self.capability()
