"""roundup 2.6.0 takes a folder of mails through its mail gateway; prints what it did as JSON.

Runs in its own environment, with the classic template on SQLite, PBKDF2 rounds lowered to 1000 so that new senders
cost it little, and mail sending switched to a file. `roundup_run.py FOLDER WORK [TIMES]`
"""

import io
import json
import re
import resource
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path

folder, work = Path(sys.argv[1]), Path(sys.argv[2])
times = int(sys.argv[3]) if len(sys.argv) > 3 else 2
home = work / "tracker"
admin = [str(Path(sys.executable).with_name("roundup-admin")), "-i", str(home)]
subprocess.run([*admin, "install", "classic", "sqlite"], check=True, capture_output=True, input=b"")
config = home / "config.ini"
text = config.read_text()
for name, value in {
    "password_pbkdf2_default_rounds": "1000",
    "web": "http://localhost:8080/desk/",
    "domain": "wallet.example",
    "host": "localhost",
    "email": "support",
    "messages_to_author": "new",
}.items():
    text = re.sub(rf"(?m)^#? ?{name} = .*$", f"{name} = {value}", text, count=1)
head, mail_section, tail = text.partition("\n[mail]\n")
tail = re.sub(r"(?m)^#? ?debug = .*$", f"debug = {work.absolute() / 'mail.log'}", tail, count=1)
config.write_text(head + mail_section + tail)
schema = home / "schema.py"
# Strangers may write and are registered by their first mail, as at a support desk.
schema.write_text(
    schema.read_text().replace("# END OF SCHEMA", "")
    + "\ndb.security.addPermissionToRole('Anonymous', 'Email Access')\n"
)
subprocess.run([*admin, "initialise", "admin"], check=True, capture_output=True, input=b"")

import roundup.instance
from roundup.mailgw import MailGW

tracker = roundup.instance.open(str(home))
mails = [path.read_bytes() for path in sorted(folder.iterdir())]


def count(name: str) -> int:
    db = tracker.open("admin")
    try:
        return len(db.getclass(name).list())
    finally:
        db.close()


rounds = []
failed = 0
for _ in range(times):
    before, wall, cpu = count("issue"), time.perf_counter(), time.process_time()
    gateway = MailGW(tracker, Namespace(default_class="", set_value=[]))
    for raw in mails:
        try:
            gateway.main(io.BytesIO(raw))
        except Exception:  # noqa: BLE001 - a peer's own failure is counted, not hidden
            failed += 1
    rounds.append(
        {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "made": count("issue") - before}
    )
log = work / "mail.log"
sent = log.read_bytes().count(b"\nTO: ") + 1 if log.exists() else 0
print(
    json.dumps(
        {
            "rounds": rounds,
            "cases": rounds[0]["made"],
            "messages": count("msg"),
            "failed": failed,
            "replies": sent,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
)
