"""What agents see and do on the pages."""

import re
from datetime import UTC, datetime

import pytest
from babel.dates import format_datetime
from babel.messages import pofile

from triage import promises, settings
from triage.case import Role, Status, Urgency
from triage.classifier.predict import current
from triage.store import cases, outbox
from triage.web.pages import CATALOGUES, WEB

STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."
THEFT = "Someone stole my account, my coins are being sent away right now!"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)> my withdrawal is stuck"


@pytest.fixture
def case(room):
    room.hear(room.mail(STUCK, subject="Withdrawal pending"))
    room.queued()
    return room.cases()[0]


def form_of(page):
    return dict(re.findall(r'name="(key|seen)" value="([^"]*)"', page.text))


def test_the_list_shows_what_comes_first_and_why(room, case, signed_in):
    room.hear(room.mail(THEFT, sender="bob@example.org"))
    page = signed_in().get("/").text
    first, second = room.cases()
    assert page.index(first.number) < page.index(second.number)
    assert first.place.parts[0].text in page
    assert page.count("Answer due") == 2


def test_a_place_is_no_date_but_how_far_a_case_goes_ahead_of_its_time(room, signed_in):
    room.hear(room.mail(THEFT, sender="bob@example.org"))
    [case] = room.cases()
    assert case.place.ahead == int(case.place.due_at.timestamp()) - case.place.order_key
    agent = signed_in()
    assert re.search(r"Goes ahead by</td><td[^>]*>365d<", agent.get("/").text)
    room.later(seconds=1)
    page = agent.get(f"/cases/{case.number}").text
    assert format_datetime(case.place.due_at, "short", locale="en") in page
    a_year_before = datetime.fromtimestamp(case.place.order_key, UTC)
    assert format_datetime(a_year_before, "short", locale="en") not in page


def test_a_case_says_its_place_among_all_that_wait(room, case, signed_in):
    room.hear(room.mail(THEFT, sender="bob@example.org"))
    agent = signed_in()
    for place, one in enumerate(room.cases(), 1):
        assert f"place {place} in the list" in agent.get(f"/cases/{one.number}").text
    resolved = agent.post(f"/cases/{case.number}/resolve").text
    assert "in the list" not in resolved


def test_the_list_is_filtered_by_its_address(room, case, signed_in):
    agent = signed_in()
    assert case.number in agent.get("/?urgency=" + case.verdict.urgency.label).text
    assert case.number not in agent.get("/?channel=bot").text
    assert case.number in agent.get("/?text=withdrawal").text
    assert agent.get("/?urgency=huge&after=nonsense&text=%00").status_code == 200


def test_a_part_of_the_page_gets_only_the_rows(case, signed_in):
    rows = signed_in().get("/", **{"HX-Request": "true"}).text
    assert case.number in rows
    assert "<html" not in rows


def test_an_answer_from_the_page_is_queued_and_waits_ten_seconds(room, case, signed_in):
    agent = signed_in()
    page = agent.get(f"/cases/{case.number}")
    after = agent.post(f"/cases/{case.number}/reply", text="It was sent again.", **form_of(page))
    assert "It was sent again." in after.text
    assert room.queued() == []
    room.later(seconds=11)
    [reply] = room.queued()
    assert (reply.kind, reply.who) == ("answer", "mia")


def test_an_answer_is_taken_back_and_its_words_stay(room, case, signed_in):
    agent = signed_in()
    page = agent.get(f"/cases/{case.number}")
    agent.post(f"/cases/{case.number}/reply", text="It was sent again.", **form_of(page))
    with room.store.read() as tx:
        said = outbox.of_case(tx, case.id)[-1]
    back = agent.post(f"/cases/{case.number}/withdraw", reply=said.id)
    assert re.search(r"<textarea[^>]*>It was sent again.", back.text)
    room.later(minutes=1)
    assert room.queued() == []


def test_a_stale_answer_is_refused_the_new_message_shown_and_the_words_kept(room, case, signed_in):
    agent = signed_in()
    page = agent.get(f"/cases/{case.number}")
    room.hear(room.mail("Wait, the address was wrong!", refers_to=("<1@example.org>",)))
    room.queued()
    stale = agent.post(f"/cases/{case.number}/reply", text="It was sent again.", **form_of(page))
    assert stale.status_code == 409
    assert "Wait, the address was wrong!" in stale.text
    assert re.search(r"<textarea[^>]*>It was sent again.", stale.text)
    assert room.queued() == []


def test_next_takes_the_first_case_and_leads_to_it(room, case, signed_in):
    found = signed_in().post("/next")
    assert found.headers["hx-redirect"] == f"/cases/{case.number}"
    assert room.cases()[0].assignee == "mia"


