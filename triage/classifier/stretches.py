"""Stretches of a long text, each judged by itself: what is urgent in one sentence stays so whatever follows it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.case import Urgency
from triage.classifier.phrases import SPACELESS
from triage.classifier.scoring import Matrix, Scorer, Scores, log_odds, sigmoid
from triage.classifier.signs import tongue_of, within

# A stretch is so many words, or, where words are not parted, so many pairs of characters; half of it begins the next.
_WORDS, _PAIRS = 24, 20
# One of many stretches is alarming by chance more often than a whole text is: so much, in log-odds, is taken off.
_BY_CHANCE = 0.5
# A stretch says less of whether it is a request, and of which kind: only what it is surely counts.
_ASKED = 0.4
_MATTER = 0.4
SURELY_ASKED = 0.5
"""Whoever is less surely asking us something goes first only for a situation, never for a likeness."""

SURELY_SORTED = 0.6
"""Less surely an opinion, it may be a matter told in an angry voice."""

# Where neither the words of its worst window nor its signs reach this, in log-odds of being high, no stretch of a text
# is urgent: of 67 long calm-looking texts with an urgent stretch 1 was missed, of the 536 without 171 need no look.
_WORTH_HEARING = -0.5


def stretches(folded: str, tongue: str) -> list[tuple[int, str]]:
    """Return the overlapping stretches of a long folded text, none of a short one, each with the step it begins at."""
    length, spaceless = length_of(tongue), tongue in SPACELESS
    units = -(-len(folded) // 2) if spaceless else folded.count(" ") + 1
    if units <= length * 1.25:
        return []
    starts = range(0, units - length // 2, length // 2)
    if spaceless:
        return [(start, folded[2 * start : 2 * (start + length)]) for start in starts]
    words = folded.split(" ")
    return [(start, " ".join(words[start : start + length])) for start in starts]


def length_of(tongue: str) -> int:
    """Return how many steps a stretch of a language is long."""
    return _PAIRS if tongue in SPACELESS else _WORDS


def loudest(
    scorer: Scorer, folded: Sequence[str], languages: Sequence[str], scores: Scores, enough: Matrix
) -> list[Urgency]:
    """Return for each folded text how urgent its loudest stretch is, LOW where there is none or none is worth hearing.

    `scores` are those of the whole texts; `enough` is the probability that normal, high and critical need. A stretch
    that is no request, or only an opinion, is not heard.
    """
    found = [Urgency.LOW] * len(folded)
    rows, parts, places = [], [], []
    for row in np.flatnonzero(_worth_hearing(scorer, scores, enough)).tolist():
        tongue = tongue_of(folded[row], languages[row])
        for start, part in stretches(folded[row], tongue):
            rows.append(row)
            parts.append(part)
            places.append(within(scores.places[row], start, length_of(tongue)) if scores.places else {})
    if not parts:
        return found
    heard = scorer.score(parts, [languages[row] for row in rows], parts, places)
    reached = sigmoid(log_odds(heard.urgency) - _BY_CHANCE) >= enough
    levels = (reached * np.arange(1, len(Urgency))).max(axis=1)
    matter = np.array([category != "feedback" for category in scorer.categories])
    asked = heard.nature[:, scorer.natures.index("request")] >= _ASKED
    asked &= heard.category[:, matter].sum(axis=1) >= _MATTER
    for row, level, counts in zip(rows, levels.tolist(), asked.tolist(), strict=True):
        if counts:
            found[row] = max(found[row], Urgency(level))
    return found


def _worth_hearing(scorer: Scorer, scores: Scores, enough: Matrix) -> NDArray[np.bool_]:
    """Return for which texts a stretch may say more than the whole: it is not critical yet, and not all calm.

    What reads like an opinion or like no request is never critical as a whole, however much small talk made it so.
    """
    asked = scores.nature[:, scorer.natures.index("request")] >= SURELY_ASKED
    opinion = np.array([category == "feedback" for category in scorer.categories])
    matter = scores.category[:, opinion].sum(axis=1) < SURELY_SORTED
    critical = (scores.urgency[:, 2] >= enough[2]) & asked & matter
    return np.asarray(~critical & (scores.alarm > _WORTH_HEARING))
