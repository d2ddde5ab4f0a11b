"""Robots are known by what they say of themselves, people are not held back."""

import json
from pathlib import Path

import pytest
from builders import NOW, a_message, an_address

from triage.connectors import mime
from triage.message import Message
from triage.rules.automatic import Own, find_robot

OWN = Own(
    addresses=frozenset({"support@us.example"}),
    domains_of_message_ids=frozenset({"triage.us.example"}),
)
MAILS = Path(__file__).parents[2] / "../shared/mails"


def code_of(**values):
    robot = find_robot(a_message(**values), OWN)
    return robot.code if robot else None


def code_with(*headers, **values):
    return code_of(headers=tuple(headers), **values)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("Return-Path", "<>", "robot.bounce"),
        ("Return-Path", "< >", "robot.bounce"),
        ("return-path", " <> (postmaster)", "robot.bounce"),
        ("Content-Type", 'multipart/report; boundary=x; report-type="delivery-status"', "robot.bounce"),
        ("Content-Type", "multipart/report; report-type=disposition-notification; boundary=x", "robot.receipt"),
        ("Content-Type", "multipart/report; report-type=feedback-report", "robot.abuse-report"),
        ("Content-Type", "message/delivery-status", "robot.bounce"),
        ("Auto-Submitted", "auto-replied", "robot.auto-submitted"),
        ("Auto-Submitted", 'Auto-Replied (vacation); owner-email="a@b.c"', "robot.auto-submitted"),
        ("Auto-Submitted", "x-future", "robot.auto-submitted"),
        ("X-Auto-Response-Suppress", "All", "robot.auto-response-suppress"),
        ("X-Auto-Response-Suppress", "DR, AutoReply", "robot.auto-response-suppress"),
        ("X-Autoreply", "yes", "robot.machine-header"),
        ("X-Autorespond", "1", "robot.machine-header"),
        ("X-Failed-Recipients", "a@b.c", "robot.machine-header"),
        ("X-FC-MachineGenerated", "true", "robot.machine-header"),
        ("Delivered-To", "Autoresponder", "robot.machine-header"),
        ("List-Id", "<dev.lists.example>", "robot.list"),
        ("List-Unsubscribe", "<https://news.example/u>", "robot.list"),
        ("Precedence", "Bulk", "robot.bulk"),
        ("X-Precedence", "auto_reply", "robot.bulk"),
        ("Reply-To", "Desk <Support+x@US.example>", "robot.own-address"),
        ("Sender", "support@us.example", "robot.own-address"),
        ("X-Loop", "support@us.example", "robot.own-address"),
        ("Message-ID", f"<triage.{'0f' * 16}@triage.us.example>", "robot.own-message"),
        ("Return-Path", "<dev-bounces+ann=example.org@lists.example>", "robot.list"),
    ],
)
def test_a_header_gives_a_robot_away(name, value, code):
    assert code_with((name, value)) == code


def test_a_second_header_of_the_kind_counts_as_the_first():
    assert code_with(("Auto-Submitted", "no"), ("Auto-Submitted", "auto-replied")) == "robot.auto-submitted"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Auto-Submitted", "no"),
        ("Auto-Submitted", "No (a person wrote this)"),
        ("X-Auto-Response-Suppress", "None"),
        ("Precedence", "first-class"),
        ("Return-Path", "<ada@example.org>"),
        ("Return-Path", "<bounces+12-ab@em.mailservice.example>"),
        ("Feedback-ID", "1.eu-west-1.xyz:AmazonSES"),
        ("X-Loop", "ada@example.org"),
        ("Content-Type", "multipart/alternative; boundary=report"),
        ("X-Mailer", "Outlook"),
    ],
)
def test_a_person_is_not_held_back_for_one_header(name, value):
    assert code_with((name, value)) is None


def test_a_shared_inbox_kept_as_a_group_is_no_mailing_list():
    group = (("List-Id", "<support.us.example>"), ("List-Post", "<mailto:support@us.example>"), ("Precedence", "list"))
    assert code_with(*group) is None


@pytest.mark.parametrize(
    "sender",
    [
        *("mailer-daemon@x.example", "MAILER-DAEMON@x.example", "postmaster@x.example", "noreply@x.example"),
        *("no-reply@x.example", "gmail-noreply@x.example", "do_not_reply@x.example", "donotreply@x.example"),
        *("bounce@x.example", "bounces+a=b.c@x.example", "dev-request@x.example"),
        *("listserv@x.example", "majordomo@x.example", "noreply-accounts@x.example"),
    ],
)
def test_an_address_no_person_writes_from(sender):
    assert code_of(sender=sender.lower()) == "robot.sender"


@pytest.mark.parametrize(
    "sender", ["norah.reply@x.example", "mailer.dean@x.example", "ann.bounce@x.example", "info@x.cn"]
)
def test_an_address_that_only_looks_like_a_robots(sender):
    assert code_of(sender=sender) is None


