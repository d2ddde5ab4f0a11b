import itertools

import numpy as np
import pytest

from triage.case import Reading, Urgency
from triage.classifier.stretches import loudest, stretches

TALK = "The garden is lovely this year, we swim in the lake and my aunt bakes a cake with plums every Sunday. "


@pytest.mark.parametrize("text", ["", "?", "a short text", "短い文", "钱" * 40])
def test_a_short_text_has_no_stretches(text):
    assert stretches(text) == []


def test_stretches_overlap_and_leave_nothing_out():
    words = [f"w{n}" for n in range(100)]
    parts = stretches(" ".join(words))
    assert {word for part in parts for word in part.split()} == set(words)
    assert all(part in " ".join(words) for part in parts)
    assert all(set(one.split()) & set(other.split()) for one, other in itertools.pairwise(parts))


def test_ideographs_are_counted_without_spaces():
    assert len(stretches("今天天气很好我们去公园散步" * 20)) > 5


def test_a_megabyte_is_looked_at_only_so_far():
    assert len(stretches("word " * 200_000)) < 100


def test_a_theft_between_small_talk_is_loud_and_small_talk_is_not(shipped):
    theft = "Somebody hacked my wallet, all my coins were sent to an unknown address and I never signed that. "
    enough = np.array([*shipped._urgency_from[:2], 2.0])  # nothing is critical, so every text needs a closer look
    readings = [Reading(text=text, language="en") for text in (TALK * 3 + theft + TALK * 3, TALK * 6, theft)]
    scores = shipped.scorer.score([r.text for r in readings], [r.language for r in readings])
    loud = loudest(shipped.scorer, readings, scores, enough)
    assert loud[0] >= Urgency.HIGH
    assert loud[1] <= Urgency.NORMAL
    assert loud[2] == Urgency.LOW, "a short text is judged as a whole"


def test_a_text_that_is_critical_as_a_whole_needs_no_closer_look(shipped):
    readings = [Reading(text="Somebody hacked my wallet and is sending my coins away right now! " * 6, language="en")]
    scores = shipped.scorer.score([r.text for r in readings], ["en"])
    assert scores.urgency[0, 2] >= shipped._urgency_from[2]
    assert loudest(shipped.scorer, readings, scores, shipped._urgency_from) == [Urgency.LOW]


def test_what_small_talk_turns_into_an_opinion_is_heard_stretch_by_stretch(shipped):
    praise = "I love the garden this year, thank you for the lovely app, my aunt gives it five stars every Sunday. "
    theft = "No one but me has the phone. The transfer at night was not mine, 400 euros are away. "
    for talk in (praise, TALK):
        [verdict] = shipped.judge([Reading(text=theft + talk * 8, language="en")])
        assert verdict.urgency == Urgency.CRITICAL
