import os
import socket

import pytest

from triage import systemd


@pytest.fixture(params=["file", "abstract"])
def manager(request, tmp_path, monkeypatch):
    address = str(tmp_path / "notify") if request.param == "file" else f"@triage-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address.replace("@", "\0"))
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        yield listener


def test_the_manager_hears_that_we_are_ready(manager):
    systemd.notify(systemd.ready("2 channels\nup"))
    assert manager.recv(4096) == b"READY=1\nSTATUS=2 channels up"


def test_a_reload_names_its_moment(manager):
    systemd.notify(systemd.reloading())
    first, second = manager.recv(4096).decode().split("\n")
    assert first == "RELOADING=1"
    assert second.removeprefix("MONOTONIC_USEC=").isdecimal()


@pytest.mark.parametrize("address", ["", "/nowhere/notify", "@nobody-listens-here", "host:1"])
def test_without_a_manager_nothing_happens(monkeypatch, address):
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    systemd.notify("READY=1")


def test_a_manager_that_does_not_read_does_not_stop_us(manager):
    for _ in range(5000):
        systemd.notify("WATCHDOG=1")


@pytest.mark.parametrize(
    ("usec", "pid", "seconds"),
    [("30000000", "", 30.0), ("30000000", "self", 30.0), ("30000000", "1", None), ("", "", None), ("0", "", None)],
)
def test_only_the_watched_process_feeds_the_watchdog(monkeypatch, usec, pid, seconds):
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if pid == "self" else pid)
    assert systemd.watchdog_interval() == seconds
