"""Plays the day: starts the servers and the stand-ins, runs the real daemon against them, and lets people write."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template

from rich.console import Console
from rich.live import Live

from triage import daemon, log, settings
from triage.case import Case
from triage.demo.customers import Customers
from triage.demo.day import DAY
from triage.demo.mail import mail_servers, plain_header
from triage.demo.telegram_api import TelegramApi
from triage.demo.view import View, clock_of, spoken
from triage.demo.x_api import XApi
from triage.store import Store, lists, upgrade

ADDRESS = "support@wallet.example"
SECONDS_A_DAY = 75.0
"""How long the day takes on the screen."""

SETTLE = 60.0
"""Seconds within which everything that was sent must be in the store and answered."""


@dataclass(slots=True, kw_only=True)
class Stage:
    """Everything that stands before the curtain rises."""

    settings: settings.Settings
    store: Store
    customers: Customers


def play(*, once: bool, as_json: bool) -> int:
    """Play the day and return the exit code: 0 when nothing was lost and nobody waited in vain, or it was cut short.

    Args:
        once: Play without waiting and end; else at a pace to watch, until Ctrl-C.
        as_json: Print one JSON object at the end instead of the live view.
    """
    log.configure(level="ERROR")
    with tempfile.TemporaryDirectory(prefix="triage-demo-") as folder:
        return asyncio.run(_play(Path(folder), once=once, as_json=as_json))


async def _play(folder: Path, *, once: bool, as_json: bool) -> int:
    began = time.monotonic()
    stop, view = asyncio.Event(), View()
    _end_on_signal(stop)
    console = Console(quiet=as_json)
    async with _stage(folder) as stage:
        work = asyncio.create_task(daemon.run(stage.settings, stop=stop))
        live = Live(view, console=console, screen=console.is_terminal, refresh_per_second=6, transient=False)
        with live if not (once or as_json) else contextlib.nullcontext():
            show = asyncio.create_task(_show(stage, view))
            await _act(stage, view, stop, work, pace=0.0 if once else SECONDS_A_DAY / DAY[-1].at)
            await _settled(stage, stop, work)
            view.done = not stop.is_set()
            if not once and console.is_terminal:
                await asyncio.wait({work, asyncio.ensure_future(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
            show.cancel()
        interrupted = stop.is_set() and not view.done
        stop.set()
        await work
        totals = _totals(stage, time.monotonic() - began)
    if as_json:
        print(json.dumps(totals, ensure_ascii=False))  # noqa: T201 - the one object that programs read
    else:
        _tell(console, {name: value for name, value in totals.items() if not (interrupted and name == "lost")})
    return 0 if interrupted or (totals["lost"] == 0 and not stage.customers.waited_in_vain) else 1


@asynccontextmanager
async def _stage(folder: Path) -> AsyncIterator[Stage]:
    """Start everything that the daemon will talk to, and write its configuration."""
    passwords = {name: secrets.token_urlsafe(12) for name in ("TRIAGE_DEMO_KEY", "TRIAGE_DEMO_PASSWORD")}
    telegram, x = TelegramApi(), XApi()
    keys = {f"TRIAGE_DEMO_X_{name.upper()}": value for name, value in asdict(x.login.keys).items()}
    os.environ |= passwords | {"TRIAGE_DEMO_TELEGRAM": telegram.token} | keys
    async with mail_servers(folder, ADDRESS, passwords["TRIAGE_DEMO_PASSWORD"]) as mail:
        facts = {
            "address": ADDRESS,
            "store": f"sqlite:///{folder / 'triage.db'}",
            "imap_port": mail.imap_port,
            "smtp_port": mail.smtp_port,
            "ca_file": mail.ca_file,
            "telegram_url": await telegram.start(),
            "x_url": await x.start(),
        }
        file = folder / "demo.toml"
        template = Template((settings.shipped("config") / "demo.toml").read_text(encoding="utf-8"))
        file.write_text(template.substitute(facts), encoding="utf-8")
        loaded = settings.load(file)
        store = Store(loaded.store.url)
        upgrade.upgrade(store)
        try:
            yield Stage(settings=loaded, store=store, customers=Customers(mail, telegram, x))
        finally:
            store.close()
            await telegram.stop()
            await x.stop()


async def _act(stage: Stage, view: View, stop: asyncio.Event, work: asyncio.Task[None], *, pace: float) -> None:
    """Let everybody say what the script gives them, in order, at `pace` seconds a minute of the day."""
    clock = 0.0
    for said in DAY:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), timeout=max((said.at - clock) * pace, 0.001))
        if stop.is_set() or work.done():
            return
        clock = said.at
        view.clock = clock_of(clock)
        view.came.append((said.over, said.by, said.subject or said.text))
        await stage.customers.say(said)


async def _settled(stage: Stage, stop: asyncio.Event, work: asyncio.Task[None]) -> None:
    """Return when everything that was sent is settled and answered, or the patience is at its end."""
    end = time.monotonic() + SETTLE
    while time.monotonic() < end and not stop.is_set() and not work.done():
        totals = await asyncio.to_thread(_totals, stage, 0.0)
        if totals["lost"] == 0 and not totals["waiting"]:
            return
        await asyncio.sleep(0.1)


async def _show(stage: Stage, view: View) -> None:
    """Keep the live view up to date."""
    seen: dict[str, int] = {}
    while True:
        view.cases = await asyncio.to_thread(_ranked, stage)
        totals = await asyncio.to_thread(_totals, stage, 0.0)
        # What was sent a moment ago is not lost, but on its way.
        view.totals = {("on the way" if name == "lost" else name): value for name, value in totals.items()}
        for channel, went in _went(stage.customers).items():
            view.went.extend((channel, *line) for line in went[seen.get(channel, 0) :])
            seen[channel] = len(went)
        await asyncio.sleep(0.25)


def _ranked(stage: Stage) -> list[Case]:
    with stage.store.read() as tx:
        return lists.top(tx, lists.Filters(), limit=40)


def _went(customers: Customers) -> dict[str, list[tuple[str, str]]]:
    """Return what went out so far: channel to (whom, what), in order."""
    return {
        "mail": [(to, plain_header(mail, "Subject")) for to, mail in customers.mail.received],
        "telegram": [(str(m["chat"]["id"]), str(m["text"])) for m in customers.telegram.sent],
        "x": [(str(post.get("dm", "in public")), str(post.get("text", ""))) for post in customers.x.posts],
    }


def _totals(stage: Stage, seconds: float) -> dict[str, object]:
    """Return the figures of the day, all from the store."""
    with stage.store.read() as tx:
        stored = lists.totals(tx)
    settled, quarantined = stored["messages"], stored["quarantined"]
    return {
        "messages_in": settled + quarantined,
        "cases": stored["cases"],
        "followups": stored.get("messages.follow-up", 0) + stored.get("messages.repeat", 0),
        "acknowledged": {name: stored.get(f"acknowledged.{name}", 0) for name in stage.settings.channels},
        "quarantined": quarantined,
        "robots": stored.get("messages.robot", 0),
        "spam": stored.get("messages.spam", 0),
        "waiting": stored["waiting"] + stored["outbox.queued"] + stored["outbox.sending"],
        "lost": stage.customers.sent - settled - quarantined,
        "seconds": round(seconds, 1),
    }


def _tell(console: Console, totals: dict[str, object]) -> None:
    for name, value in spoken(totals).items():
        console.print(f"{name:>14}  [b]{value}[/b]")


def _end_on_signal(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    sys.stdout.flush()
