"""The reader on the server that the demonstration runs on: no user flags, UIDs from 101, a frozen view until NOOP."""

import asyncio

import pytest
from connectors.contract import opened, texts

from triage.connectors.email import Email, Settings


@pytest.fixture
async def servers(tmp_path):
    from triage.demo.mail import mail_servers

    async with mail_servers(tmp_path, "desk@wallet.example", "secret word") as found:
        yield found


async def test_mail_is_read_marked_and_moved(servers, tmp_path):
    (tmp_path / "password").write_text("secret word")
    base = {
        "address": "desk@wallet.example",
        "password": {"file": tmp_path / "password"},
        "imap": {"host": "localhost", "port": servers.imap_port, "ca_file": servers.ca_file},
        "start": "all",
        "poll": 0.5,
    }
    for mark in ("seen", "move:Done"):
        one = Email("mail", Settings.model_validate(base | {"mark": mark}))
        reader = opened(one)
        await anext(reader)
        for number in range(3):
            await servers.deliver(f"From: a@b.example\r\nMessage-ID: <{mark}{number}@b>\r\n\r\n{number}\r\n".encode())
        found: list[str] = []
        async with asyncio.timeout(20):
            while len(found) < 3:
                found += texts((await anext(reader)).items)
            await anext(reader)
        assert found == ["0", "1", "2"][-len(found) :] or len(found) == 6
        await reader.aclose()
        await one.close()
    await asyncio.sleep(0)
