"""Leases and health: one holder each, and a holder that was replaced can do no harm."""

import os
import shutil
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from builders import NOW

from triage.errors import InUse, LeaseLost
from triage.store import Store, Tx, health, leases

TTL = timedelta(seconds=30)
LATER = NOW + timedelta(seconds=31)
FAR = "other-host:1:5"
HERE = leases.this_process()
NUMBERS = HERE.rpartition(".")[2]


def test_a_lease_has_one_holder_and_the_second_is_told_which(store: Store) -> None:
    with store.begin() as tx:
        assert leases.acquire(tx, "acc/mail", FAR, NOW, TTL) == 1
        with pytest.raises(InUse, match="other-host:1:5"):
            leases.acquire(tx, "acc/mail", HERE, NOW, TTL)
        assert leases.acquire(tx, "acc/telegram", HERE, NOW, TTL) == 1


def test_a_lease_that_ended_is_taken_over_and_its_old_holder_is_fenced_off(store: Store) -> None:
    with store.begin() as tx:
        old = leases.acquire(tx, "acc/mail", FAR, NOW, TTL)
        leases.fence(tx, "acc/mail", old)
    with store.begin() as tx:
        new = leases.acquire(tx, "acc/mail", HERE, LATER, TTL)
        assert new == old + 1
        leases.fence(tx, "acc/mail", new)
        with pytest.raises(LeaseLost, match="epoch 1"):
            leases.fence(tx, "acc/mail", old)
        with pytest.raises(LeaseLost):
            leases.renew(tx, "acc/mail", old, LATER, TTL)
        leases.release(tx, "acc/mail", old)
        leases.fence(tx, "acc/mail", new)


def test_a_lease_that_is_renewed_is_not_taken_over(store: Store) -> None:
    with store.begin() as tx:
        epoch = leases.acquire(tx, "acc/mail", FAR, NOW, TTL)
        leases.renew(tx, "acc/mail", epoch, LATER, TTL)
        with pytest.raises(InUse):
            leases.acquire(tx, "acc/mail", HERE, LATER, TTL)


def test_a_released_lease_is_free_at_once_and_its_epoch_goes_on(store: Store) -> None:
    with store.begin() as tx:
        epoch = leases.acquire(tx, "acc/mail", FAR, NOW, TTL)
        leases.release(tx, "acc/mail", epoch)
        with pytest.raises(LeaseLost):
            leases.fence(tx, "acc/mail", epoch)
        assert leases.acquire(tx, "acc/mail", HERE, NOW, TTL) == epoch + 1


def test_the_write_of_a_replaced_process_is_undone(store: Store) -> None:
    with store.begin() as tx:
        stale = leases.acquire(tx, "acc/mail", FAR, NOW, TTL)
    with store.begin() as tx:
        leases.acquire(tx, "acc/mail", HERE, LATER, TTL)

    def write(tx: Tx) -> None:
        health.report(tx, "mail", "up", "", NOW)
        leases.fence(tx, "acc/mail", stale)

    with pytest.raises(LeaseLost):
        store.run(write)
    with store.read() as tx:
        assert health.all(tx) == []


def test_a_lease_of_a_process_of_this_host_that_is_gone_is_taken_at_once(store: Store) -> None:
    code = "from triage.store import leases; print(leases.this_process(), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdout=-1, stdin=-1, text=True) as other:
        assert other.stdout is not None
        holder = other.stdout.readline().strip()
        with store.begin() as tx:
            leases.acquire(tx, "acc/mail", holder, NOW, TTL)
            with pytest.raises(InUse):
                leases.acquire(tx, "acc/mail", HERE, NOW, TTL)
        other.send_signal(signal.SIGKILL)
    with store.begin() as tx:
        assert leases.acquire(tx, "acc/mail", HERE, NOW, TTL) == 2


def test_a_number_used_again_by_another_process_is_not_its_former_owner(store: Store) -> None:
    host = HERE.split(":")[0]
    with store.begin() as tx:
        leases.acquire(tx, "acc/mail", f"{host}:{os.getppid()}:1.{NUMBERS}", NOW, TTL)
        assert leases.acquire(tx, "acc/mail", HERE, NOW, TTL) == 2


def test_the_same_number_in_another_container_of_this_host_is_another_process(store: Store) -> None:
    host = HERE.split(":")[0]
    with store.begin() as tx:
        leases.acquire(tx, "acc/mail", f"{host}:{os.getpid()}:1.{int(NUMBERS) + 1}", NOW, TTL)
        with pytest.raises(InUse):
            leases.acquire(tx, "acc/mail", HERE, NOW, TTL)


@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("unshare"),
    reason="only root may hide processes from others, in its own mounts",
)
def test_a_living_process_that_we_may_not_see_keeps_its_lease() -> None:
    code = "import os, sys; from triage.store import leases; os.setgid(65534); os.setuid(65534)"
    code += "; print(os.path.exists(f'/proc/{sys.argv[2]}/stat'), leases._is_gone(sys.argv[1]))"
    hidden = 'mount -t proc -o hidepid=invisible proc /proc && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", hidden, "sh", sys.executable, "-c", code, HERE, str(os.getpid())]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == ["False", "False"]


@pytest.mark.parametrize("holder", ["", "x", ":::", "a:b:c", "other-host:99999999:1", "a:b:c.d"])
def test_a_holder_that_cannot_be_judged_keeps_its_lease(holder: str) -> None:
    assert not leases._is_gone(holder)


def test_a_channels_state_has_a_since_that_only_news_changes(store: Store) -> None:
    with store.begin() as tx:
        health.report(tx, "mail", "down", "no route", NOW)
        health.report(tx, "mail", "down", "still no route", LATER)
        [mail] = health.all(tx)
        assert (mail.state, mail.why, mail.since, mail.reported_at, mail.progress_at) == (
            "down", "still no route", NOW, LATER, None,
        )  # fmt: skip
        health.progress(tx, "mail", LATER)
        [mail] = health.all(tx)
        assert (mail.state, mail.why, mail.since, mail.progress_at) == ("up", "", LATER, LATER)
        health.report(tx, "a-first", "off", "", NOW)
        assert [channel.channel for channel in health.all(tx)] == ["a-first", "mail"]
