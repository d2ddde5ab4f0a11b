"""What customers are told by ourselves, from the inbox to the outbox, on both databases."""

from dataclasses import replace
from datetime import UTC, time, timedelta, timezone

import pytest
from builders import NOW, a_case, a_message, a_verdict, an_address
from hypothesis import given, settings
from hypothesis import strategies as st

from triage import agents
from triage.answering import Answering
from triage.case import Disposition
from triage.connectors import mime
from triage.message import Attachment
from triage.rules.language import LANGUAGES
from triage.rules.quiet import Quiet
from triage.store import cases, outbox

STUCK = "My withdrawal is stuck since yesterday, it is still pending and the money does not arrive."
TX = "0x9f2c1e7ab0c34d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6"
MARK = "Ѫ"
"""A letter that no text of ours has: whatever a customer writes is marked with it."""


def with_desk(room, **changes):
    return replace(room, desk=replace(room.desk, **changes))


def test_an_acknowledgement_asks_only_for_what_is_missing(room):
    room.hear(room.chat(STUCK), room.chat(f"{STUCK} The transaction id is {TX}", user="43"))
    told_nothing, told_all = (reply.text for reply in room.queued("bot"))
    assert "- the transaction ID" in told_nothing
    assert "\n- " not in told_all


def test_what_is_asked_for_is_in_the_customers_language(room):
    room.hear(room.chat("我的提现一直显示处理中，钱没有到账，请帮我看看"))
    [reply] = room.queued("bot")
    assert "- 交易哈希" in reply.text


def test_the_help_page_of_the_topic_is_named_in_the_customers_language(room):
    pages = {"pending": {"en": "https://help.example/en", "es": "https://help.example/es"}}
    pages["not-arrived"] = pages["cannot-withdraw"] = pages["pending"]
    desk = with_desk(room, faq=pages)
    desk.hear(desk.chat(STUCK), desk.chat("Hola, mi retiro sigue pendiente desde ayer, ¿me ayudan?", user="43"))
    english, spanish = desk.queued("bot")
    assert "https://help.example/en\n" in english.text
    assert "https://help.example/es\n" in spanish.text


def test_the_latest_time_is_told_in_the_zone_of_the_customers_mail(room):
    beijing, unknown = timezone(timedelta(hours=8)), timezone(timedelta(0))
    room.hear(
        room.mail(STUCK, sent_at=NOW.astimezone(beijing)),
        room.mail(STUCK, sender="bob@example.org", sent_at=NOW.astimezone(unknown)),
    )
    known, other = (reply.text for reply in room.queued())
    assert "PM UTC+8" in known
    assert "UTC" not in other


def test_a_mail_brings_the_zone_that_its_date_line_names(room):
    lines = (b"From: ada@example.org", b"Date: Mon, 02 Nov 2026 18:00:00 +0800", b"Subject: help", b"", STUCK.encode())
    mail = mime.parse(b"\r\n".join(lines), channel="support-mail", external_id="INBOX/1/1", received_at=NOW)
    room.hear(mail)
    [reply] = room.queued()
    assert "PM UTC+8" in reply.text


def test_who_is_being_robbed_is_told_what_to_do_at_once(room):
    room.hear(room.chat("My wallet was hacked and all my ETH was stolen an hour ago."))
    [reply] = room.queued("bot")
    assert "create a new wallet" in reply.text
    assert "\n- the transaction ID" in reply.text


def test_every_language_is_acknowledged_in_itself(room):
    for language in LANGUAGES:
        answers = Answering(desk=room.desk, now=NOW)
        message = a_message()
        answers.acknowledge(message, room.desk.read(message), a_case(language=language), Disposition.NEW, exposed=False)
        assert [reply.language for reply in answers.replies] == [language]


words = st.lists(st.text(max_size=12).map(lambda word: f"{MARK}{word}{MARK}"), min_size=1, max_size=8).map(" ".join)


@st.composite
def messages(draw):
    kind = draw(st.sampled_from(["email", "telegram", "x"]))
    file = draw(words)
    return a_message(
        draw(words),
        subject=draw(words),
        kind=kind,
        channel={"email": "support-mail", "telegram": "bot", "x": "x"}[kind],
        sender=an_address("7", kind, name=draw(words), handle=draw(words)),
        public=draw(st.booleans()),
        attachments=(Attachment(name=file, content_type=file),),
        received_at=NOW + timedelta(hours=9),
    )


@pytest.mark.parametrize("disposition", [Disposition.NEW, Disposition.FOLLOW_UP])
@given(message=messages(), topic=st.sampled_from(["theft", "pending", "login", "praise"]), exposed=st.booleans())
@settings(max_examples=60, deadline=None)
def test_no_text_of_a_customer_is_ever_sent_back(desk, disposition, message, topic, exposed):
    case = a_case(summary=message.text, verdict=a_verdict(topic=topic))
    reading = replace(desk.read(message), robot=None)
    answers = Answering(desk=desk, now=NOW)
    answers.acknowledge(message, reading, case, disposition, exposed=exposed)
    for command in ("start", "status", "help"):
        for own in ([], [case]):
            answers.command(replace(message, external_id=f"{command}{len(own)}"), reading, command, own)
    assert len(answers.replies) >= 5
    assert not any(MARK in reply.text + reply.subject for reply in answers.replies)


