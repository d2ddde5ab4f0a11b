"""The daemon as a process: what an operator types, what systemd hears, and what happens when something is wrong."""

import asyncio
import json
import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pymap.parsing.message import AppendMessage

pytestmark = pytest.mark.slow

ENDS_WITHIN = 10.0


async def test_a_new_desk_is_set_up_with_three_commands_and_answers_its_first_customer(desk):
    desk.config.unlink()
    assert (await desk.triage("init")).code == 0
    text = desk.config.read_text()
    assert "[channels." in text, "the example shows how a channel is written"
    text = text.replace('#trusted_authserv = ["mx.acme.example"]', 'trusted_authserv = ["mx.wallet.example"]')
    desk.config.write_text(text + desk.channels())
    assert (await desk.triage("upgrade")).code == 0
    async with desk.running() as daemon:
        assert "READY=1" in daemon.heard
        await desk.crowd.write(4)
        customers = {customer.key for customer in desk.crowd.customers}
        await daemon.until(lambda: desk.crowd.acknowledged().keys() >= customers)
        await daemon.until(lambda: f"{len(customers)} cases open" in daemon.status())
        await daemon.until(lambda: "2 channels up" in daemon.status())
        before = daemon.heard.count("WATCHDOG=1")
        await daemon.until(lambda: daemon.heard.count("WATCHDOG=1") > before + 1)
        found = await desk.triage("cases", "--json")
        assert found.code == 0
        assert len(found.objects) == len(customers)
        code, seconds = await daemon.told_to_end()
        assert code == 0
        assert seconds < ENDS_WITHIN
    assert "STOPPING=1" in daemon.heard
    assert all("event" in line and line["event"] != "not a log line" for line in daemon.log)


async def test_a_second_daemon_on_the_same_store_is_refused_and_the_first_goes_on(desk):
    async with desk.running() as daemon:
        found = await desk.triage("run")
        assert found.code == 75
        [line] = [line for line in found.err.splitlines() if not line.startswith("{")]
        assert str(daemon.process.pid) in line
        await desk.crowd.write()
        await daemon.until(desk.crowd.acknowledged)


async def test_a_daemon_follows_one_that_was_killed_at_once(desk):
    async with desk.running() as daemon:
        daemon.process.kill()
    async with desk.running() as daemon:
        await desk.crowd.write()
        await daemon.until(desk.crowd.acknowledged, 10)


async def test_sighup_takes_a_configuration_whole_or_refuses_it_whole(desk):
    good = desk.config.read_text()
    async with desk.running() as daemon:
        for broken in (
            "[desk",
            good.replace('kind = "telegram"', 'kind = "telegraf"'),
            good.replace('"key"', '"none"'),
        ):
            refused = len(daemon.events("daemon.reload-refused"))
            desk.config.write_text(broken)
            daemon.process.send_signal(signal.SIGHUP)
            await daemon.until(lambda before=refused: len(daemon.events("daemon.reload-refused")) > before)
        await desk.crowd.write()
        await daemon.until(desk.crowd.acknowledged)
        desk.config.write_text(good.replace('"Example Wallet"', '"Renamed Wallet"'))
        daemon.process.send_signal(signal.SIGHUP)
        await daemon.until(lambda: daemon.events("daemon.reloaded"))
        assert any(line.startswith("MONOTONIC_USEC=") for line in daemon.heard)
        desk.telegram.write("Where is my deposit of 100 USDT? It was sent yesterday.", user=5)
        await daemon.until(lambda: [m for m in desk.telegram.sent if m["chat"]["id"] == 5 and "Renamed" in m["text"]])
        assert await daemon.told_to_end() == (0, pytest.approx(ENDS_WITHIN / 2, abs=ENDS_WITHIN / 2))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("[desk]", "[desk"), "TOML"),
        (('kind = "telegram"', 'kind = "telegraf"'), "telegraf"),
        (('key = { file = "key" }', 'key = { file = "none" }'), "none"),
        (("poll_seconds = 5", 'poll_seconds = "often"'), "poll_seconds"),
        (("start = ", "strat = "), "strat"),
    ],
    ids=["not TOML", "no such kind", "secret missing", "wrong type", "misspelt"],
)
async def test_a_broken_configuration_ends_the_start_with_78_and_one_line(desk, change, named):
    desk.config.write_text(desk.config.read_text().replace(*change))
    found = await desk.triage("run")
    assert found.code == 78, found
    [line] = found.err.splitlines()
    assert named in line


