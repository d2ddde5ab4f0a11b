import asyncio
import json
import mailbox
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from connectors.contract import AccountContract, ReaderContract, opened, received, texts

from triage.connectors import Connector
from triage.connectors.folder import Settings, connect, read_file
from triage.errors import ChannelDown, SendRefused
from triage.message import Message, Unreadable

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
SHARED = Path(__file__).parents[2] / "../shared"
MAIL = b"From: Ada <ada@example.org>\nSubject: stuck\nMessage-ID: <1@example.org>\n\nMy withdrawal is stuck.\n"


def read(path: Path, skip: int = 0) -> list[Message | Unreadable]:
    return list(read_file(path, channel="archive", received_at=NOW, skip=skip))


def written(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def messages(path: Path) -> list[Message]:
    return [item for item in read(path) if isinstance(item, Message)]


class Drop:
    """The folder's far side: a customer's messages are files that somebody drops."""

    name = "archive"
    kind = "folder"
    longest_silence = Settings.model_fields["every"].default + 1
    read_faults: Sequence[str] = ()
    send_faults: Sequence[str] = ()
    secrets: Sequence[str] = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    def connector(self, **other: object) -> Connector:
        return connect(self.name, Settings.model_validate({"path": self.folder, "settle": 0, "every": 0.01} | other))

    def refused(self) -> Connector:
        blocked = written(self.folder.parent / "no-folder", "x")
        return self.connector(path=blocked)

    def unreachable(self) -> Connector:
        return self.connector(path=self.folder / "gone")

    def drop(self, name: str, data: bytes | str) -> Path:
        self.count += 1
        path = written(self.folder / name, data)
        os.utime(path, ns=(self.count * 10**9, self.count * 10**9))
        return path

    async def say(self, text: str) -> None:
        self.drop(f"{self.count}.jsonl", json.dumps({"text": text, "from": "ada@example.org"}))

    async def say_poison(self) -> None:
        self.drop(f"{self.count}.jsonl", "{ not json")

    async def inject(self, fault: str) -> None:
        raise AssertionError(fault)

    def delivered(self) -> list[str]:
        return []


@pytest.fixture
def far(tmp_path: Path) -> Drop:
    folder = tmp_path / "drop"
    folder.mkdir()
    return Drop(folder)


class TestReader(ReaderContract):
    pass


class TestAccount(AccountContract):
    pass


def test_a_mail_file_gives_its_message(tmp_path: Path) -> None:
    (message,) = messages(written(tmp_path / "a.eml", MAIL))
    assert message.sender.value == "ada@example.org"
    assert message.known_as == ("<1@example.org>",)


def test_the_same_file_under_another_name_is_the_same_message(tmp_path: Path) -> None:
    first, second = messages(written(tmp_path / "a.eml", MAIL)), messages(written(tmp_path / "b.eml", MAIL))
    assert first[0].keys == second[0].keys


def test_an_mbox_gives_each_mail_and_keeps_quoted_from_lines(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box")
    for number in range(3):
        box.add(MAIL.replace(b"<1@", b"<%d@" % number) + b"\nFrom my phone\n")
    box.close()
    found = messages(tmp_path / "box")
    assert [m.known_as[0] for m in found] == ["<0@example.org>", "<1@example.org>", "<2@example.org>"]
    assert found[0].text.endswith("From my phone\n")


def test_equal_mails_in_one_mbox_are_known_by_their_content(tmp_path: Path) -> None:
    first, second = messages(written(tmp_path / "a.mbox", (b"From a Mon Nov  2 2026\n" + MAIL + b"\n") * 2))
    assert first.external_id != second.external_id
    assert first.content_key == second.content_key


def test_an_unreadable_line_does_not_stop_the_next(tmp_path: Path) -> None:
    lines = ['{"text": "one"}', "garbage", "[" * 100_000, '{"text": 7}', '{"subject": "no text"}', '{"text": "two"}']
    items = read(written(tmp_path / "a.jsonl", "\n".join(lines)))
    assert [type(item) for item in items] == [Message, *[Unreadable] * 4, Message]


def test_a_record_says_who_wrote_and_where(tmp_path: Path) -> None:
    record = {
        "text": "hola\ud800",
        "from": {"value": "77", "kind": "telegram", "name": "Eva"},
        "kind": "telegram",
        "conversation": "tg:77",
        "known_as": ["tg:77:1"],
        "refers_to": "tg:77:0",
        "language_hint": "es",
        "sent_at": "2026-01-02T03:04:05+01:00",
        "category": "not ours",
    }
    (message,) = messages(written(tmp_path / "a.jsonl", json.dumps(record)))
    assert message.sender.key == "telegram:77"
    assert message.sent_at == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert (message.known_as, message.refers_to) == (("tg:77:1",), ("tg:77:0",))
    assert message.text == "hola?"


def test_two_unnamed_writers_are_two_people(tmp_path: Path) -> None:
    first, second = messages(written(tmp_path / "a.jsonl", '{"text": "help"}\n{"text": "help"}\n'))
    assert first.sender.key != second.sender.key


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("plain", b"From x@y Mon Nov  2 10:00:00 2026\n" + MAIL, "email"),
        ("plain", MAIL, "email"),
        ("plain", b'{"text": "hi"}', "folder"),
        ("plain", "我的钱不见了".encode("gbk"), "folder"),
        ("a.txt", b"Subject: in a text file\n\nhi", "folder"),
    ],
)
def test_a_file_without_a_telling_name_is_told_by_its_start(tmp_path: Path, name: str, data: bytes, kind: str) -> None:
    (message,) = messages(written(tmp_path / name, data))
    assert message.kind == kind