@pytest.mark.parametrize("sender", ["", "nobody at all", "alice@example.org)bob@evil.example"])
def test_a_mail_from_nobody_is_not_answered(sender):
    assert code_of(sender=sender) == "robot.no-sender"


@pytest.mark.parametrize("sender", ["support@us.example", "support+x@us.example"])
def test_our_own_address_is_never_answered(sender):
    assert code_of(sender=sender) == "robot.own-address"


def test_a_reply_to_of_many_strangers_is_no_persons():
    many = ", ".join(f"v{i}@victim.example" for i in range(200))
    assert code_with(("Reply-To", many)) == "robot.reply-to"


def test_the_platforms_bots_are_robots():
    assert code_of(kind="telegram", sender=an_address("9", "telegram", is_bot=True)) == "robot.bot"


def test_a_chat_needs_no_mail_address():
    assert code_of(kind="telegram", sender=an_address("9", "telegram")) is None


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Automatic reply: help", "I am out of the office until Monday."),
        ("自动回复: 工单", "我目前休假"),
        ("自動回覆：案件", ""),
        ("Respuesta automática: caso", ""),
        ("Réponse automatique : dossier", ""),
        ("Automatische Antwort: Fall", ""),
        ("Undelivered Mail Returned to Sender", ""),
        ("Mail delivery failed", "There was an error delivering your mail to <a@b.c>."),
        ("系统退信", "该邮件无法投递"),
        ("Ticket Received - 286614 - [#117904] Ticket Received - 286612", "my transfer is stuck"),
        ("Your request has been received", "We have received your request. Your ticket number is 12."),
        ("complaint about message from 192.0.2.1", ""),
    ],
)
def test_a_robot_without_any_header_is_known_by_its_wording(subject, text):
    assert code_of(subject=subject, text=text) == "robot.wording"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Automatic reply: help", "thanks, but my money is still missing"),
        ("Your mail bounced", "I wrote to you and got: 550 5.1.1 <desk@us.example>: user unknown. What now?"),
        ("Mail delivery failed?", "I never got the code by mail, please help."),
        ("Read: my letter", "Please read it"),
        ("Ticket received but nobody answers", "It is three days now. Where is my money?"),
        ("Out of money", "Automatic payments took everything"),
        ("退款", "系统说自动退款，但是没有到账"),
        ("Help", "This is the mail I got: We have received your request. Is it from you?"),
    ],
)
def test_a_person_who_talks_about_robots_is_none(subject, text):
    assert code_of(subject=subject, text=text) is None


def test_hostile_headers_take_bounded_time():
    junk = (("Return-Path", "(" * 50_000), ("Reply-To", "a" * 50_000), ("Precedence", "()" * 20_000))
    assert code_with(*junk, ("Content-Type", "report-type" * 5_000), subject="\t" * 50_000) is None


def real_mails():
    if not (MAILS / "labels.jsonl").exists():
        pytest.skip("the real mails are not here")
    for line in (MAILS / "labels.jsonl").read_text().splitlines():
        row = json.loads(line)
        raw = (MAILS / row["file"]).read_bytes()
        message = mime.parse(raw, channel="mail", external_id="1", received_at=NOW)
        if isinstance(message, Message):
            yield row, message


def test_every_real_machine_mail_is_known_and_people_are_not_held_back():
    missed, held_back = [], []
    for row, message in real_mails():
        robot = find_robot(message, Own())
        if row["label"] in {"bounce", "auto-reply", "arf", "mdn"} and robot is None:
            missed.append(row["file"])
        if row["label"] in {"ham", "not-a-bounce"} and robot and robot.code not in {"robot.list", "robot.bulk"}:
            held_back.append((row["file"], robot))
    assert (missed, held_back) == ([], [])


def test_who_shares_our_mail_provider_is_not_us():
    """`support@163.example`: the mail programs of everybody there end their Message-IDs like ours."""
    desk = Own(addresses=frozenset({"wallet@163.example"}), domains_of_message_ids=frozenset({"163.example"}))
    message = a_message(sender="wang@163.example", known_as=("<5fa1.1b.18c.Coremail.wang@163.example>",))
    assert find_robot(message, desk) is None


@pytest.mark.parametrize(
    "subject",
    [
        "On vacation and lost my phone with 2FA",
        "Out of office hours nobody answers!!!",
        "Auto reply is useless, I need a person",
        "不在通知が来ない",
    ],
)
def test_a_subject_that_goes_on_after_a_machines_label_is_a_persons(subject):
    mail = a_message(subject=subject, text="Please help me, I cannot get into my account since yesterday.")
    assert find_robot(mail, Own(addresses=frozenset(), domains_of_message_ids=frozenset())) is None


@pytest.mark.parametrize("address", ["dog-owner@gmail.com", "owner-jane@example.org", "not-responding@example.org"])
def test_an_address_that_only_resembles_a_machines_is_a_persons(address):
    mail = a_message("Please help me, I cannot get into my account.", sender=address)
    assert find_robot(mail, Own(addresses=frozenset(), domains_of_message_ids=frozenset())) is None
