"""The hot topics on their page: what is written about more than usual, and where a help page is missing."""

import re

from triage.case import Role

STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."
LOST = "I lost the phone with my authenticator and cannot get the two-factor code any more."


def rows(page: str) -> dict[str, list[str]]:
    """Return the cells behind each topic's name."""
    found = re.findall(r"<tr><td><a[^>]*>(.*?)</a></td>(.*?)</tr>", page, re.DOTALL)
    return {name: re.findall(r"<td[^>]*>(.*?)</td>", cells, re.DOTALL) for name, cells in found}


def hear(room, text: str, count: int) -> None:
    room.hear(*[room.mail(f"{text} Number {n * 7919}.", sender=f"c{n}.{count}@mail{n}.example") for n in range(count)])


def test_topics_stand_with_most_cases_first_beside_what_is_usual(room, signed_in):
    hear(room, LOST, 1)
    room.later(days=3)
    hear(room, STUCK, 4)
    room.later(days=12)
    hear(room, STUCK, 6)
    hear(room, LOST, 2)
    found = rows(signed_in(Role.READ_ONLY).get("/topics").text)
    topics = [case.verdict.topic for case in room.cases()]
    most = max(set(topics), key=topics.count)
    assert next(iter(found)) == most
    assert found[most][:2] == ["6", "4.0"]
    assert found[most][3].startswith("<bdi>en</bdi> (6)")


def test_a_topic_leads_to_its_cases_in_the_list(room, signed_in):
    hear(room, STUCK, 1)
    agent = signed_in(Role.READ_ONLY)
    [there] = re.findall(r'href="(/\?topic=[^"]*)"', agent.get("/topics").text)
    assert room.cases()[0].number in agent.get(there).text


def test_the_page_speaks_chinese_of_topics(room, signed_in):
    hear(room, STUCK, 1)
    page = signed_in(Role.READ_ONLY).get("/topics", **{"Accept-Language": "zh-CN"}).text
    assert room.cases()[0].verdict.topic == "pending"
    assert list(rows(page)) == ["迟迟未确认"]


def test_reports_lead_there_and_back(signed_in):
    agent = signed_in(Role.READ_ONLY)
    assert 'href="/topics?days=7"' in agent.get("/reports?days=7").text
    assert 'href="/reports"' in agent.get("/topics?days=7").text


def test_a_quiet_desk_says_so_and_an_odd_span_is_refused(signed_in):
    agent = signed_in(Role.READ_ONLY)
    assert "Nobody wrote in this time." in agent.get("/topics?days=1").text
    assert agent.get("/topics?days=0").status_code == 422