def test_skipped_items_keep_the_ids_of_the_others(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", '{"text": "1"}\n{"text": "2"}\n{"text": "3"}\n')
    assert [i.external_id for i in read(path, skip=2)] == [i.external_id for i in read(path)][2:]


async def test_stored_files_move_to_done_and_replace_none(far: Drop) -> None:
    far.drop("a.txt", "first")
    await received(far.connector(), 1)
    far.drop("a.txt", "second")
    await received(far.connector(), 1)
    assert sorted(p.name for p in (far.folder / "done").iterdir()) == ["a-1.txt", "a.txt"]
    assert not [p for p in far.folder.iterdir() if p.is_file()]


async def test_a_long_file_goes_on_where_it_stopped(far: Drop) -> None:
    far.drop("many.jsonl", "\n".join(json.dumps({"text": str(n)}) for n in range(250)))
    first, cursor = await received(far.connector(), 150, stored=False)
    rest, _ = await received(far.connector(), 50, cursor)
    assert texts(first + rest) == [str(n) for n in range(250)]


async def test_without_marking_a_file_is_read_once_and_stays(far: Drop) -> None:
    path = far.drop("a.txt", "stay")
    connector = far.connector(mark="nothing")
    reader = opened(connector)
    assert [(await anext(reader)).items != () for _ in range(3)] == [True, False, False]
    assert path.exists()
    await reader.aclose()


async def test_without_marking_files_that_are_gone_are_forgotten(far: Drop) -> None:
    connector = far.connector(mark="nothing")
    reader = opened(connector)
    for number in range(3):
        path = far.drop(f"{number}.txt", "stay a while")
        async with asyncio.timeout(5):
            while not (await anext(reader)).items:
                pass
        await anext(reader)  # stored
        path.unlink()
        await anext(reader)
    assert not connector._finished
    await reader.aclose()


async def test_a_file_that_is_still_being_written_waits(far: Drop) -> None:
    far.drop("a.txt.part", "half")
    path = written(far.folder / "b.txt", "half")
    os.utime(path, (1000.0, 1000.0))
    settings = Settings(path=far.folder, settle=5, every=0.01)
    now = [1004.0]
    from triage.connectors.folder import Folder

    connector = Folder("archive", settings, clock=lambda: now[0])
    reader = opened(connector)
    assert (await anext(reader)).items == ()
    now[0] = 1006.0
    async with asyncio.timeout(5):
        while not (batch := await anext(reader)).items:
            pass
    assert len(batch.items) == 1
    await reader.aclose()


async def test_a_maildir_is_read_and_marked_as_maildirs_are(far: Drop) -> None:
    for place in ("new", "cur", "tmp"):
        (far.folder / place).mkdir()
    far.drop("new/1.host", MAIL)
    far.drop("cur/2.host:2,F", MAIL.replace(b"<1@", b"<2@"))
    far.drop("cur/3.host:2,S", MAIL.replace(b"<1@", b"<3@"))
    far.drop("tmp/4.host", MAIL)
    items, _ = await received(far.connector(), 2)
    assert len(items) == 2
    assert sorted(p.name for p in (far.folder / "cur").iterdir()) == ["1.host:2,S", "2.host:2,FS", "3.host:2,S"]


async def test_a_folder_that_comes_back_is_read_again(far: Drop) -> None:
    far.folder.rmdir()
    with pytest.raises(ChannelDown):
        await received(far.connector(), 1)
    far.folder.mkdir()
    far.drop("a.txt", "here again")
    items, _ = await received(far.connector(), 1)
    assert texts(items) == ["here again"]


async def test_a_folder_never_sends(far: Drop) -> None:
    from builders import a_reply

    with pytest.raises(SendRefused):
        await far.connector().send(a_reply())


@pytest.mark.skipif(not (SHARED / "eval").is_dir(), reason="needs the shared evaluation files")
def test_every_evaluation_record_is_read() -> None:
    path = SHARED / "eval" / "wallet_users.jsonl"
    assert len(messages(path)) == len(path.read_text(encoding="utf-8").splitlines())
