import numpy as np
import pytest

from triage.classifier import counting
from triage.classifier.counting import count, learned
from triage.classifier.features import Vocabulary, grams

TEXTS = [
    "my card was declined, my card!", "the card is lost", "我的卡丢了 card", "", "!", "was the card declined or lost?",
    "карта потеряна", "card " * 40,
]  # fmt: skip


@pytest.fixture
def vocabulary():
    return learned(count(TEXTS), at_most=1_000)


def test_texts_counted_in_parts_are_the_same_as_counted_at_once(monkeypatch):
    whole = count(TEXTS)
    monkeypatch.setattr(counting, "_TEXTS_AT_ONCE", 3)
    parts = count(TEXTS)
    assert all(np.array_equal(getattr(whole, name), getattr(parts, name)) for name in ("bounds", "hash", "whole"))


def test_what_is_learned_is_what_is_seen_when_judging(vocabulary):
    found = grams(TEXTS)
    known, index = vocabulary.find(found.hash)
    judged = vocabulary.matrix(found.row[known], index, len(TEXTS))
    # Judging computes with 32 bits.
    assert abs(count(TEXTS).matrix(vocabulary) - judged).max() == pytest.approx(0, abs=1e-6)


def test_a_part_of_the_texts_has_their_rows(vocabulary):
    places = np.array([5, 0, 3])
    part, whole = count(TEXTS).only(places), count(TEXTS).matrix(vocabulary)
    assert part.rows == len(places)
    assert abs(part.matrix(vocabulary) - whole[places]).max() == 0


def test_words_alone_are_what_has_no_run_of_characters(vocabulary):
    words, nothing = count(TEXTS).words(), grams(TEXTS, characters=False)
    assert len(words.hash) == sum(len(set(nothing.hash[nothing.row == row].tolist())) for row in range(len(TEXTS)))


def test_the_most_frequent_grams_stay():
    found = count(TEXTS)
    words = found.words()
    few, card = learned(words, at_most=3), count(["card"]).words()
    assert len(few.hashes) == 3
    assert card.hash[0] in few.hashes
    assert len(learned(found, at_most=3).hashes) == 3


@pytest.mark.parametrize(
    ("hashes", "rarity"),
    [([3, 1], [1, 1]), ([1, 1], [1, 1]), ([1, 2], [1]), ([[1, 2]], [1, 1])],
)
def test_a_vocabulary_that_cannot_be_searched_is_refused(hashes, rarity):
    with pytest.raises(ValueError, match="ascending"):
        Vocabulary(np.array(hashes, np.uint32), np.array(rarity, np.float32))