def test_take_resolve_and_reopen(room, case, signed_in):
    agent = signed_in()
    for action, status in (("take", Status.OPEN), ("resolve", Status.RESOLVED), ("reopen", Status.OPEN)):
        assert agent.post(f"/cases/{case.number}/{action}").status_code == 200
        with room.store.read() as tx:
            assert cases.get(tx, case.id).status is status


def test_nothing_that_a_customer_wrote_is_html(room, signed_in):
    room.hear(room.mail(SCRIPT, subject="<b>x</b>"))
    [case] = room.cases()
    agent = signed_in()
    for path in ("/", f"/cases/{case.number}"):
        page = agent.get(path).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "<b>x" not in page


@pytest.mark.parametrize("number", ["018-AAAAAAAA", "1", "..secret", "%00"])
def test_an_unknown_case_is_said_in_one_line(signed_in, number):
    answer = signed_in().get(f"/cases/{number}")
    assert answer.status_code == 404
    assert 'role="alert">there is no such case</p>' in answer.text


def test_a_note_is_shown_and_not_sent(room, case, signed_in):
    agent = signed_in()
    assert "the node was down" in agent.post(f"/cases/{case.number}/note", text="the node was down").text
    room.later(minutes=1)
    assert room.queued() == []


def words_of_templates():
    """Every text of the templates that is to be translated."""
    found = set()
    for path in (WEB / "templates").glob("*.html"):
        found |= set(
            re.findall(r"""_\(["']([^"']+?)["'][,)]""", path.read_text("utf-8").replace("nobody's", "nobody’s"))
        )
    return {text.replace("’", "'") for text in found}


@pytest.mark.parametrize("catalogue", sorted(CATALOGUES.glob("*.po")), ids=lambda path: path.stem)
def test_a_catalogue_has_every_text_and_every_word_of_a_case(catalogue):
    with catalogue.open("rb") as file:
        known = {message.id: message.string for message in pofile.read_po(file) if message.id}
    labels = {*(u.label for u in Urgency), *(s.value for s in Status), "security", "transaction", "account", "feedback"}
    parts = {"waiting", "target", "closed", "follow-ups", "repeats", "escalated", "urgency", "promise", "kept"}
    topics = {name for _, name in current(settings.shipped("models")).topics}
    wanted = words_of_templates() | labels | parts | topics | {"any", "unsorted", "take", "resolve", "reopen", "assign"}
    assert {text for text in wanted if not known.get(text)} == set()
    places = re.compile(r"%\(\w+\)s")
    assert {text for text in known if places.findall(text) != places.findall(known[text])} == set()


@pytest.mark.parametrize(
    ("asked", "language", "said"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.5", "zh-Hans", "下一个工单"),
        ("fr-FR", "en", "Next case"),
        ("de, zh-Hans", "zh-Hans", "下一个工单"),
        ("*;q=0.1, nonsense-\x01", "en", "Next case"),
    ],
)
def test_the_page_is_in_the_language_the_browser_asks_for(signed_in, asked, language, said):
    page = signed_in().get("/", **{"Accept-Language": asked}).text
    assert f'<html lang="{language}">' in page
    assert said in page


def test_list_and_case_show_what_the_customer_was_told(room, case, signed_in):
    agent = signed_in()
    for page in (agent.get("/").text, agent.get(f"/cases/{case.number}").text):
        assert re.search(r'class="told" title="The customer was told to wait until [^"]+">told [^−]', page)
    room.later(days=3)
    room.store.run(lambda tx: promises.announce(tx, room.desk, room.now))
    agent = signed_in(name="ivy")
    for page in (agent.get("/").text, agent.get(f"/cases/{case.number}").text):
        assert "told and not kept" in page


def test_a_case_is_given_to_somebody_who_works_on_cases_and_to_nobody(room, signed_in):
    room.hear(room.mail("My withdrawal of 0.5 BTC has been pending for two days."))
    [case] = room.cases()
    mia, _, _ = signed_in(), signed_in(name="leo"), signed_in(Role.READ_ONLY, name="rae")
    page = mia.get(f"/cases/{case.number}").text
    assert ("<option>leo</option>" in page, "<option>rae</option>" in page) == (True, False)
    assert "<option selected>leo</option>" in mia.post(f"/cases/{case.number}/assign", to="leo").text
    assert mia.post(f"/cases/{case.number}/assign", to="rae").status_code == 409
    assert room.cases()[0].assignee == "leo"
    mia.post(f"/cases/{case.number}/assign", to="")
    assert room.cases()[0].assignee == ""
