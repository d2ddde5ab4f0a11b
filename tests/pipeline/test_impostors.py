"""Who hunts our customers: pitches get no answer and no place, and what reports name becomes a list."""

from datetime import timedelta

from sqlalchemy import func, insert, select

from triage.case import Disposition
from triage.daemon.incidents import _forget
from triage.store import impostors
from triage.store.tables import dead_addresses, pitches

PITCH = "Wizard Recovery Expert can recover your lost funds. Reach out to @wizard_recovery on Telegram"
REPORT = (
    "Someone pretending to be your support wrote to me on Telegram, @acme_helpdesk2, with a link https://evil.example/x"
)
SOLICITS = "Great season for everybody, come and join the group of winners today at https://winners.example"


def listed(room, **asked):
    with room.store.read() as tx:
        return impostors.listing(tx, **asked)


def dispositions(room):
    return {name: n for name, n in room.totals().items() if name.startswith("messages.") and n}


def test_a_pitch_is_kept_labelled_and_neither_answered_nor_listed(room):
    room.hear(room.chat(PITCH), room.post(PITCH))
    assert room.cases() == []
    assert dispositions(room)["messages.spam"] == 2
    assert room.queued("bot") == []
    [one] = listed(room)
    assert (one.kind, one.value, one.reports, one.pitches) == ("handle", "wizard_recovery", 0, 2)


def test_what_a_report_names_is_listed_with_its_case(room):
    room.hear(room.mail(REPORT))
    [case] = room.cases()
    assert (case.verdict.category, case.verdict.topic) == ("security", "impostor")
    assert {(i.kind, i.value) for i in listed(room)} == {("handle", "acme_helpdesk2"), ("link", "evil.example")}
    with room.store.read() as tx:
        [seen] = impostors.sighted(tx, "evil.example")
    assert (seen.number, seen.why, seen.sender) == (case.number, "reported", "email:ada@example.org")


def test_the_list_is_searched_and_counts_each_message_once(room):
    for n in range(3):
        room.hear(room.mail(REPORT, sender=f"p{n}@example.org"))
    assert [i.reports for i in listed(room)] == [3, 3]
    assert [i.value for i in listed(room, text="EVIL")] == ["evil.example"]
    assert [i.value for i in listed(room, kind="handle")] == ["acme_helpdesk2"]
    assert listed(room, text="100%_") == []


def test_the_same_pitch_from_many_senders_is_labelled_once_there_are_enough(room):
    for n in range(7):
        room.hear(room.mail(f"{SOLICITS}?ref={n}".replace("?ref", "/ref"), sender=f"p{n}@example.org"))
    spam = dispositions(room).get("messages.spam", 0)
    assert spam >= 3
    assert spam + len(room.cases()) + dispositions(room).get("messages.empty", 0) == 7


def test_a_customer_who_repeats_herself_is_no_crowd(room):
    for _ in range(7):
        room.hear(room.mail("Please join my two accounts as written at https://notes.example/ann, contact me today"))
    assert Disposition.SPAM.value not in {e.disposition.value for case in room.cases() for e in room.entries(case)}


def test_the_case_of_a_victim_is_no_pitch(room):
    room.hear(room.mail("I connected my wallet at https://evil.example and all my coins are gone, please help"))
    [case] = room.cases()
    assert case.verdict.category == "security"


def test_what_nothing_is_compared_with_any_more_does_not_grow_for_ever(room):
    def kept():
        with room.store.read() as tx:
            return [tx.execute(select(func.count()).select_from(one)).scalar_one() for one in (pitches, dead_addresses)]

    for days in (0, 20, 20):
        room.later(days=days)
        room.hear(room.mail(SOLICITS, sender=f"p{days}@example.org"))
        dead = {"hash": room.now.isoformat().encode(), "since": room.now, "why": "5.1.1"}
        room.store.run(lambda tx, dead=dead: tx.execute(insert(dead_addresses).values(dead)))
    assert kept() == [2, 3]
    room.store.run(lambda tx: _forget(tx, room.now))
    assert kept() == [1, 2]
    room.store.run(lambda tx: _forget(tx, room.now + timedelta(days=365)))
    assert kept() == [0, 0]
