"""Secrets come in by every channel and path; then every byte that the system wrote is searched for them."""

import json
import random
import re
import sqlite3
import time
from base64 import b64encode
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import base58
import pytest
from mnemonic import Mnemonic

from triage.demo.x_api import XApi
from triage.sealing import new_keys, unseal

TOKENS = ("correct horse", "777:demo", "demo-consumer-secret", "demo-token-secret", "the key of the case numbers")


def phrase(seed: int, language: str = "english") -> str:
    return Mnemonic(language).to_mnemonic(random.Random(seed).randbytes(16))


def wif(seed: int) -> str:
    return base58.b58encode_check(b"\x80" + random.Random(seed).randbytes(32) + b"\x01").decode()


def keystore(seed: int) -> str:
    digits = random.Random(seed).randbytes(32).hex()
    return json.dumps(
        {"version": 3, "crypto": {"cipher": "aes-128-ctr", "ciphertext": digits, "kdf": "scrypt", "mac": digits}}
    )


class Canaries:
    """Secrets, each sent in once, and where each went."""

    def __init__(self) -> None:
        self.sent: dict[str, list[str]] = {}
        self._seeds = iter(range(1_000, 2_000))

    def phrase(self, where: str, language: str = "english") -> str:
        words = phrase(next(self._seeds), language)
        self.sent[where] = [" ".join(words.split()[at : at + 3]) for at in range(0, 12, 3)]
        return words

    def wif(self, where: str) -> str:
        self.sent[where] = [key := wif(next(self._seeds))]
        return key

    def hex_key(self, where: str) -> str:
        digits = random.Random(next(self._seeds)).randbytes(32).hex()
        self.sent[where] = [digits]
        return f"my private key is {digits}"

    def keystore(self, where: str) -> str:
        text = keystore(next(self._seeds))
        self.sent[where] = [json.loads(text)["crypto"]["ciphertext"]]
        return text

    def code(self, where: str) -> str:
        digits = f"{random.Random(next(self._seeds)).randrange(10**7, 10**8)}"
        self.sent[where] = [digits]
        return f"my verification code is {digits}"

    def card(self, where: str) -> str:
        digits = "4" + "".join(random.Random(next(self._seeds)).choices("0123456789", k=14))
        check = next(d for d in "0123456789" if _luhn(digits + d))
        self.sent[where] = [digits + check]
        return f"my card {digits + check}"

    def found_in(self, files: dict[str, bytes]) -> list[str]:
        """Say for each secret that is anywhere where it went in and where it is."""
        found = []
        for where, parts in self.sent.items():
            for part in parts:
                pattern = b"|".join(map(re.escape, _forms(part)))
                found += [f"{where} in {name}: {part}" for name, data in files.items() if re.search(pattern, data)]
        return found


