import itertools

import numpy as np
import pytest

from triage.case import Reading, Urgency
from triage.classifier.folding import fold_text
from triage.classifier.signs import find_signs, signs_of, within
from triage.classifier.stretches import length_of, loudest, stretches

TALK = "The garden is lovely this year, we swim in the lake and my aunt bakes a cake with plums every Sunday. "


@pytest.mark.parametrize(
    ("text", "tongue"), [("", "en"), ("?", "en"), ("a short text", "en"), ("短い文", "ja"), ("钱" * 40, "zh")]
)
def test_a_short_text_has_no_stretches(text, tongue):
    assert stretches(text, tongue) == []


def test_stretches_overlap_and_leave_nothing_out():
    words = [f"w{n}" for n in range(100)]
    parts = stretches(" ".join(words), "en")
    assert {word for _, part in parts for word in part.split()} == set(words)
    assert all(part.split() == words[start : start + 24] for start, part in parts)
    assert all(set(one.split()) & set(other.split()) for (_, one), (_, other) in itertools.pairwise(parts))


def test_ideographs_are_counted_without_spaces():
    text = "今天天气很好我们去公园散步" * 20
    parts = stretches(text, "zh")
    assert len(parts) > 5
    assert all(text[2 * start :].startswith(part) for start, part in parts)
    assert parts[-1][1].endswith(text[-5:])


def test_a_stretch_has_the_signs_that_stand_in_it(shipped):
    folded = fold_text(TALK * 3 + "Somebody stole my coins. " + TALK * 3)
    [places] = signs_of((), ["en"], [folded])
    for start, part in stretches(folded, "en"):
        assert within(places, start, length_of("en")).keys() == find_signs(part, "en").keys()


def test_a_theft_between_small_talk_is_loud_and_small_talk_is_not(shipped):
    theft = "Somebody hacked my wallet, all my coins were sent to an unknown address and I never signed that. "
    enough = np.array([*shipped._urgency_from[:2], 2.0])  # nothing is critical, so every text needs a closer look
    readings = [Reading(text=text, language="en") for text in (TALK * 3 + theft + TALK * 3, TALK * 6, theft)]
    loud = _loudest(shipped, readings, enough)
    assert loud[0] >= Urgency.HIGH
    assert loud[1] <= Urgency.NORMAL
    assert loud[2] == Urgency.LOW, "a short text is judged as a whole"


def test_a_text_that_is_critical_as_a_whole_needs_no_closer_look(shipped):
    readings = [Reading(text="Somebody hacked my wallet and is sending my coins away right now! " * 6, language="en")]
    scores = shipped.scorer.score([r.text for r in readings], ["en"])
    assert scores.urgency[0, 2] >= shipped._urgency_from[2]
    assert _loudest(shipped, readings, shipped._urgency_from) == [Urgency.LOW]


def test_what_small_talk_turns_into_an_opinion_is_heard_stretch_by_stretch(shipped):
    praise = "I love the garden this year, thank you for the lovely app, my aunt gives it five stars every Sunday. "
    theft = "No one but me has the phone. The transfer at night was not mine, 400 euros are away. "
    for talk in (praise, TALK):
        [verdict] = shipped.judge([Reading(text=theft + talk * 8, language="en")])
        assert verdict.urgency == Urgency.CRITICAL


def _loudest(model, readings, enough):
    folded, languages = [fold_text(r.text) for r in readings], [r.language for r in readings]
    scores = model.scorer.score([r.text for r in readings], languages, folded)
    return loudest(model.scorer, folded, languages, scores, enough)
