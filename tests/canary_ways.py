"""The ways in which a secret can come: each part of a mail, an update, a post, a file, a command."""

import json
import random
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from canaries import Canaries

from triage.demo.x_api import XApi


def mail(subject: str = "help", body: str = "My deposit is missing.", sender: str = "ann@mail.example") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "support@wallet.example", subject
    made["Message-ID"] = f"<{random.getrandbits(64)}@mail.example>"
    made.set_content(body)
    return made


async def by_mail(desk: Any, canaries: Canaries) -> int:
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


def by_telegram(desk: Any, canaries: Canaries) -> int:
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
    write(None, user=108, contact={"first_name": canaries.phrase("contact"), "phone_number": "1"})
    poll = {"question": canaries.phrase("poll"), "options": [{"text": canaries.wif("poll option")}], "id": "1"}
    write(None, user=109, poll=poll)
    desk.telegram.push(message={"message_id": 5, "text": canaries.phrase("unreadable chat"), "date": 1e308})
    return 10


def by_x(x: XApi, canaries: Canaries) -> int:
    """Send secrets by public posts, long ones too, and by direct messages; return how many there were."""
    x.mention(f"@us {canaries.phrase('post')}", author="71")
    x.mention(f"@us {canaries.wif('post key')}", author="72")
    x.mention("@us my words are …", author="73", note_tweet={"text": f"@us {canaries.phrase('long post')}"})
    x.mention(f"@us {canaries.phrase('unreadable post')}", author="74", lang=5)
    x.message(f"my phrase {canaries.phrase('direct message')}", sender="75")
    x.message(canaries.wif("direct message key"), sender="76")
    return 6


async def by_hand(desk: Any, canaries: Canaries, given: Path) -> None:
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