def _luhn(digits: str) -> bool:
    doubled = [int(d) * (1 + at % 2) for at, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _forms(part: str) -> Iterator[bytes]:
    """The part as text in the encodings in which anything is written, base64 at its three places among them."""
    for separator in (" ", "\n", "+", "%20", "=20", "\\n"):
        yield part.replace(" ", separator).encode()
    yield part.encode("utf-16-le")
    yield part.encode().hex().encode()
    for at in range(3):
        yield b64encode(b"\0" * at + part.encode())[4 if at else 0 : -4]


def mail(subject: str = "help", body: str = "My deposit is missing.", sender: str = "ann@mail.example") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "support@wallet.example", subject
    made["Message-ID"] = f"<{random.getrandbits(64)}@mail.example>"
    made.set_content(body)
    return made


async def by_mail(desk, canaries: Canaries) -> int:
    """Send one secret by each part of a mail; return how many mails there were."""
    mails = [
        mail(body=f"my phrase is {canaries.phrase('mail body')}", sender="m1@mail.example"),
        mail(subject=canaries.phrase("mail subject"), sender="m2@mail.example"),
        mail(sender=f'"{canaries.phrase("mail name")}" <m3@mail.example>'),
        mail(body=f"see below\n\n> you wrote\n> {canaries.phrase('mail quote')}\n", sender="m4@mail.example"),
        mail(body=canaries.wif("mail key"), sender="m5@mail.example"),
        mail(body=canaries.hex_key("mail hex"), sender="m6@mail.example"),
        mail(body=canaries.code("mail code"), sender="m7@mail.example"),
        mail(body=canaries.card("mail card"), sender="m8@mail.example"),
        mail(body=canaries.keystore("mail keystore"), sender="m9@mail.example"),
        mail(body=canaries.phrase("mail in Japanese", "japanese"), sender="m10@mail.example"),
    ]
    page = mail(sender="m11@mail.example")
    page.set_content(f"<p>my words: <b>{'</b> <i>'.join(canaries.phrase('mail page').split())}", subtype="html")
    files = mail(sender="m12@mail.example")
    files.add_attachment(canaries.phrase("text file").encode(), "text", "plain", filename="words.txt")
    files.add_attachment(canaries.keystore("keystore file").encode(), "application", "json", filename="wallet.json")
    files.add_attachment(f"key,{canaries.wif('table file')}\n".encode(), "text", "csv", filename="export.csv")
    files.add_attachment(canaries.wif("file of no type").encode(), "application", "octet-stream", filename="my.key")
    files.add_attachment(b"x", "image", "png", filename=f"{canaries.phrase('file name')}.png")
    for one in (*mails, page, files):
        await desk.mail.deliver(one.as_bytes().replace(b"\n", b"\r\n"))
    return len(mails) + 2


def by_telegram(desk, canaries: Canaries) -> int:
    """Send one secret by each part of an update; return how many there were."""
    write = desk.telegram.write
    write(canaries.phrase("chat"), user=101)
    write(canaries.wif("chat key"), user=102)
    write(None, user=103, caption=canaries.phrase("caption"), photo=[{"file_id": "x", "file_size": 5}])
    write(None, user=104, document={"file_id": "x", "file_name": f"{canaries.phrase('chat file name')}.txt"})
    named = {"id": 105, "is_bot": False, "first_name": canaries.phrase("chat name")}
    write("My deposit is missing", user=105, **{"from": named})
    first = desk.telegram.post("My deposit is missing", user=106)
    desk.telegram.push(message=first)
    changed = first | {"text": canaries.phrase("edited chat"), "edit_date": int(time.time())}
    desk.telegram.push(edited_message=changed)
    desk.telegram.push(message={"message_id": 5, "text": canaries.phrase("unreadable chat"), "date": 1e308})
    return 7


def by_x(x: XApi, canaries: Canaries) -> int:
    x.mention(f"@us {canaries.phrase('post')}", author="71")
    x.mention(f"@us {canaries.wif('post key')}", author="72")
    return 2


def written(folder: Path) -> dict[str, bytes]:
    """Every file there is, but the ones that the operator keeps his own secrets in."""
    given = {"password", "token", "key", "secret.key"}
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in given and "given" not in path.parts
    }


