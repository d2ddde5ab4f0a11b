"""Machines that answer machines: it ends, whatever they hide."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from itertools import count
from types import SimpleNamespace

import pytest
from asking import next_to_send
from builders import NOW
from rooms import ROOT

from triage import pipeline, replies
from triage.connectors import Batch
from triage.connectors.email.compose import compose
from triage.connectors.mime import parse
from triage.rules.automatic import Own
from triage.rules.language import LANGUAGES
from triage.rules.own_words import OwnWords
from triage.store import Store, audit, lists, outbox, upgrade

MARKS = ("Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "X-Loop")
THREAD = ("In-Reply-To", "References", "Message-ID")
STUCK = "My withdrawal is stuck since yesterday, it is still pending and the money does not arrive."


WORDS = OwnWords(replies.sources(ROOT / "config/replies", LANGUAGES))


class House:
    """A desk with a mail account of its own, whose mails go through a gateway that strips headers."""

    def __init__(self, room, store, address, strip):
        self.address, self.strip, self.store, self.judge = address, strip, store, room.judge
        domain = address.partition("@")[2]
        own = Own(addresses=frozenset({address}), domains_of_message_ids=frozenset({domain}), words=WORDS)
        self.desk = replace(room.desk, name=domain, keys=(address.encode(),), own=own)
        self.settings = SimpleNamespace(address=address, display_name=domain)
        self.count, self.said = count(1), []

    def hear(self, raw, now):
        message = parse(raw, channel="support-mail", external_id=str(next(self.count)), received_at=now,
                        own=frozenset({self.address}))  # fmt: skip
        pipeline.receive(self.store, "support-mail", Batch(items=(message,), cursor=None), now)
        while pipeline.work(self.store, self.desk, self.judge, now):
            pass

    def speak(self, now):
        """Send everything that is due, and return it as it arrives at the other side."""
        arrived = []
        while reply := self.store.run(lambda tx: next_to_send(tx, "support-mail", now, 60)):
            mail = message_from_bytes(compose(reply, self.settings, now))
            ids = (mail["Message-ID"],)
            self.store.run(lambda tx, r=reply, ids=ids: outbox.sent(tx, {r.id: ids}, now))
            for name in self.strip:
                del mail[name]
            mail["To"] = mail["To"]
            self.said.append(mail)
            arrived.append(mail.as_bytes())
        return arrived


@pytest.fixture
def two_houses(room, tmp_path):
    def build(strip):
        other = Store(f"sqlite:///{tmp_path / 'other.db'}")
        upgrade.upgrade(other)
        opened.append(other)
        return House(room, room.store, "help@one.example", strip), House(room, other, "care@two.example", strip)

    opened = []
    yield build
    for store in opened:
        store.close()


def mail(sender, to, text=STUCK, *more):
    lines = [f"From: {sender}", f"To: {to}", "Subject: Withdrawal", "Message-ID: <first@gateway.example>", *more]
    return ("\r\n".join([*lines, "Date: Mon, 02 Nov 2026 10:00:00 +0000", "", text, ""])).encode()


@pytest.mark.parametrize("strip", [(), MARKS, (*MARKS, *THREAD)])
@pytest.mark.parametrize("minutes", [1, 8 * 60])
def test_two_of_our_own_desks_stop_within_two_messages_each(two_houses, strip, minutes):
    one, two = two_houses(strip)
    now = NOW
    one.hear(mail(two.address, one.address), now)
    for _ in range(200):  # or for ever, if nothing ended it
        now += timedelta(minutes=minutes)
        letters = [(two, raw) for raw in one.speak(now)] + [(one, raw) for raw in two.speak(now)]
        if not letters:
            break
        for house, raw in letters:
            house.hear(raw, now)
    else:
        pytest.fail("they never stopped")
    assert len(one.said) <= 2
    assert len(two.said) <= 2


def test_a_responder_that_shows_nothing_and_never_stops_gets_four_a_week(two_houses):
    one, _ = two_houses(())
    now = NOW
    for n in range(7 * 24):
        now += timedelta(hours=1)
        text = f"Our ticket {n * 7919} about your message {'re: ' * (n % 9)} was opened, we look into it. {n}"
        one.hear(mail("desk@other.example", one.address, text, f"X-Copy: {n}").replace(b"<first", b"<%d" % n), now)
        one.speak(now)
    assert len(one.said) <= 4


def bounce(of, said, status="5.1.1", action="failed"):
    return f"""From: MAILER-DAEMON@mx.example.org
To: {said["From"]}
Subject: Undelivered mail
Return-Path: <>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {of}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} no such user

--b
Content-Type: text/rfc822-headers

Message-ID: {said["Message-ID"]}

--b--
""".replace("\n", "\r\n").encode()


def test_a_bounce_belongs_to_the_mail_that_caused_it_and_its_address_gets_no_other(two_houses):
    one, _ = two_houses(())
    one.hear(mail("ada@example.org", one.address), NOW)
    one.speak(NOW)
    one.hear(bounce("ada@example.org", one.said[0]), NOW)
    one.hear(bounce("ada@example.org", one.said[0]).replace(b"Undelivered", b"Again undelivered"), NOW)
    with one.store.read() as tx:
        [case] = lists.top(tx, lists.Filters())
        [said] = outbox.of_case(tx, case.id)
        done = audit.of_case(tx, case.id)
    assert (said.state, said.why) == ("bounced", "5.1.1 550 5.1.1 no such user")
    assert [entry.action for entry in done] == ["reply.bounced"]
    one.hear(
        mail("ada@example.org", one.address, "How do I change the language of the app?").replace(b"<f", b"<g"), NOW
    )
    assert one.speak(NOW) == []


def test_who_is_proved_to_write_from_a_dead_address_is_answered_again(two_houses):
    one, _ = two_houses(())
    one.desk = replace(one.desk, trusted=("mx.one.example",))
    one.hear(mail("ada@example.org", one.address), NOW)
    one.speak(NOW)
    one.hear(bounce("ada@example.org", one.said[0]), NOW)
    vouched = "Authentication-Results: mx.one.example; dmarc=pass header.from=example.org"
    text = "How do I change the language of the app?"
    one.hear(mail("ada@example.org", one.address, text, vouched).replace(b"<f", b"<g"), NOW)
    assert len(one.speak(NOW)) == 1


@pytest.mark.parametrize(("status", "action"), [("4.4.1", "delayed"), ("5.2.2", "failed")])
def test_a_mail_that_is_late_or_a_mailbox_that_is_full_silences_nobody(two_houses, status, action):
    one, _ = two_houses(())
    one.hear(mail("ada@example.org", one.address), NOW)
    one.speak(NOW)
    one.hear(bounce("ada@example.org", one.said[0], status, action), NOW)
    text = "How do I change the language of the app?"
    one.hear(mail("ada@example.org", one.address, text).replace(b"<f", b"<g"), NOW)
    assert len(one.speak(NOW)) == 1


def test_a_made_up_report_about_a_case_marks_nothing(two_houses):
    """Who knows a case's number cannot know the Message-ID of what we sent in it."""
    one, _ = two_houses(())
    one.hear(mail("ada@example.org", one.address), NOW)
    one.speak(NOW)
    forged = {"From": one.address, "Message-ID": f"<triage.{'0' * 32}@one.example>"}
    one.hear(bounce("ada@example.org", forged), NOW)
    with one.store.read() as tx:
        [case] = lists.top(tx, lists.Filters())
        assert [said.state for said in outbox.of_case(tx, case.id)] == ["sent"]
