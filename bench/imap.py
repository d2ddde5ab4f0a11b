"""From the mailbox to the delivered acknowledgement, side by side with a peer: `make bench-imap` (needs Dovecot).

A throwaway Dovecot holds a thousand realistic mails (`mails.py`). Triage and django-helpdesk 2.6.1, each in its own
environment, turn by turn, pull them by IMAP, make cases and send acknowledgements to an
SMTP server that counts them. Then the very same mails are put into the mailbox once more, as after a restored backup.
"""

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ingest import HERE, python_of
from mails import mails
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(HERE.parent / "tests"))
from dovecot import Dovecot
from mailservers import missing

OURS = "Triage"
PEER = "django-helpdesk 2.6.1"
PASSWORD = "in-ascii-for-the-peer"
console = Console(width=None if sys.stdout.isatty() else 150)


class Sink:
    """The server that takes the acknowledgements, in a process of its own."""

    def __init__(self, *tls: object) -> None:
        words = [sys.executable, HERE / "sink.py", *map(str, tls)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = self._process.stdout.readline().strip()

    def taken(self) -> dict:
        """Return what it took since the last call."""
        return json.loads(_asked(self._process))

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(10)


def triage(processes: int, work: Path, count: int) -> tuple[list[str | Path], dict[str, str]]:
    return [sys.executable, HERE / "triage_imap.py", work, str(count), str(processes)], {}


def helpdesk(work: Path, _count: int) -> tuple[list[str | Path], dict[str, str]]:
    mailer = {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"}
    return [python_of("helpdesk"), HERE / "peers/helpdesk_run.py", "-", work], mailer


CONTESTANTS: dict[str, Callable[[Path, int], tuple[list[str | Path], dict[str, str]]]] = {
    OURS: partial(triage, 1),
    "Triage in one process": partial(triage, 0),
    PEER: helpdesk,
}


def measure(name: str, raws: list[bytes]) -> dict:
    """Return what a contestant did with a mailbox that it meets for the first time, and with the same mails again."""
    with tempfile.TemporaryDirectory() as work, Dovecot(users=1) as dovecot, console.status(f"{name} works"):
        (dovecot.folder / "users").write_text(f"{dovecot.users[0]}:{PASSWORD}\n")
        imap = {"host": "localhost", "port": dovecot.imaps_port, "user": dovecot.user(), "password": PASSWORD}
        imap["ca_file"] = str(dovecot.ca_file)
        command, extra = CONTESTANTS[name](Path(work), len(raws))
        tls = (dovecot.certificates.cert, dovecot.certificates.key, PASSWORD) if name != PEER else ()
        with contextlib.closing(Sink(*tls)) as sink, _child(command, Path(work), imap, sink, extra) as child:
            rounds = []
            for _ in range(2):
                dovecot.deliver_many(imap["user"], raws)
                found = json.loads(_asked(child))
                rounds.append(found | sink.taken())
    return {"rounds": rounds}


@contextlib.contextmanager
def _child(
    command: list[str | Path], work: Path, imap: dict, sink: Sink, extra: dict[str, str]
) -> Iterator[subprocess.Popen[str]]:
    environment = os.environ | extra | {"IMAP": json.dumps(imap), "SMTP_PORT": sink.port}
    with (work / "stderr").open("w") as stderr:
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment, cwd=work
        )
    try:
        yield child
        child.stdin.close()
        child.wait(30)
    except BaseException:
        child.kill()
        child.wait()
        console.print((work / "stderr").read_text()[-3000:], markup=False)
        raise
    if os.environ.get("BENCH_LOG"):
        console.print((work / "stderr").read_text()[-20000:], markup=False)


def _asked(process: subprocess.Popen[str]) -> str:
    """Return the line with which a process answers an empty one."""
    process.stdin.write("\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"{process.args[1]} ended")
    return line


def row(name: str, found: dict, count: int, cases: int, ours: float) -> list[str]:
    first, second = found["rounds"]
    rate = count / first["seconds"]
    return [
        name, f"{rate:,.0f}", f"{first['cpu'] / count * 1000:.2f}", f"{second['peak_mb']:.0f}",
        f"{first['made']} / {cases}", f"{first['mails']} ({first['twice']} twice)",
        f"+{second['made']} cases, +{second['mails']} mails", f"{ours / rate:.1f}x",
    ]  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mails", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=3, help="of which the median by speed is shown")
    options.add_argument("--only", choices=list(CONTESTANTS), action="append", help="leave the others out")
    options.add_argument("--json", action="store_true", help="print every run as JSON")
    chosen = options.parse_args()
    if why := missing("dovecot"):
        raise SystemExit(f"bench-imap needs {why}")
    written = list(mails(chosen.mails))
    raws, cases = [raw for raw, _, _ in written], sum(kind == "new" for _, kind, _ in written)
    names = chosen.only or list(CONTESTANTS)
    runs: dict[str, list[dict]] = {name: [] for name in names}
    # Turn by turn: what else the machine does meanwhile hits both.
    for _ in range(chosen.rounds):
        for name in names:
            runs[name].append(measure(name, raws))
    if chosen.json:
        console.print_json(json.dumps(runs))
    median = {name: sorted(of, key=lambda r: r["rounds"][0]["seconds"])[len(of) // 2] for name, of in runs.items()}
    show(median, len(raws), cases)


def show(found: dict[str, dict], count: int, cases: int) -> None:
    title = f"IMAP to acknowledgement, {count} mails, {cases} true cases"
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    table = Table(title=f"{title}; {machine}")
    columns = ("", "mails/s", "CPU ms/mail", "peak MB", "cases made / true", "delivered", "fed again", "first is")
    for name in columns:
        table.add_column(name, justify="left" if not name else "right")
    first = next(iter(found.values()))
    for name, result in found.items():
        table.add_row(*row(name, result, count, cases, count / first["rounds"][0]["seconds"]))
    console.print(table)
    if PEER in found and OURS in found:
        ours, theirs = (found[name]["rounds"][0] for name in (OURS, PEER))
        ratios = f"{theirs['seconds'] / ours['seconds']:.1f} times as fast, with 1/{theirs['cpu'] / ours['cpu']:.1f}"
        console.print(f"Triage is {ratios} of the processor time, of which the servers' own is no part.")


if __name__ == "__main__":
    main()
