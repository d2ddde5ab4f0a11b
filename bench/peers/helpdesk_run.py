"""django-helpdesk 2.6.1 reads a folder of mails (`get_email`, local directory); prints what it did as JSON.

Runs in its own environment. SQLite with Django's defaults (every transaction synced); replies go to memory, which
costs it nothing. `helpdesk_run.py FOLDER WORK [TIMES]`. With IMAP in the environment it reads that mailbox instead,
sends by SMTP, and waits before each round for a line on standard input; each round is then a line of its own.
"""

import json
import os
import resource
import shutil
import sys
import time
from pathlib import Path

folder, work = Path(sys.argv[1]), Path(sys.argv[2])
times = int(sys.argv[3]) if len(sys.argv) > 3 else 2
imap = json.loads(os.environ.get("IMAP", "null"))

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="bench",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(work / "helpdesk.db")}},
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.sites",
        "django.contrib.humanize", "django.contrib.admin", "django.contrib.messages", "rest_framework", "helpdesk",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    SITE_ID=1, USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.AutoField", ROOT_URLCONF="__main__",
    EMAIL_BACKEND=os.environ.get("EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend"),
    EMAIL_HOST="127.0.0.1", EMAIL_PORT=int(os.environ.get("SMTP_PORT", "25")), DEFAULT_FROM_EMAIL="support@wallet.example",
    MEDIA_ROOT=str(work / "media"), MEDIA_URL="/media/", STATIC_URL="/static/",
    HELPDESK_TEAMS_MODE_ENABLED=False, HELPDESK_KANBAN_BOARD_ENABLED=False, LOGGING_CONFIG=None,
    SILENCED_SYSTEM_CHECKS=["admin.E408", "admin.E409", "admin.E410", "admin.E403"],
)  # fmt: skip
django.setup()

from django.contrib.sites.models import Site
from django.core import mail
from django.core.management import call_command
from django.urls import include, path
from helpdesk.models import FollowUp, Queue, Ticket

urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
call_command("migrate", verbosity=0)
call_command("loaddata", "emailtemplate.json", verbosity=0)
Site.objects.update_or_create(pk=1, defaults={"domain": "wallet.example", "name": "desk"})
inbox = work / "inbox"
common = {
    "title": "Support", "slug": "support", "email_address": "support@wallet.example", "allow_email_submission": True,
    "email_box_interval": 0, "logging_type": "none", "enable_notifications_on_email_events": True,
}  # fmt: skip
if imap:
    Queue.objects.create(
        **common, email_box_type="imap", email_box_host=imap["host"], email_box_port=imap["port"], email_box_ssl=True,
        email_box_user=imap["user"], email_box_pass=imap["password"], email_box_imap_folder="INBOX",
    )  # fmt: skip
else:
    Queue.objects.create(**common, email_box_type="local", email_box_local_dir=f"{inbox}/")

mail.outbox = []
rounds = []
for _ in range(times):
    if not imap:
        shutil.copytree(folder, inbox)
    else:
        sys.stdin.readline()
    before, wall, cpu = Ticket.objects.count(), time.perf_counter(), time.process_time()
    Queue.objects.update(email_box_last_check=None)
    call_command("get_email", quiet=True)
    rounds.append(
        {
            "seconds": time.perf_counter() - wall,
            "cpu": time.process_time() - cpu,
            "made": Ticket.objects.count() - before,
            "left": len(list(inbox.iterdir())) if not imap else 0,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
    if imap:
        print(json.dumps(rounds[-1]), flush=True)
    else:
        shutil.rmtree(inbox)
print(
    json.dumps(
        {
            "rounds": rounds,
            "cases": rounds[0]["made"],
            "messages": FollowUp.objects.count(),
            "replies": len(mail.outbox),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
)
