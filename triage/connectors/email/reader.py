"""The way of mail from an IMAP account into batches."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from triage.connectors import Batch
from triage.connectors.email.appetite import BEGINNING, Appetite
from triage.connectors.email.cursor import Cursor, Place
from triage.connectors.email.imap import Listed, Selected, Session, TooSlow, Withheld
from triage.connectors.email.imap_text import uid_set
from triage.connectors.email.settings import Settings
from triage.connectors.email.signatures import Signatures
from triage.connectors.mime import LARGEST, UnreadMail
from triage.errors import ChannelRefused
from triage.message import Unreadable

_MOST_MAILS = 200
_MOST_AT_ONCE = 5000  # UIDs; the rest is found again in the next round


class Reader:
    """Reads the folders of one account in turn, for as long as one session lasts."""

    def __init__(
        self,
        channel: str,
        settings: Settings,
        session: Session,
        now: Callable[[], datetime],
        signatures: Signatures | None = None,
        appetite: Appetite | None = None,
    ) -> None:
        """Read by a session that is logged in; `signatures` checks DKIM where the settings say so.

        `appetite` remembers from session to session how much the line carries.
        """
        self._channel, self._settings, self._session, self._now = channel, settings, session, now
        self._selected = self._tag = ""
        self._more = False
        self._signatures = signatures or Signatures()
        self._appetite = appetite or Appetite()

    async def batches(self, text: str | None) -> AsyncGenerator[Batch, None]:
        """Yield what came after the cursor `text`, for ever. Mail is marked once the batch that holds it is stored."""
        cursor = Cursor.of(text).of_account(self._settings.account)
        self._tag, first = cursor.tag, True
        if text and str(cursor) != text:
            yield Batch(cursor=str(cursor))
        while True:
            self._more = False
            for folder in self._settings.folders:
                place = await self._enter(folder, cursor.places.get(folder), reconcile=first)
                if place != cursor.places.get(folder):
                    cursor = cursor.at(folder, place)
                    yield Batch(cursor=str(cursor))
                async with contextlib.aclosing(self._groups(folder, place)) as groups:
                    async for last, items in groups:
                        cursor = cursor.at(folder, replace(place, uid=last))
                        yield Batch(items=tuple(items), cursor=str(cursor))
            first = False
            yield Batch()
            if not self._more:
                await self._wait()

    async def _groups(
        self, folder: str, place: Place
    ) -> AsyncGenerator[tuple[int, list[UnreadMail | Unreadable]], None]:
        """Yield new mail in groups, each with its last UID; marked once the group is stored.

        The next group is fetched meanwhile: who stores this one works, and the server waits.
        """
        groups = await self._new(place)
        ahead: asyncio.Task[list[UnreadMail | Unreadable]] | None = None
        try:
            for at, (uids, listed) in enumerate(groups, 1):
                items = await (ahead or self._read(folder, place, uids, listed))
                following = self._read(folder, place, *groups[at]) if at < len(groups) else None
                ahead = asyncio.create_task(following) if following else None
                yield uids[-1], items
                if ahead is not None:
                    await asyncio.wait({ahead})
                await self._mark(uids)
        finally:
            if ahead is not None:
                ahead.cancel()
                await asyncio.gather(ahead, return_exceptions=True)

    async def _enter(self, folder: str, place: Place | None, *, reconcile: bool) -> Place:
        """Open a folder and return our place in it, found anew when its UIDs are no longer the ones we knew."""
        if folder == self._selected and place is not None:
            await self._session.noop()
            return place
        found = await self._session.select(folder)
        self._selected = folder
        if found.read_only and self._settings.mark != "nothing":
            raise ChannelRefused(self._channel, f'IMAP: {folder} is read-only; it needs mark = "nothing"')
        if place is None:
            return await self._begin(found, self._settings.start)
        if place.validity != found.uid_validity:
            return await self._begin(found, date.fromisoformat(place.since) if place.since else "all")
        if reconcile:
            await self._reconcile(place)
        return place

    async def _begin(self, found: Selected, start: date | Literal["now", "all"]) -> Place:
        last = found.uid_next - 1
        since = ""
        if start == "now":
            since = self._now().date().isoformat()
        elif start == "all":
            last = 0
        else:
            # A day earlier: the server's day may be another one than ours.
            day = start - timedelta(days=1)
            since = start.isoformat()
            recent = await self._session.search(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}")
            last = min(recent, default=found.uid_next) - 1
        return Place(validity=found.uid_validity, uid=last, first=last, since=since)

    async def _reconcile(self, place: Place) -> None:
        """Mark what was stored before a crash kept us from marking it."""
        if self._settings.mark == "nothing" or place.uid <= place.first:
            return
        # A server without MOVE and UIDPLUS keeps what was moved, marked as deleted.
        left = "UNSEEN" if self._settings.mark == "seen" else "UNDELETED"
        found = await self._session.search(f"UID {place.first + 1}:{place.uid} {left}")
        # "5:2" is "2:5" to IMAP, so what comes back is checked.
        await self._mark([uid for uid in found if place.first < uid <= place.uid])

    async def _new(self, place: Place) -> list[tuple[list[int], Mapping[int, Listed]]]:
        """Return the UIDs of new mail, oldest first, in groups that fit into memory, and what is said of them."""
        # "7:*" is the last mail even when that is 5.
        uids = [uid for uid in await self._session.search(f"UID {place.uid + 1}:*") if uid > place.uid]
        self._more = self._more or len(uids) > _MOST_AT_ONCE
        uids = uids[:_MOST_AT_ONCE]
        listed: dict[int, Listed] = {}
        for at in range(0, len(uids), _MOST_MAILS):
            listed |= await self._session.listed(uids[at : at + _MOST_MAILS])
        return [(group, listed) for group in _groups(uids, listed, self._appetite.most)]

    async def _read(
        self, folder: str, place: Place, uids: list[int], listed: Mapping[int, Listed]
    ) -> list[UnreadMail | Unreadable]:
        """Return the mail of one group; mail that was removed meanwhile is left out, whatever is withheld is not."""
        about = {uid: listed.get(uid, Listed()) for uid in uids}
        large = {uid for uid in uids if self._appetite.is_too_big(about[uid].size)}
        try:
            raws = await self._bodies([uid for uid in uids if uid not in large])
            for uid in large:
                raws |= await self._bodies([uid], only=BEGINNING)
        except TooSlow:
            self._appetite.too_much()
            raise
        self._appetite.enough()
        whole = {uid: raw for uid, raw in raws.items() if uid not in large}
        signed = await self._signatures.signers(whole) if self._settings.check_dkim else {}
        missing = [uid for uid in uids if uid not in raws]
        withheld = set(await self._session.search(f"UID {uid_set(missing)}")) if missing else set()
        items: list[UnreadMail | Unreadable] = []
        for uid in uids:
            name = f"{self._tag}{folder}/{place.validity}/{uid}"
            if uid in raws:
                size, arrived_at = about[uid] if uid in large else about[uid]._replace(size=0)
                unread = self._unread(name, raws[uid], size)
                items.append(replace(unread, signed_by=signed.get(uid, ()), arrived_at=arrived_at))
            elif uid in withheld:
                items.append(self._withheld(name))
        return items

    async def _bodies(self, uids: list[int], only: int = 0) -> dict[int, bytes]:
        """Return the bytes of mail; one mail that the server cannot read does not keep back the others."""
        try:
            return await self._session.bodies(uids, only) if uids else {}
        except Withheld:
            if len(uids) == 1:
                return {}
        found: dict[int, bytes] = {}
        for uid in uids:
            found |= await self._bodies([uid], only)
        return found

    def _unread(self, name: str, raw: bytes, size: int) -> UnreadMail:
        own, now = self._settings.own, self._now()
        return UnreadMail(raw=raw, channel=self._channel, external_id=name, received_at=now, own=own, size=size)

    def _withheld(self, name: str) -> Unreadable:
        return Unreadable(
            channel=self._channel,
            kind="email",
            external_id=name,
            received_at=self._now(),
            original=f"(still on the mail server as {name})".encode(),
            why="the mail server does not hand this mail over",
        )

    async def _mark(self, uids: list[int]) -> None:
        for at in range(0, len(uids), _MOST_MAILS):
            if self._settings.mark == "seen":
                await self._session.see(uids[at : at + _MOST_MAILS])
            elif self._settings.mark != "nothing":
                await self._session.move(uids[at : at + _MOST_MAILS], self._settings.mark.partition(":")[2])

    async def _wait(self) -> None:
        """Return at a push to the first folder, or when it is time to look everywhere."""
        if self._selected != self._settings.folders[0]:
            await self._session.select(self._settings.folders[0])
            self._selected = self._settings.folders[0]
        if self._session.can_idle:
            await self._session.idle(self._settings.poll)
        else:
            await asyncio.sleep(self._settings.poll)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _groups(uids: list[int], listed: Mapping[int, Listed], most: int) -> list[list[int]]:
    """Return the UIDs in runs of at most so many bytes together."""
    groups: list[list[int]] = [[]]
    held = 0
    for uid in uids:
        size = min(listed.get(uid, Listed()).size, LARGEST)
        if groups[-1] and (held + size > most or len(groups[-1]) >= _MOST_MAILS):
            groups.append([])
            held = 0
        groups[-1].append(uid)
        held += size
    return groups if groups[0] else []


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)
