"""Many cases with one cause: seen, confirmed, answered with one text."""

from dataclasses import replace

import pytest
from asking import of_no_case
from builders import NOW

from triage import agents, hot_topics, incident_news, incidents
from triage.case import IncidentStatus, Status, Urgency
from triage.rules.surges import Sensitivity
from triage.store import cases
from triage.store import incidents as stored

TEXTS = (
    "My USDT withdrawal on TRON is still pending and did not arrive, reference {}",
    "我在波场 TRON 网络提现的 USDT 一直处理中，还没有到账，编号 {}",
    "Mi retiro de USDT por la red TRON sigue pendiente y no ha llegado, referencia {}",
)


@pytest.fixture
def desk_of_incidents(room):
    return replace(room, desk=replace(room.desk, surges=Sensitivity(at_least=6)))


def burst(room, count=9, first=100):
    """So many people write about the same thing, by mail and chat, in three languages."""
    said = [(TEXTS[n % 3].format(n * 7919), n + first) for n in range(count)]
    room.hear(*[
        room.chat(text, user=str(n)) if n % 2 else room.mail(text, sender=f"p{n}@mail{n}.example") for text, n in said
    ])  # fmt: skip


def watch(room):
    return room.store.run(lambda tx: incidents.watch(tx, room.desk, room.now))


def tell(room, **other):
    total = 0
    while count := room.store.run(lambda tx: incident_news.tell(tx, room.desk, room.now, **other)):
        total += count
    return total


def queued(room):
    return [*room.queued(), *room.queued("bot")]


def confirmed(room, **texts):
    burst(room)
    [found] = watch(room)
    queued(room)
    room.store.run(lambda tx: incidents.confirm(tx, found.id, "ann", room.now))
    room.store.run(lambda tx: incidents.update(tx, room.desk, found.id, "ann", texts, room.now))
    return found


def test_a_burst_is_proposed_once_and_nobody_is_told_anything(desk_of_incidents):
    room = desk_of_incidents
    burst(room)
    [found] = watch(room)
    assert (found.status, found.cases) == (IncidentStatus.PROPOSED, 9)
    assert "TRON" in found.title
    queued(room)
    assert watch(room) == []
    assert (tell(room), queued(room)) == (0, [])


def test_one_update_answers_every_case_in_its_language_on_its_channel(desk_of_incidents):
    room = desk_of_incidents
    confirmed(room, en="TRON is slow today.", es="TRON va lento hoy.")
    assert tell(room, limit=4) == 9
    sent = queued(room)
    assert {(r.kind, r.language) for r in sent} == {("incident", tag) for tag in ("en", "es", "zh-Hans")}
    assert {r.channel for r in sent} == {"support-mail", "bot"}
    assert all(("TRON va lento" if r.language == "es" else "TRON is slow") in r.text for r in sent)
    assert len({r.key for r in sent}) == 9
    assert room.cases() == []  # all of them are answered
    assert (tell(room), queued(room)) == (0, [])


def test_who_writes_later_joins_and_is_told_the_same(desk_of_incidents):
    room = desk_of_incidents
    found = confirmed(room)
    tell(room)
    queued(room)
    room.later(hours=5)
    room.hear(room.chat(TEXTS[0].format(5), user="900"), room.chat("How do I change my password?", user="901"))
    assert watch(room) == []
    assert tell(room) == 1
    # The news overtakes an acknowledgement that was not sent yet.
    assert [r.kind for r in room.queued("bot") if r.to.value == "900"] == ["incident"]
    with room.store.read() as tx:
        assert stored.get(tx, found.id).cases == 10


def test_the_end_is_told_and_closes_the_cases(desk_of_incidents):
    room = desk_of_incidents
    found = confirmed(room)
    tell(room)
    again = next(r for r in queued(room) if r.channel == "bot")
    room.later(hours=1)
    more = "And now my login does not work any more either!"
    room.hear(room.chat(more, user=again.to.value, refers_to=again.in_reply_to[:1]))
    room.queued("bot")
    room.store.run(lambda tx: incidents.resolve(tx, room.desk, found.id, "ann", {}, room.now))
    assert tell(room) == 9
    assert {r.kind for r in queued(room)} == {"incident-over"}
    with room.store.read() as tx:
        of_it = stored.cases_of(tx, found.id)
        done = [entry.action for entry in of_no_case(tx)]
    assert [case.status for case in of_it].count(Status.RESOLVED) == 8
    assert [case.id for case in room.cases()] == [again.case_id]  # she wrote something else meanwhile
    assert [a for a in done if a.startswith("incident.")] == [
        "incident.proposed", "incident.confirmed", "incident.updated", "incident.updated", "incident.resolved"
    ]  # fmt: skip


def test_an_incident_that_was_dropped_is_not_proposed_again_at_once(desk_of_incidents):
    room = desk_of_incidents
    burst(room)
    [found] = watch(room)
    room.store.run(lambda tx: incidents.drop(tx, found.id, "ann", room.now))
    assert watch(room) == [] or all(one.sign != found.sign for one in watch(room))
    with pytest.raises(incidents.NotAnIncident, match="confirm it first"):
        room.store.run(lambda tx: incidents.update(tx, room.desk, found.id, "ann", {}, room.now))


def test_what_is_as_usual_at_this_hour_of_the_week_is_no_incident(desk_of_incidents):
    room = desk_of_incidents
    desk = replace(room.desk, surges=Sensitivity(at_least=0))
    for week in range(4):
        replace(room, desk=desk).hear(*[
            room.mail(TEXTS[0].format(n), sender=f"w{week}-{n}@mail{n}.example") for n in range(9)
        ])  # fmt: skip
        room.later(days=7)
    burst(room, first=500)
    assert watch(room) == []