@pytest.mark.slow
async def test_no_byte_that_was_written_holds_a_secret(desk, tmp_path):
    canaries, x = Canaries(), XApi()
    secret_key, public_key = new_keys()
    given = tmp_path / "given"
    given.mkdir()
    for name in ("consumer_key", "consumer_secret", "access_token", "access_token_secret"):
        (given / name).write_text(getattr(x.login.keys, name))
    sources = "\n".join(f'{name} = {{ file = "given/{name}" }}' for name in
                        ("consumer_key", "consumer_secret", "access_token", "access_token_secret"))  # fmt: skip
    url = await x.start()
    desk.config.write_text(
        desk.config.read_text()
        + f'[guard]\nseal_to = "{public_key}"\n[channels.x]\nkind = "x"\nbase_url = "{url}"\nstart = "all"\n'
        f"[channels.x.oauth1]\n{sources}\n"
    )
    assert (await desk.triage("upgrade")).code == 0
    try:
        async with desk.running() as daemon:
            count = await by_mail(desk, canaries) + by_telegram(desk, canaries) + by_x(x, canaries)
            await in_store(daemon, tmp_path, count)
            halves = canaries.phrase("in two messages").split()
            desk.telegram.write(" ".join(halves[:6]), user=107)
            await in_store(daemon, tmp_path, count + 1)
            assert (await desk.triage("backup", "between.db")).code == 0
            desk.telegram.write("and " + " ".join(halves[6:]), user=107)
            await in_store(daemon, tmp_path, count + 2)
            await by_hand(desk, canaries, given)
            assert (await desk.triage("backup", "backup.db")).code == 0
            files = written(tmp_path)
            log = "\n".join(map(json.dumps, daemon.log))
            await daemon.told_to_end()
    finally:
        await x.stop()
    outputs = {}
    for words in (
        ("cases", "--json", "-n", "200"),
        ("cases", "--csv"),
        ("quarantine", "list", "--json"),
        ("review", "--json"),
    ):
        outputs[" ".join(words)] = (await desk.triage(*words)).out.encode()
    files |= written(tmp_path) | outputs | {"the log": log.encode()}
    assert {"triage.db", "backup.db", "between.db"} <= set(files)
    assert canaries.found_in(files) == []
    everything = b"\n".join(data for name, data in files.items() if not name.startswith("imap"))
    assert [token for token in TOKENS if token.encode() in everything] == []
    assert_only_sealed(tmp_path, secret_key, canaries)


async def by_hand(desk, canaries: Canaries, given: Path) -> None:
    """Secrets in files taken in by command, and in what agents write."""
    (given / "a.txt").write_text(canaries.phrase("ingested text"))
    (given / "a.eml").write_bytes(mail(body=canaries.wif("ingested mail"), sender="i@mail.example").as_bytes())
    (given / "a.jsonl").write_text(
        json.dumps({"text": canaries.phrase("ingested line"), "from": "j@mail.example"})
        + "\n{bad "
        + canaries.phrase("bad line")
    )
    for name in ("a.txt", "a.eml", "a.jsonl"):
        assert (await desk.triage("ingest", str(given / name))).code == 0
    found = await desk.triage("cases", "--json", "-n", "200")
    number = found.objects[0]["number"]
    assert (await desk.triage("note", number, canaries.phrase("note"))).code == 0
    assert (await desk.triage("reply", number, canaries.phrase("reply"))).code != 0
    assert (await desk.triage("correct", number, "--topic", canaries.phrase("correction"))).code != 0


async def in_store(daemon, folder: Path, count: int) -> None:
    def arrived() -> bool:
        with sqlite3.connect(folder / "triage.db", timeout=20) as database:
            rows = database.execute(
                "SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM quarantine)"
            ).fetchone()
            waiting = database.execute("SELECT count(*) FROM inbox").fetchone()
        database.close()
        return rows[0] >= count and not waiting[0]

    await daemon.until(arrived)


def assert_only_sealed(folder: Path, secret_key: str, canaries: Canaries) -> None:
    """The originals are there after all: in boxes that only the offline key opens."""
    with sqlite3.connect(folder / "triage.db") as database:
        rows = [json.loads(row[0]) for row in database.execute("SELECT original FROM messages")]
    database.close()
    boxes = [row["sealed"] for row in rows if row.get("sealed")]
    opened = b"\n".join(unseal(box, secret_key) for box in boxes).decode()
    assert canaries.sent["mail body"][0] in opened
    assert len(boxes) > 15


def test_a_canary_that_is_there_is_found(tmp_path):
    canaries = Canaries()
    words = canaries.phrase("somewhere")
    for form in (
        words.encode(),
        words.encode("utf-16-le"),
        b64encode(b"x" + words.encode()),
        words.encode().hex().encode(),
    ):
        assert canaries.found_in({"file": b"..." + form + b"..."})
    assert canaries.found_in({"file": b"abandon"}) == []
