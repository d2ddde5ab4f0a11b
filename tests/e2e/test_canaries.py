"""Secrets come in by every channel and path; then every byte that the system wrote is searched for them."""

import json
import shutil
import subprocess
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from canaries import Canaries, written
from canary_ways import by_hand, by_mail, by_telegram, by_x
from fastapi.testclient import TestClient
from sqlalchemy import text as sql

from triage import settings
from triage.case import Role
from triage.classifier import artefact
from triage.demo.x_api import XApi
from triage.desk import Desk
from triage.sealing import new_keys, unseal
from triage.store import Store, upgrade, users
from triage.web import Front, create_app
from triage.web.access import COOKIE, SESSION, new_secret

TOKENS = ("correct horse", "777:demo", "demo-consumer-secret", "demo-token-secret", "the key of the case numbers")
GIVEN = frozenset({"password", "token", "key", "secret.key", "given", "pginstall"})
"""What the operator keeps his own secrets in, and what came with PostgreSQL."""

IN_PIECES = "in three messages"
PAGES = ("/", "/quarantine", "/review", "/reports", "/impostors", "/channels", "/audit", "/cases.csv",
         "/reports.csv?by=agent", "/api/v1/cases?limit=200", "/api/v1/events?follow=false")  # fmt: skip


@dataclass
class Place:
    """Where a desk writes: its own folder, and that of the database."""

    store: Store
    folders: tuple[Path, ...]

    def files(self) -> dict[str, bytes]:
        return {f"{folder.name}/{n}": data for folder in self.folders for n, data in written(folder, GIVEN).items()}

    def asked(self, query: str) -> Any:
        with self.store.read() as tx:
            return tx.execute(sql(query)).scalar()

    def count(self) -> int:
        """How much came in and is settled; nothing as long as something waits."""
        if self.asked("SELECT count(*) FROM inbox"):
            return 0
        return int(self.asked("SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM quarantine)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    if request.param == "sqlite":
        store = Store(f"sqlite:///{tmp_path}/triage.db")
        upgrade.upgrade(store)
        yield Place(store, (tmp_path,))
        store.close()
        return
    store, server = request.getfixturevalue("postgres_store"), request.getfixturevalue("postgres_server")
    yield Place(store, (tmp_path, server.folder))


@pytest.mark.slow
async def test_no_byte_that_was_written_holds_a_secret(desk, place, tmp_path):
    canaries, x = Canaries(seed=7 if place.store.dialect == "sqlite" else 8), XApi()
    secret_key, public_key = new_keys()
    given = tmp_path / "given"
    given.mkdir()
    await set_up(desk, place, x, given, public_key)
    try:
        async with desk.running() as daemon:
            await everything_comes_in(desk, daemon, place, canaries, x)
            await by_hand(desk, canaries, given)
            await corrected_and_retrained(desk, given)
            backup = await desk.triage("backup", "backup.db")
            assert backup.code == 0, backup.err
            files = place.files()
            log = "\n".join(map(json.dumps, daemon.log))
            await daemon.told_to_end()
    finally:
        await x.stop()
    files |= place.files() | await outputs(desk, place) | {"the log": log.encode()}
    files |= dumped(place, tmp_path / "backup.db")
    assert any(name.startswith(f"{tmp_path.name}/models/") and "own" not in name for name in files)
    assert_only_known_limits(place, canaries, canaries.found_in(files))
    everything = b"\n".join(data for name, data in files.items() if "/imap" not in name)
    assert [token for token in TOKENS if token.encode() in everything] == []
    assert_only_sealed(place, secret_key, canaries)


def assert_only_known_limits(place: Place, canaries: Canaries, found: dict[tuple[str, str], list[str]]) -> None:
    """Nothing is there, but on PostgreSQL what came in three pieces: in its log, in pages not yet written over, and the
    first two in the dump that was made before the last.
    """
    if place.store.dialect == "sqlite":
        assert found == {}
        return
    assert {where for where, _ in found} <= {IN_PIECES}
    first_piece = set(canaries.sent[IN_PIECES][:2])
    for (_, name), parts in found.items():
        assert "/data/pg_wal/" in name or "/data/base/" in name or set(parts) <= first_piece, name
        assert "/data/" in name or name.endswith("between.db"), name


async def set_up(desk: Any, place: Place, x: XApi, given: Path, public_key: str) -> None:
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    for name in names:
        (given / name).write_text(getattr(x.login.keys, name))
    sources = "\n".join(f'{name} = {{ file = "given/{name}" }}' for name in names)
    shutil.copytree(settings.shipped("models"), desk.folder / "models")
    url = place.store.url.render_as_string(hide_password=False)
    told = desk.config.read_text().replace(f"sqlite:///{desk.folder}/triage.db", url)
    told = told.replace("[models]\n", '[models]\nfolder = "models"\n')
    desk.config.write_text(
        f'{told}[guard]\nseal_to = "{public_key}"\n[channels.x]\nkind = "x"\nbase_url = "{await x.start()}"\n'
        f'start = "all"\n[channels.x.oauth1]\n{sources}\n'
    )


async def everything_comes_in(desk: Any, daemon: Any, place: Place, canaries: Canaries, x: XApi) -> None:
    count = await by_mail(desk, canaries) + by_telegram(desk, canaries) + by_x(x, canaries)
    await daemon.until(lambda: place.count() >= count)
    halves = canaries.phrase("in two messages").split()
    desk.telegram.write(" ".join(halves[:6]), user=107)
    thirds = canaries.phrase(IN_PIECES, size=4).split()
    desk.telegram.write(" ".join(thirds[:4]), user=108)
    desk.telegram.write("next: " + " ".join(thirds[4:8]), user=108)
    await daemon.until(lambda: place.count() >= count + 3)
    between = await desk.triage("backup", "between.db")
    assert between.code == 0, between.err
    desk.telegram.write("and " + " ".join(halves[6:]), user=107)
    desk.telegram.write("and " + " ".join(thirds[8:]), user=108)
    await daemon.until(lambda: place.count() >= count + 5)


async def corrected_and_retrained(desk: Any, given: Path) -> None:
    """Agents say what the cases with secrets are about, and a new model learns it."""
    listed = (await desk.triage("cases", "--json", "-n", "200")).objects
    for case in listed[:6]:
        corrected = await desk.triage("correct", case["number"], "--category", "account", "--urgency", "critical")
        assert corrected.code == 0, corrected.err
    words = {
        "account": ["login", "password", "passport"], "transaction": ["deposit", "withdrawal", "payment"],
        "security": ["thief", "phishing", "malware"], "feedback": ["colours", "praise", "menu"],
    }  # fmt: skip
    frames = ("I have a question about my {0}", "the {0} again, third time", "please look at the {0}", "{0}! {0}")
    rows = [{"text": f.format(w), "category": c} for c, some in words.items() for w in some for f in frames]
    (given / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    before = artefact.current_version(desk.folder / "models")
    trained = await desk.triage("retrain", "--data", "given/own.jsonl", "--profile", "default", "--force", "--json")
    [told] = trained.objects
    assert told["corrections"] >= 1
    assert told["version"] != before
    assert (desk.folder / "models" / told["version"] / "card.json").is_file()


async def outputs(desk: Any, place: Place) -> dict[str, bytes]:
    """What the commands print and the desk serves, each as a file."""
    found = {}
    listed = (await desk.triage("cases", "--json", "-n", "200")).objects
    for words in (("cases", "--json", "-n", "200"), ("cases", "--csv"), ("quarantine", "list", "--json"),
                  ("review", "--json"), ("audit", "list", "--json"), ("impostors", "list", "--json"),
                  ("show", listed[0]["number"], "--json")):  # fmt: skip
        outcome = await desk.triage(*words)
        assert outcome.code == 0, (words, outcome.err)
        found[" ".join(words)] = outcome.out.encode()
    return found | served(desk, place, [case["number"] for case in listed])


def served(desk: Any, place: Place, numbers: list[str]) -> dict[str, bytes]:
    front = Front(store=place.store, desk=Desk.from_settings(settings.load(desk.config)))
    session = new_secret()
    with place.store.begin() as tx:
        user = users.add(tx, "mia", Role.ADMIN, "test", front.clock())
        users.begin_session(tx, user.id, session, front.clock(), SESSION)
    client = TestClient(create_app(front), base_url="https://desk.example", cookies={COOKIE: session})
    found = {}
    for path in (*PAGES, *(f"{way}/cases/{number}" for number in numbers for way in ("", "/api/v1"))):
        answer = client.get(path, headers={"Accept": "application/json" if "/api/" in path else "text/html"})
        assert answer.status_code == 200, path
        found[path] = answer.content
    return found


def dumped(place: Place, backup: Path) -> dict[str, bytes]:
    """A dump of PostgreSQL is packed: what it says unpacked."""
    if place.store.dialect == "sqlite":
        return {}
    program = Path(upgrade._pg_dump()).with_name("pg_restore")  # of the same version
    said = subprocess.run([program, "--file=-", str(backup)], capture_output=True, check=True).stdout
    assert b"seed phrase removed" in said
    return {"the dump, unpacked": said}


def assert_only_sealed(place: Place, secret_key: str, canaries: Canaries) -> None:
    """The originals are there after all: in boxes that only the offline key opens."""
    with place.store.read() as tx:
        rows = [row.original for row in tx.execute(sql("SELECT original FROM messages"))]
    originals = [json.loads(row) if isinstance(row, str) else row for row in rows]
    boxes = [row["sealed"] for row in originals if row.get("sealed")]
    opened = b"\n".join(unseal(box, secret_key) for box in boxes).decode()
    for where in ("mail body", "direct message", "long post"):
        assert canaries.sent[where][0] in opened, where
    assert len(boxes) > 15


def test_a_canary_that_is_there_is_found():
    canaries = Canaries()
    words, key = canaries.phrase("somewhere"), canaries.wif("elsewhere")
    for form in (
        words.encode(),
        words.upper().encode(),
        words.encode("utf-16-le"),
        b64encode(b"x" + words.encode()),
        words.encode().hex().encode(),
        key.lower().encode(),
    ):
        assert canaries.found_in({"file": b"..." + form + b"..."})
    assert not canaries.found_in({"file": b"abandon"})