def test_a_case_that_does_not_belong_is_left_out_and_stays_out(desk_of_incidents):
    room = desk_of_incidents
    found = confirmed(room)
    [first, *_] = room.cases()
    room.store.run(lambda tx: incidents.leave_out(tx, first.id, "ann", room.now))
    watch(room)
    assert tell(room) == 8
    assert first.id not in {r.case_id for r in queued(room)}
    room.store.run(lambda tx: incidents.put(tx, found.id, first.id, "ann", room.now))
    assert tell(room) == 1


def test_forged_senders_public_posts_and_closed_cases_are_told_nothing(desk_of_incidents):
    room = desk_of_incidents
    text = TEXTS[0].format(7)
    forged = (("Authentication-Results", "mx.wallet.example; dmarc=fail header.from=v.example"),)
    room = replace(room, desk=replace(room.desk, trusted=("mx.wallet.example",)))
    room.hear(
        *[room.mail(text, sender=f"p{n}@mail{n}.example") for n in range(5)],
        room.mail(text, sender="victim@v.example", headers=forged),
        room.post(text, user="77"),
        room.post(text, user="78"),
    )
    [found] = watch(room)
    answered = next(c for c in room.cases() if c.kind == "email")
    room.store.run(lambda tx: agents.resolve(tx, room.desk, answered.id, "ann", room.now))
    for name in ("support-mail", "bot", "x"):
        room.queued(name)
    room.store.run(lambda tx: incidents.confirm(tx, found.id, "ann", room.now))
    room.store.run(lambda tx: incidents.update(tx, room.desk, found.id, "ann", {}, room.now))
    tell(room)
    sent = [r.to.value for name in ("support-mail", "bot", "x") for r in room.queued(name)]
    assert len(sent) == 4
    assert "victim@v.example" not in sent


def test_a_critical_case_is_told_and_stays_in_the_list(desk_of_incidents):
    room = desk_of_incidents
    burst(room)
    [found] = watch(room)
    [first, *_] = room.cases()
    urgent = replace(first, verdict=replace(first.verdict, urgency=Urgency.CRITICAL))
    room.store.run(lambda tx: cases.rewrite(tx, [urgent]))
    room.store.run(lambda tx: incidents.confirm(tx, found.id, "ann", room.now))
    room.store.run(lambda tx: incidents.update(tx, room.desk, found.id, "ann", {}, room.now))
    tell(room)
    assert [case.id for case in room.cases()] == [first.id]


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ({"xx": "hello"}, "there is no language"),
        ({"es": "hola"}, "English is needed"),
        ({"en": "x" * 3000}, "may have 1 to 2000"),
        ({"en": "abandon " * 11 + "about"}, "contains a secret"),
    ],
)
def test_news_that_must_not_go_out_are_refused(desk_of_incidents, texts, why):
    room = desk_of_incidents
    found = confirmed(room)
    with pytest.raises(incidents.NotAnIncident, match=why):
        room.store.run(lambda tx: incidents.update(tx, room.desk, found.id, "ann", texts, room.now))


def test_the_same_news_are_told_once_however_often_they_are_asked_for(desk_of_incidents):
    room = desk_of_incidents
    found = confirmed(room)
    news = {"en": "Withdrawals are delayed."}
    room.store.run(lambda tx: incidents.update(tx, room.desk, found.id, "ann", news, room.now))
    with pytest.raises(incidents.NotAnIncident, match="just this already"):
        room.store.run(lambda tx: incidents.update(tx, room.desk, found.id, "ann", news, room.now))
    assert tell(room) == 9
    assert tell(room) == 0
    over = room.store.run(lambda tx: incidents.resolve(tx, room.desk, found.id, "ann", news, room.now))
    assert over.to_tell == 9


def test_a_confirmed_incident_stays_one(desk_of_incidents):
    room = desk_of_incidents
    found = confirmed(room)
    with pytest.raises(incidents.NotAnIncident, match="is confirmed"):
        room.store.run(lambda tx: incidents.drop(tx, found.id, "ann", NOW))
    with pytest.raises(stored.NoSuchIncident):
        room.store.run(lambda tx: incidents.confirm(tx, 99, "ann", NOW))


def test_the_topics_of_the_week_name_the_languages_without_a_help_page(room):
    texts = (
        TEXTS[0],
        "提现 USDT 一直是处理中的状态，编号 {}",
        "El retiro sigue pendiente, todavía en proceso, referencia {}",
    )
    room.hear(*[room.mail(texts[n % 3].format(n), sender=f"w{n}@mail{n}.example") for n in range(6)])
    room.later(days=7, hours=1)
    room.hear(*[room.mail(texts[n % 3].format(n), sender=f"v{n}@mail{n}.example") for n in range(18)])
    with room.store.read() as tx:
        counted = {one.topic: one for one in hot_topics.hot_topics(tx, room.desk, room.now)}
        topic = max(counted, key=lambda name: counted[name].cases)
        desk = replace(room.desk, faq={topic: {"en": "https://help.example/en"}})
        [with_page] = [one for one in hot_topics.hot_topics(tx, desk, room.now) if one.topic == topic]
    assert sum(one.cases for one in counted.values()) == 18
    assert counted[topic].usual is None  # a week is not all of the week before
    assert dict(counted[topic].pages_missing) == {"en": 6, "zh-Hans": 6, "es": 6}
    assert dict(with_page.pages_missing) == {"zh-Hans": 6, "es": 6}