def opened(room, message):
    """Let a message open a case, and return it with nothing left to be sent."""
    room.hear(message)
    [case] = room.cases()
    room.queued()
    room.queued("bot")
    return case


def test_the_number_alone_is_answered_with_the_state_on_the_same_channel(room):
    case = opened(room, room.mail(STUCK))
    room.later(hours=1)
    room.hear(room.mail(f"What is the status of case {case.number}?"))
    [reply] = room.queued()
    assert reply.kind == "status"
    assert "in line" in reply.text
    assert [c.follow_ups + c.repeats for c in room.cases()] == [0]  # to ask is not to press


def test_each_state_is_told(room):
    case = opened(room, room.chat(STUCK))
    asked = [room.chat(case.number) for _ in range(4)]

    def hears(message):
        room.hear(replace(message, received_at=room.now))
        [reply] = room.queued("bot")
        return reply.text

    assert "Expected waiting time" in hears(asked[0])
    room.later(days=3)
    assert "longer than we told you" in hears(asked[1])
    answer = agents.Answer(text="Please update the app.", key="1")
    room.store.run(lambda tx: agents.answer(tx, room.desk, case.id, "ann", answer, room.now))
    room.queued("bot")
    assert "We have answered" in hears(asked[2])
    room.store.run(lambda tx: cases.resolve(tx, case.id, "ann", room.now))
    assert "is closed" in hears(asked[3])


def test_a_stranger_who_sends_a_number_learns_nothing_and_opens_nothing(room):
    case = opened(room, room.mail(STUCK))
    room.hear(room.mail(case.number, sender="mallory@example.net"), room.chat(case.number, user="666"))
    assert [r.kind for r in (*room.queued(), *room.queued("bot"))] == ["status-unknown", "status-unknown"]
    assert len(room.cases()) == 1


def test_a_mistyped_number_is_no_question_but_a_message(room):
    case = opened(room, room.chat(STUCK))
    wrong = case.number[:-1] + ("A" if case.number[-1] != "A" else "B")
    room.later(minutes=1)
    room.hear(room.chat(f"status {wrong}", user="43"))
    assert len(room.cases()) == 2


def test_nobody_is_answered_a_question_for_the_state_who_would_not_be_acknowledged(room):
    case = opened(room, room.mail(STUCK))
    forged = (("Authentication-Results", "mx.wallet.example; dmarc=fail header.from=example.org"),)
    desk = with_desk(room, trusted=("mx.wallet.example",))
    desk.hear(desk.mail(case.number, headers=forged), desk.mail(case.number, addressed=False))
    assert room.queued() == []


def test_questions_for_the_state_by_mail_have_a_limit_of_their_own(room):
    case = opened(room, room.mail(STUCK))
    for _ in range(9):
        room.later(minutes=5)
        room.hear(room.mail(case.number))
    assert len(room.queued()) == room.desk.limits.mailed_commands_per_day


def test_what_a_channel_is_switched_off_for_is_decided_and_said_to_the_agent(room):
    desk = with_desk(room, silent=frozenset({"bot"}))
    desk.hear(desk.chat(STUCK), desk.chat("", command="start"), desk.mail(STUCK))
    assert (desk.queued("bot"), len(desk.queued())) == ([], 1)
    [case] = [c for c in desk.cases() if c.channel == "bot"]
    assert desk.entries(case)[0].acknowledged == "automatic replies are switched off on this channel"


def test_in_quiet_hours_an_acknowledgement_waits_for_their_end(room):
    night = with_desk(room, quiet=Quiet(start=time(9), end=time(12), zone=UTC))  # it is ten
    night.hear(night.chat("How do I change the language of the app?"))
    assert night.queued("bot") == []
    night.later(hours=2)
    assert [reply.kind for reply in night.queued("bot")] == ["acknowledgement"]


def test_what_cannot_wait_is_told_in_quiet_hours_too(room):
    night = with_desk(room, quiet=Quiet(start=time(9), end=time(23), zone=UTC))
    phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    night.hear(
        night.chat("My wallet was hacked and all my ETH was stolen an hour ago, they are taking more"),
        night.chat(f"I sent a man these words: {phrase}", user="43"),
        night.chat("", user="44", command="start"),
    )
    assert [reply.kind for reply in night.queued("bot")] == ["acknowledgement", "secret", "start"]


def test_a_dry_run_decides_and_keeps_everything_and_sends_nothing_even_when_it_is_over(room):
    dry = with_desk(room, dry_run=True)
    dry.hear(dry.mail(STUCK))
    assert dry.queued() == []
    [case] = dry.cases()
    with dry.store.read() as tx:
        [said] = outbox.of_case(tx, case.id)
    assert (said.state, said.kind) == ("withheld", "acknowledgement")
    assert case.number in said.text
    assert dry.totals()["outbox.withheld"] == 1
    answer = agents.Answer(text="Please update the app.", key="1")
    with pytest.raises(agents.NotAnswered, match="dry run"):
        dry.store.run(lambda tx: agents.answer(tx, dry.desk, case.id, "ann", answer, dry.now))
    room.hear(room.mail(STUCK, known_as=("<new@example.org>",), sender="bob@example.org"))
    assert [reply.to.value for reply in room.queued()] == ["bob@example.org"]
