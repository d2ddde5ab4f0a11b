"""Stretches of a long text, each judged by itself: what is urgent in one sentence stays so whatever follows it."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.case import Reading, Urgency
from triage.classifier.scoring import Matrix, Scorer, Scores, log_odds, sigmoid

# A stretch is so many words, or twice as many ideographs; half of it is the beginning of the next.
_LENGTH = 24
_LONGEST_TEXT = 4000
_UNIT = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]{1,2}|[^\s\u3041-\u30ff\u3400-\u9fff]+")
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


def stretches(text: str) -> list[str]:
    """Return the overlapping stretches of a long text, none of a short one."""
    units = list(_UNIT.finditer(text[:_LONGEST_TEXT]))
    if len(units) <= _LENGTH * 1.25:
        return []
    starts = range(0, len(units) - _LENGTH // 2, _LENGTH // 2)
    return [text[units[at].start() : units[min(at + _LENGTH, len(units)) - 1].end()] for at in starts]


def loudest(scorer: Scorer, readings: Sequence[Reading], scores: Scores, enough: Matrix) -> list[Urgency]:
    """Return for each reading how urgent its loudest stretch is, LOW where there is none or none is worth hearing.

    `scores` are those of the whole texts; `enough` is the probability that normal, high and critical need. A stretch
    that is no request, or only an opinion, is not heard.
    """
    found = [Urgency.LOW] * len(readings)
    worth = _worth_hearing(scorer, scores, enough)
    parts = [(row, part) for row, reading in enumerate(readings) if worth[row] for part in stretches(reading.text)]
    if not parts:
        return found
    heard = scorer.score([part for _, part in parts], [readings[row].language for row, _ in parts])
    reached = sigmoid(log_odds(heard.urgency) - _BY_CHANCE) >= enough
    levels = (reached * np.arange(1, len(Urgency))).max(axis=1)
    matter = np.array([category != "feedback" for category in scorer.categories])
    asked = heard.nature[:, scorer.natures.index("request")] >= _ASKED
    asked &= heard.category[:, matter].sum(axis=1) >= _MATTER
    for (row, _), level, counts in zip(parts, levels.tolist(), asked.tolist(), strict=True):
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