async def test_check_says_of_each_account_in_one_line_what_is_wrong(desk):
    (desk.folder / "wrong").write_text("wrong horse")
    (desk.folder / "token-of-another").write_text("778:other")
    text = desk.config.read_text()
    refused = desk.channels(password="wrong", token="token-of-another")
    dead = desk.channels(imap=9, telegram="http://127.0.0.1:9")
    stranger = desk.channels(ca_file="/etc/ssl/certs/ca-certificates.crt")
    for name, channels in (("refused", refused), ("dead", dead), ("stranger", stranger)):
        text += channels.replace("channels.mail", f"channels.{name}-mail").replace(
            "channels.telegram", f"channels.{name}-telegram"
        )
    desk.config.write_text(text)
    found = await desk.triage("check", "--json")
    assert found.code == 1
    assert found.err == ""
    lines = {finding["what"].removeprefix("channel "): finding for finding in found.objects}
    well = {name for name, finding in lines.items() if finding["ok"]}
    assert well >= {"key", "replies", "model", "store", "mail", "telegram", "stranger-telegram"}
    said = {name: finding["found"] for name, finding in lines.items() if not finding["ok"]}
    assert said.keys() == {"refused-mail", "refused-telegram", "dead-mail", "dead-telegram", "stranger-mail"}
    assert not [line for line in said.values() if "\n" in line or "horse" in line or "778:other" in line]
    assert "login" in said["refused-mail"]
    assert "BotFather" in said["refused-telegram"]
    assert "127.0.0.1:9" in said["dead-mail"]
    assert "trusted" in said["stranger-mail"]


async def test_a_wrong_password_leaves_the_other_channel_at_work_and_is_shown(desk):
    (desk.folder / "password").write_text("wrong horse")
    async with desk.running() as daemon:
        [refused] = await daemon.until(lambda: daemon.events("channel.refused")[:1])
        assert refused["channel"] == "mail"
        desk.telegram.write("Where is my deposit of 100 USDT? It was sent yesterday.", user=5)
        await daemon.until(lambda: desk.telegram.sent)
        await daemon.until(lambda: "mail refused" in daemon.status())


async def test_mail_that_cannot_be_read_stops_nothing_and_is_kept_with_its_reason(desk):
    async with desk.running() as daemon:
        for raw in (b"", b"\r\n \r\n", b"\x00\xff" * 3000, b"From: a@b.example\r\nContent-Type: multipart/mixed"):
            now = datetime.now(UTC)
            await desk.mail._mailbox.append(AppendMessage(raw, now, frozenset()))
        await desk.mail.deliver(
            b"From: ada@mail.example\r\nTo: support@wallet.example\r\nSubject: deposit\r\n\r\n"
            b"My deposit of 300 USDT was sent yesterday and is still not in my balance.\r\n"
        )
        await daemon.until(lambda: [to for to, _ in desk.mail.received if to == "ada@mail.example"], 10)
        kept = await desk.triage("quarantine", "list", "--json")
        assert kept.code == 0
        assert all(one["why"] for one in kept.objects)
        assert "it is empty" in str(kept.objects)
        [case] = [c for c in (await desk.triage("cases", "--json")).objects if "deposit" in json.dumps(c)]
        assert case


async def test_a_full_disk_is_waited_out_and_nothing_is_lost(desk, tmp_path):
    store = tmp_path / "store"
    store.mkdir()
    # Never paused for want of room: what is looked at is a disk that is full all the same.
    before, after = f"sqlite:///{tmp_path}/triage.db", f"sqlite:///{store}/triage.db"
    text = desk.config.read_text()
    assert f'"{before}"\n' in text
    desk.config.write_text(text.replace(f'"{before}"\n', f'"{after}"\npause_below_mb = 0\n'))
    with _small_disk(store) as (fill, make_room):
        assert (await desk.triage("upgrade")).code == 0
        async with desk.running() as daemon:
            await desk.crowd.write(3)
            await daemon.until(lambda: len(desk.crowd.acknowledged()) == len(desk.crowd.customers))
            fill(daemon.process.pid)
            await desk.crowd.write(12)
            down = await daemon.until(lambda: daemon.events("store.down"))
            assert "store" in down[0]["why"]
            await asyncio.sleep(1)
            assert daemon.process.returncode is None
            make_room(daemon.process.pid)
            customers = {customer.key for customer in desk.crowd.customers}
            await daemon.until(lambda: desk.crowd.acknowledged().keys() >= customers, 60)
            assert daemon.events("store.up")
            assert max(desk.crowd.acknowledged().values()) == 1
            assert await daemon.told_to_end() == (0, pytest.approx(ENDS_WITHIN / 2, abs=ENDS_WITHIN / 2))
        assert len((await desk.triage("cases", "--json", "--limit", "100")).objects) == len(customers)


@contextmanager
def _small_disk(folder: Path) -> Iterator[tuple]:
    """Yield what fills the disk that `folder` is on, and what makes room again.

    A file system of a few megabytes where we may mount one; else a limit on how far files may grow.
    """
    options = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if os.geteuid() == 0 and subprocess.run(options, capture_output=True, check=False).returncode == 0:
        ballast = folder / "ballast"

        def fill(_: int) -> None:
            with ballast.open("wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(4096))
                except OSError:
                    pass

        try:
            yield fill, lambda _: ballast.unlink()
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)
        return

    def limit(process: int, size: int) -> None:
        _, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size, hard))

    yield lambda process: limit(process, 1), lambda process: limit(process, resource.RLIM_INFINITY)
