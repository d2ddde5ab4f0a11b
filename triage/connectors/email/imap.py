"""One IMAP session: plain operations, each within one deadline, errors turned into ours.

A session that missed a deadline, or whose operation was cancelled, is out of step with its server and never used
again: the connection is dropped on the spot.
"""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from aioimaplib import aioimaplib as lib

from triage.connectors.email.imap_protocol import Fetch, Protocol
from triage.connectors.email.imap_text import internal_date, items, not_now, quoted, said, uid_set
from triage.connectors.email.settings import Settings
from triage.errors import ChannelDown, ChannelRefused

_UID = re.compile(rb"[( ]UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_QUOTED_BODY = re.compile(rb'BODY\[\](?:<0>)? "((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What a folder says of itself when it is opened."""

    uid_validity: int
    uid_next: int
    read_only: bool


class Listed(NamedTuple):
    """What the server says of a mail without opening it: its bytes, and when it got it (INTERNALDATE)."""

    size: int = 0
    arrived_at: datetime | None = None


class Withheld(ChannelDown):
    """The server will not hand over some mail. The others are asked for one by one; else as `ChannelDown`."""


class TooSlow(ChannelDown):
    """The answer did not come in time; else as `ChannelDown`."""


class Session:
    """One logged-in connection."""

    def __init__(self, channel: str, settings: Settings, protocol: Protocol) -> None:
        """Wrap a protocol that is connected; use `imap_login.connect`."""
        self._channel, self._settings, self._wire = channel, settings, protocol
        self._selected = ""

    @property
    def alive(self) -> bool:
        """Tell whether the connection may still be used."""
        return self._wire.lost is None

    @property
    def can_idle(self) -> bool:
        """Tell whether the server pushes."""
        return "IDLE" in self._wire.capabilities

    def abort(self) -> None:
        """Drop the connection without a word."""
        self._wire.fail(ConnectionAbortedError("the connection was given up"))

    @contextlib.asynccontextmanager
    async def within(self, what: str) -> AsyncIterator[None]:
        """Run an operation under one deadline; whatever goes wrong ends the session."""
        try:
            async with asyncio.timeout(self._settings.imap.deadline):
                yield
        except asyncio.CancelledError:
            self.abort()
            raise
        except TimeoutError:
            self.abort()
            raise TooSlow(self._channel, f"IMAP: {what} took too long") from None
        except ssl.SSLCertVerificationError as error:
            self.abort()
            raise ChannelRefused(self._channel, f"IMAP: {what}: not to be trusted: {error.verify_message}") from None
        except (OSError, lib.AioImapException, UnicodeError) as error:
            self.abort()
            raise ChannelDown(self._channel, f"IMAP: {what}: {error}") from None

    async def _command(self, what: str, command: lib.Command) -> list[bytes]:
        """Return the lines of the answer; a refusal by the server is `ChannelDown`, for it said yes to others."""
        async with self.within(what):
            answer = await self._wire.execute(command)
        if answer.result != "OK":
            kind = Withheld if command.name == "FETCH" and not not_now(answer) else ChannelDown
            raise kind(self._channel, f"IMAP: {what}: {said(answer)}")
        lines: list[bytes] = answer.lines
        return lines

    def _new(self, name: str, *arguments: str, uid: bool = False, answer: str | None = None) -> lib.Command:
        tag, prefix = self._wire.new_tag(), "UID" if uid else None
        return lib.Command(name, tag, *arguments, prefix=prefix, untagged_resp_name=answer, loop=self._wire.loop)

    async def select(self, folder: str) -> Selected:
        """Open a folder; raises `ChannelRefused` when there is none."""
        async with self.within(f"opening {folder}"):
            answer = await self._wire.select(quoted(folder))
        if answer.result != "OK":
            kind = ChannelDown if not_now(answer) else ChannelRefused
            raise kind(self._channel, f"IMAP: the folder {folder} cannot be opened: {said(answer)}")
        self._selected = folder
        text = b"\n".join(bytes(line) for line in answer.lines)
        numbers = {name: re.search(rb"\[%s (\d+)" % name, text) for name in (b"UIDVALIDITY", b"UIDNEXT")}
        validity, following = numbers[b"UIDVALIDITY"], numbers[b"UIDNEXT"]
        return Selected(
            uid_validity=int(validity[1]) if validity else 0,
            uid_next=int(following[1]) if following else max(await self.search("ALL"), default=0) + 1,
            read_only=b"[READ-ONLY]" in text,
        )

    async def noop(self) -> None:
        """Let the server tell what changed; before that a search may not see new mail."""
        await self._command("asking for news", self._new("NOOP"))

    async def search(self, criteria: str) -> list[int]:
        """Return the UIDs that fit, ascending. Never with a CHARSET: Exchange and Yahoo refuse one."""
        lines = await self._command("searching", self._new("SEARCH", criteria, uid=True))
        return sorted({int(n) for line in lines[:-1] for n in bytes(line).split() if n.isdigit()})

    async def listed(self, uids: Sequence[int]) -> dict[int, Listed]:
        """Return size and arrival of each mail that is still there."""
        part = "(UID RFC822.SIZE INTERNALDATE)"
        command = Fetch(self._wire.new_tag(), uid_set(uids), part, prefix="UID", loop=self._wire.loop)
        asked, found = set(uids), {}
        for text, _ in items(await self._command("asking for sizes", command)):
            uid, size = _UID.search(text), _SIZE.search(text)
            if uid and size and int(uid[1]) in asked:
                found[int(uid[1])] = Listed(int(size[1]), internal_date(text))
        return found

    async def bodies(self, uids: Sequence[int], only: int = 0) -> dict[int, bytes]:
        """Return the bytes of each mail that is still there, or of its first `only` bytes; marks nothing."""
        part = f"(UID BODY.PEEK[]<0.{only}>)" if only else "(UID BODY.PEEK[])"
        command = Fetch(self._wire.new_tag(), uid_set(uids), part, prefix="UID", loop=self._wire.loop)
        asked, found = set(uids), {}
        for text, literal in items(await self._command("fetching mail", command)):
            uid, short = _UID.search(text), _QUOTED_BODY.search(text)
            body = literal if literal is not None else re.sub(rb"\\(.)", rb"\1", short[1]) if short else None
            if uid and body is not None and int(uid[1]) in asked:
                found[int(uid[1])] = body
        return found

    async def see(self, uids: Sequence[int]) -> None:
        """Mark mail as read; mail that is gone is no error."""
        store = self._new("STORE", uid_set(uids), r"+FLAGS.SILENT (\Seen)", uid=True, answer="FETCH")
        await self._command("marking mail as read", store)

    async def move(self, uids: Sequence[int], folder: str) -> None:
        """Move mail to another folder, which is made when it is missing."""
        name = quoted(folder)
        direct = "MOVE" in self._wire.capabilities
        verb = "MOVE" if direct else "COPY"
        async with self.within(f"moving mail to {folder}"):
            answer = await self._wire.execute(self._new(verb, uid_set(uids), name, uid=True))
            if answer.result != "OK" and b"TRYCREATE" in answer.lines[-1]:
                await self._wire.execute(self._new("CREATE", name))
                answer = await self._wire.execute(self._new(verb, uid_set(uids), name, uid=True))
        if answer.result != "OK":
            raise ChannelRefused(self._channel, f"IMAP: mail cannot be moved to {folder}: {said(answer)}")
        if not direct:
            gone = self._new("STORE", uid_set(uids), r"+FLAGS.SILENT (\Seen \Deleted)", uid=True, answer="FETCH")
            await self._command("removing moved mail", gone)
            if "UIDPLUS" in self._wire.capabilities:
                await self._command("removing moved mail", self._new("EXPUNGE", uid_set(uids), uid=True))

    async def idle(self, seconds: float) -> None:
        """Return when the server says that something came, or after `seconds`."""
        command = lib.IdleCommand(self._wire.new_tag(), self._wire.idle_queue, loop=self._wire.loop)
        running = asyncio.ensure_future(self._wire.execute(command))
        try:
            async with self.within("starting IDLE"):
                begun = asyncio.ensure_future(self._wire.wait_for_idle_response())
                try:
                    await asyncio.wait({running, begun}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    begun.cancel()
                if running.done():
                    answer = running.result()
                    raise ConnectionError(f"the server ended it: {said(answer)}")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._pushed()
            async with self.within("ending IDLE"):
                self._wire.idle_done()
                await running
            while not self._wire.idle_queue.empty():
                self._wire.idle_queue.get_nowait()
        except BaseException:
            self.abort()
            raise
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await running

    async def _pushed(self) -> None:
        while True:
            lines = await self._wire.idle_queue.get()
            if isinstance(lines, Exception):
                raise ChannelDown(self._channel, f"IMAP: waiting for mail: {lines}")
            if any(line.endswith((b" EXISTS", b" RECENT")) for line in lines):
                return

    async def close(self) -> None:
        """Take leave, in a moment or not at all; never raises."""
        if self.alive:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(1):
                    await self._wire.logout()
        self.abort()
