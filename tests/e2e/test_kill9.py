"""`kill -9` at every place where something could be lost or done twice, on both databases.

The daemon is `triage run` with the real mail and Telegram connectors. The servers and the customers live in this
process, so they survive it and know what really arrived. Between two lives nothing is cleaned.
"""

import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from crowd import Crowd
from lives import Life, Nursery
from sqlalchemy import select

from triage.case import Disposition
from triage.connectors.email import Email
from triage.connectors.telegram import Telegram
from triage.demo.mail import mail_servers
from triage.demo.telegram_api import TelegramApi
from triage.failpoints import NAMES
from triage.store import Store, lists
from triage.store.tables import outbox

KILLS = int(os.environ.get("TRIAGE_KILLS", "110"))
"""Kills at failpoints on each database; a fifth at each place. Kills at any moment come on top."""

ANY_TIME, TERM = "any time", "SIGTERM"
ADDRESS = "support@wallet.example"
LATE = 10.0

pytestmark = pytest.mark.slow


@dataclass
class Tally:
    """What was done to the daemon, and what came of it."""

    seed: int
    ends: Counter[str] = field(default_factory=Counter)
    unreached: Counter[str] = field(default_factory=Counter)
    slowest_end: float = 0.0


@pytest.mark.parametrize("database", [
    pytest.param("sqlite", marks=pytest.mark.xdist_group("kill9-sqlite")),
    pytest.param("postgresql", marks=pytest.mark.xdist_group("kill9-postgresql")),
])  # fmt: skip
async def test_nothing_is_lost_or_doubled_wherever_the_process_is_killed(database, request, tmp_path):
    store: Store = request.getfixturevalue({"sqlite": "sqlite_store", "postgresql": "postgres_store"}[database])
    seed = int(os.environ.get("TRIAGE_SEED", random.SystemRandom().randrange(10**6)))
    tally, chance = Tally(seed), random.Random(seed)
    began = time.monotonic()
    async with _desk(tmp_path, store, chance) as (crowd, nursery):
        for name, nth in _plan(chance):
            await _live(nursery, crowd, tally, name, nth, chance)
        await _drain(nursery, crowd, tally, store)
    line = _reckon(store, crowd, tally)
    took = time.monotonic() - began
    print(f"kill -9 on {database}: {line} ({took:.0f} s, seed {seed})")  # shown by `pytest -rP`


