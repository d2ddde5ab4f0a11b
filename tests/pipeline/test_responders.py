"""The machines of `tests/data/responders.toml`: marked ones are never answered, others only as often as allowed."""

import tomllib
from dataclasses import replace
from datetime import timedelta
from email import message_from_string, policy
from itertools import count
from pathlib import Path

import pytest

from triage.connectors.mime import parse
from triage.message import Message
from triage.rules.automatic import find_robot

RESPONDERS = tomllib.loads((Path(__file__).parents[1] / "data/responders.toml").read_text())["responder"]
MARKED = [one for one in RESPONDERS if one["marked"]]
UNMARKED = [one for one in RESPONDERS if not one["marked"]]
NUMBERS = count(1)


def arrived(mail, now, subject=None):
    """Return a mail as the connector hands it over; `subject` is another one, and then it is another mail."""
    made = message_from_string(mail.lstrip("\n"), policy=policy.compat32)
    if subject:
        made.replace_header("Subject", subject)
        made.replace_header("Message-ID", f"<{next(NUMBERS)}@{made['From'].rpartition('@')[2].strip('>')}>")
    raw = made.as_bytes() if subject else mail.lstrip("\n").encode()
    message = parse(raw, channel="support-mail", external_id=str(next(NUMBERS)), received_at=now,
                    own=frozenset({"support@wallet.example"}))  # fmt: skip
    assert isinstance(message, Message)
    return message


def test_the_catalogue_holds_at_least_28_kinds_each_with_its_source():
    names = [one["name"] for one in RESPONDERS]
    assert len(set(names)) == len(names) >= 28
    assert all(one["source"] and "To: " in one["mail"] for one in RESPONDERS)


@pytest.mark.parametrize("one", MARKED, ids=lambda one: one["name"])
def test_a_machine_that_shows_it_is_no_customer(one, room):
    robot = find_robot(arrived(one["mail"], room.now), room.desk.own)
    assert robot is not None
    assert robot.code.startswith("robot.")


def test_no_machine_that_shows_it_opens_a_case_or_gets_an_answer(room):
    room.hear(*(arrived(one["mail"], room.now) for one in MARKED))
    assert room.queued() == []
    assert room.cases() == []


@pytest.mark.parametrize("one", UNMARKED, ids=lambda one: one["name"])
def test_a_machine_that_shows_nothing_gets_two_answers_a_day_and_four_a_week(one, room):
    got = []
    for hour in range(7 * 24):
        again = arrived(one["mail"], room.now, subject=f"[{100_000 + 7 * hour}] {'Re: ' * (hour % 9)}order {hour}")
        room.hear(replace(again, text=f"{again.text} ({hour * 7919 + 10_000_019})"))
        got += [room.now] * len(room.queued())
        room.later(hours=1)
    assert len(got) <= 4
    assert all(sum(at <= other < at + timedelta(days=1) for other in got) <= 2 for at in got)
