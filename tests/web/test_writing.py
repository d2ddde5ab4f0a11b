"""Writing an answer: ready answers, a look at it as the customer will see it, and sending it later."""

import html
import re

import pytest
from builders import an_address

from triage.case import Role
from triage.errors import TriageError
from triage.rules.canned import fill
from triage.rules.language import nearest
from triage.store import canned

STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."


@pytest.fixture
def case(room):
    room.hear(room.mail(STUCK, subject="Withdrawal pending", sender=an_address("ada@example.org", name="Ada {desk}")))
    room.queued()
    return room.cases()[0]


@pytest.fixture
def ready(room):
    """Three ready answers, one of them in two languages."""
    texts = (
        ("released", "en", "Hello {name},\n{faq}\nyour withdrawal in {number} is released. {agent}"),
        ("released", "zh-Hans", "您的提币已放行（{number}）。"),
        ("wait", "en", "Please wait."),
        ("password", "en", "We have reset it."),
    )
    with room.store.begin() as tx:
        for name, language, text in texts:
            canned.save(tx, name, language, text, "leo", room.now)


def form_of(page):
    return dict(re.findall(r'name="(key|seen)" value="([^"]*)"', page.text))


def test_a_ready_answer_is_found_by_a_few_letters_and_filled_once(case, ready, signed_in):
    part = signed_in().get(f"/cases/{case.number}/canned?find=rele").text
    [text] = re.findall(r'data-fills="([^"]*)"', part)
    # What the customer calls herself is not looked into for places; a line without anything is left out.
    assert html.unescape(text) == f"Hello Ada {{desk}},\nyour withdrawal in {case.number} is released. mia"


def test_the_customers_language_is_offered_whatever_the_agent_types(room, ready, calls):
    room.hear(room.mail("我的提币申请已经两天没有到账了，客服一直不回复我，请尽快处理。", sender="wang@example.cn"))
    [case] = room.cases()
    found = calls(Role.AGENT).get(f"cases/{case.number}/canned?find=withdrawal").json()
    assert [(one["language"], one["filled"]) for one in found] == [("zh-Hans", f"您的提币已放行（{case.number}）。")]


def test_only_a_lead_writes_them_and_nobody_writes_a_place_that_is_never_filled(room, signed_in):
    lead = signed_in(Role.LEAD)
    assert lead.post("/canned/save", name="hi", language="es", text="Hola {name}").status_code == 200
    assert lead.post("/canned/save", name="bad", language="es", text="Hola {password}").status_code == 409
    assert signed_in(Role.AGENT, "ivy").post("/canned/remove", name="hi", language="es").status_code == 403
    assert "Hola {name}" in lead.get("/canned?name=hi&language=es").text
    with room.store.read() as tx:
        assert [(one.name, one.who) for one in canned.listing(tx)] == [("hi", "mia")]
    lead.post("/canned/remove", name="hi", language="es")
    with room.store.read() as tx:
        assert canned.listing(tx) == []


def test_a_program_keeps_them_and_takes_them_away(calls):
    bot = calls(Role.LEAD)
    given = {"name": "hi", "language": "en", "text": "Hello {name}"}
    assert bot.post("canned", json=given).status_code == 201
    assert bot.post("canned", json=given | {"text": "Hi"}).status_code == 201
    assert [one["text"] for one in bot.get("canned").json()] == ["Hi"]
    assert bot.delete("canned", params={"name": "hi", "language": "en"}).status_code == 204
    assert bot.delete("canned", params={"name": "hi", "language": "en"}).status_code == 409


def test_a_preview_shows_what_would_go_out_and_sends_nothing(room, case, signed_in):
    agent = signed_in()
    page = agent.post(f"/cases/{case.number}/preview", text="It was <b>sent</b> again.").text
    assert f"Re: Withdrawal pending [{case.number}]" in page
    assert "ada@example.org" in page
    assert "It was &lt;b&gt;sent&lt;/b&gt; again." in page
    assert "an answer needs a text" in agent.post(f"/cases/{case.number}/preview", text=" ").text
    assert room.queued() == []


def test_an_answer_for_later_waits_and_can_be_taken_back_until_then(room, case, signed_in):
    agent = signed_in()
    form = form_of(agent.get(f"/cases/{case.number}"))
    agent.post(f"/cases/{case.number}/reply", text="Done by now.", later=3600, **form)
    room.later(minutes=59)
    assert room.queued() == []
    assert "goes out" in agent.get(f"/cases/{case.number}").text
    room.later(minutes=2)
    assert [reply.text for reply in room.queued()] == ["Done by now.\n"]


def test_the_rules_of_ready_answers():
    assert fill("{name}\nHi {number}", {"name": "", "number": "{name}"}) == "Hi {name}"
    assert nearest("zh-Hans", ("de", "zh-Hant")) == "zh-Hant"
    assert nearest("fr", ("de", "en")) == "en"
    assert nearest("fr", ("de",)) == "de"


def test_too_many_or_too_long_is_refused(room, monkeypatch):
    monkeypatch.setattr(canned, "MOST", 1)
    with room.store.begin() as tx:
        canned.save(tx, "one", "en", "x", "leo", room.now)
        for name, text in (("two", "x"), ("one", "x" * 4_001), ("", "x")):
            with pytest.raises(TriageError):
                canned.save(tx, name, "en", text, "leo", room.now)


def test_only_an_answer_to_a_public_post_is_asked_whether_everybody_may_read_it(room, signed_in):
    room.hear(room.mail("My withdrawal of 0.5 BTC has been pending for two days.", sender="ada@example.org"))
    room.hear(room.post("My withdrawal of 2 ETH is stuck since Monday, what is going on with your wallet?"))
    agent = signed_in()
    asked = {case.kind: 'name="in_public"' in agent.get(f"/cases/{case.number}").text for case in room.cases()}
    assert asked == {"email": False, "x": True}