def _plan(chance: random.Random) -> list[tuple[str, int]]:
    """Return what each life is to die of; the moment of a kill "at any time" is drawn when it comes."""
    plan = [(name, chance.choice((1, 1, 1, 2, 3))) for name in NAMES for _ in range(KILLS // len(NAMES))]
    plan += [(ANY_TIME, 0)] * (KILLS // 5) + [(TERM, 0)] * (KILLS // 20)
    chance.shuffle(plan)
    return plan


@asynccontextmanager
async def _desk(folder: Path, store: Store, chance: random.Random) -> AsyncIterator[tuple[Crowd, Nursery]]:
    telegram = TelegramApi()
    (folder / "key").write_text("the key of the case numbers in this test")
    (folder / "password").write_text("not a secret")
    (folder / "token").write_text(telegram.token)
    async with mail_servers(folder, ADDRESS, "not a secret") as mail:
        config = folder / "triage.toml"
        config.write_text(
            _CONFIG.format(
                store=store.url.render_as_string(hide_password=False),
                address=ADDRESS,
                imap=mail.imap_port,
                smtp=mail.smtp_port,
                ca_file=mail.ca_file,
                telegram=await telegram.start(),
            )
        )
        try:
            async with Nursery(config, folder / "log") as nursery:
                yield Crowd(mail, telegram, chance), nursery
        finally:
            await telegram.stop()


async def _live(nursery: Nursery, crowd: Crowd, tally: Tally, name: str, nth: int, chance: random.Random) -> None:
    """Let one daemon live among writing customers until it dies of what was planned."""
    await crowd.write(chance.randint(1, 3))
    if name in (ANY_TIME, TERM):
        life = await nursery.start(processes=chance.choice((0, 1)))
        # Half of them while the daemon is still recovering from the kill before.
        if await life.ended(chance.choice((chance.uniform(0, 0.3), chance.uniform(0.3, 1.5)))) is None:
            await crowd.write(2)
            life.signal(signal.SIGTERM if name == TERM else signal.SIGKILL)
        death = await life.ended(LATE)
        # Told to end before it could set up its handlers, a process dies of the signal itself.
        allowed = (0, -signal.SIGTERM) if name == TERM else (-signal.SIGKILL,)
        assert death in allowed, f"{name}: ended with {death}; seed {tally.seed}"
        tally.ends[name] += 1
        return
    life = await nursery.start(name, nth, chance.choice((0, 1)))
    until = time.monotonic() + LATE
    while (death := await life.ended(0.2)) is None and time.monotonic() < until:
        await crowd.write()
    if death is None:
        life.signal()
        await life.ended(LATE)
        tally.unreached[name] += 1
        return
    assert death == -signal.SIGKILL, f"{name}: the daemon ended by itself with {death}; seed {tally.seed}"
    tally.ends[name] += 1


async def _end(life: Life, tally: Tally) -> None:
    began = time.monotonic()
    life.signal(signal.SIGTERM)
    death = await life.ended(LATE)
    tally.slowest_end = max(tally.slowest_end, time.monotonic() - began)
    assert death == 0, f"SIGTERM ended it with {death}; seed {tally.seed}"


async def _drain(nursery: Nursery, crowd: Crowd, tally: Tally, store: Store) -> None:
    """Let a last daemon do what is left, and end it in good order."""
    life = await nursery.start()
    quiet, until = 0, time.monotonic() + 60
    while quiet < 3 and time.monotonic() < until:
        assert await life.ended(0.3) is None, f"the last daemon died by itself; seed {tally.seed}"
        with store.read() as tx:
            totals = lists.totals(tx)
        left = totals["waiting"] + totals["outbox.queued"] + totals["outbox.sending"] + crowd.telegram.waiting()
        arrived = totals["messages"] + totals["quarantined"] >= len(crowd.said)
        quiet = quiet + 1 if arrived and not left else 0
    await _end(life, tally)


def _reckon(store: Store, crowd: Crowd, tally: Tally) -> str:
    """Compare the store with what the customers know; return the figures as one line."""
    why = f"; seed {tally.seed}, ends {dict(tally.ends)}"
    with store.read() as tx:
        stored = [(message, entry) for message, entry in lists.stored_since(tx, datetime(2000, 1, 1, tzinfo=UTC))]
        totals = lists.totals(tx)
        rows = tx.execute(select(outbox.c.state, outbox.c.reply, outbox.c.why)).all()
    customers = {customer.key: customer for customer in crowd.customers}
    theirs = [(message, entry) for message, entry in stored if entry.sender in customers]

    orders = Counter(order for message, _ in theirs for order in re.findall(r"\b8\d{6}\b", message.text))
    lost = [order for order in crowd.said if not orders[order]]
    doubled = [order for order in crowd.said if orders[order] > 1]
    assert not lost, f"{len(lost)} messages lost: {lost[:5]}{why}"
    assert not doubled, f"{len(doubled)} messages stored twice: {doubled[:5]}{why}"
    assert not totals["lost"], f"the store itself counts {totals['lost']} lost{why}"
    assert not totals["quarantined"], f"{totals['quarantined']} in the quarantine{why}"

    places: dict[str, set[int]] = {}
    for _, entry in theirs:
        places.setdefault(entry.sender, set()).add(entry.case_id)
    several = {key: ids for key, ids in places.items() if len(ids) > 1 or 0 in ids}
    assert not several, f"customers with not exactly one case: {dict(list(several.items())[:3])}{why}"
    assert totals["cases"] == len(customers), f"{totals['cases']} cases of {len(customers)} customers{why}"
    new = [entry for _, entry in theirs if entry.disposition is Disposition.NEW]
    assert len(new) == len(customers), f"{len(new)} messages opened a case{why}"

    got = crowd.acknowledged()
    unknown = {key for key in customers for row in rows if row.state == "unknown" and _goes_to(key, row.reply)}
    twice = [key for key in customers if got[key] > 1]
    never = [key for key in customers if not got[key]]
    assert not twice, f"{len(twice)} acknowledged twice: {twice[:5]}{why}"
    assert unknown >= set(never), f"neither acknowledged nor in doubt: {set(never) - unknown}{why}"
    # Whatever a process dies of, each of its senders may have so many replies in hand.
    deaths = sum(tally.ends.values()) + sum(tally.unreached.values())
    in_hand = sum(getattr(kind, "sends_at_once", 1) for kind in (Email, Telegram))
    assert len(unknown) <= in_hand * deaths, f"{len(unknown)} unknown after {deaths} deaths{why}"
    assert sum(tally.unreached.values()) <= KILLS // 20, f"not reached: {dict(tally.unreached)}{why}"

    kills = sum(n for name, n in tally.ends.items() if name != TERM)
    return (
        f"{kills} kills ({', '.join(f'{name} {n}' for name, n in sorted(tally.ends.items()))}), "
        f"{len(crowd.said)} messages, {crowd.again} delivered again, 0 lost, {totals['cases']} cases, 0 doubled, "
        f"{sum(got.values())} acknowledgements, 0 twice, {len(unknown)} unknown of which {len(never)} never arrived, "
        f"slowest end {tally.slowest_end:.1f} s"
    )


def _goes_to(key: str, reply: str) -> bool:
    kind, _, value = key.partition(":")
    return f'"value":"{value}"' in reply.replace('": "', '":"') and kind in reply


_CONFIG = """
[desk]
name = "Example Wallet"
key = {{ file = "key" }}
languages = ["en", "zh-Hans", "es"]  # a life is short: fourteen languages take half a second to read
trusted_authserv = ["mx.wallet.example"]
answer_unauthenticated = false
[store]
url = "{store}"
[models]
processes = 0
[limits]
per_minute_total = 100000
per_domain_per_day = 100000
[channels.mail]
kind = "email"
address = "{address}"
password = {{ file = "password" }}
imap = {{ host = "127.0.0.1", port = {imap}, ca_file = "{ca_file}" }}
smtp = {{ host = "127.0.0.1", port = {smtp}, tls = "starttls", ca_file = "{ca_file}" }}
start = "all"
poll = 2
bcc_self = true
[channels.telegram]
kind = "telegram"
token = {{ file = "token" }}
base_url = "{telegram}"
poll_seconds = 5
"""
