"""What agents said, as rows to learn from: the latest word counts, each agent for so much, and no one alone calms.

Corrections are the way by which somebody could teach the model wrong on purpose, or out of habit. Flipping 65 of
10,003 labels was measured to cut the recall of one class from 92.5 to 60 %. So an urgent message becomes not urgent
only if two agents say so, one agent moves at most a share of a topic elsewhere, and `gates` looks at every class.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from triage.case import Urgency
from triage.classifier.dataset import TOPICS, Row, same_words

HALF_LIFE = timedelta(days=365)
"""After so long an opinion counts half: products and scams change."""

SHARE = 0.1
"""Of the messages of a topic, so many may one agent take out of it, or bring into its category in all."""

AGENTS_TO_CALM = 2
"""Agents who must say that an urgent message is not urgent before the model learns it."""

_LEAST = 3.0  # messages of a topic that an agent may always move
_PRIOR = 4.0  # agreements that every agent is credited with, so that one dispute does not silence her


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one agent said about one field of one case.

    Attributes:
        was: What it was called before, as people see it.
        now: What the agent called it; the same as `was` confirms it.
    """

    who: str
    at: datetime
    field: str
    was: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A case about which agents said something.

    Attributes:
        number: As people call it.
        text: What its message said, read as the desk reads.
        called: Category, topic and urgency as they stand now, by name.
        opinions: Oldest first.
    """

    number: str
    text: str
    lang: str
    called: Mapping[str, str]
    opinions: Sequence[Opinion]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """What is learned from the agents.

    Attributes:
        rows: With a weight each.
        contradictions: Where agents disagree, one line each; the latest word counts.
        held_back: Numbers of cases that wait for a second agent.
        foreign: Numbers of cases whose category the data does not have ("unsorted", or of another taxonomy).
        capped: By agent, the share of her weight that was kept where it was too much.
    """

    rows: tuple[Row, ...] = ()
    contradictions: tuple[str, ...] = ()
    held_back: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    capped: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class _Lesson:
    """A row, who stands behind it, and the topic that it was taken out of (None if it stayed)."""

    row: Row
    who: str
    out_of: tuple[str, str] | None


def lessons(cases: Iterable[Judged], trusted: Sequence[Row], *, share: float = SHARE) -> Lessons:
    """Return what `cases` teach beside the `trusted` rows; the same input gives the same rows."""
    heard = [case for case in cases if case.text.strip() and case.opinions]
    categories = {row.category for row in trusted if row.nature == "request"}
    foreign = tuple(case.number for case in heard if case.called["category"] not in categories)
    held_back = tuple(case.number for case in heard if case.number not in set(foreign) and calmed_alone(case.opinions))
    good = [case for case in heard if case.number not in {*held_back, *foreign}]
    if not good:
        return Lessons(held_back=held_back, foreign=foreign)
    newest = max(opinion.at for case in good for opinion in case.opinions)
    trust = _trust(good)
    taught, told = _latest(good)
    found = [_lesson(case, trust, newest) for case in taught]
    kept, capped = _capped(found, trusted, share)
    contradictions = (*(line for case in good if (line := _dispute(case))), *told)
    return Lessons(rows=tuple(kept), contradictions=contradictions, held_back=held_back, foreign=foreign, capped=capped)


def calmed_alone(opinions: Iterable[Opinion]) -> bool:
    """Return whether an urgent message was called not urgent by too few agents."""
    words = [opinion for opinion in opinions if opinion.field == "urgency"]
    if not words or _level(words[0].was) < Urgency.HIGH or _level(words[-1].now) >= Urgency.HIGH:
        return False
    last = {opinion.who: _level(opinion.now) for opinion in words}
    return sum(level < Urgency.HIGH for level in last.values()) < AGENTS_TO_CALM


def _dispute(case: Judged) -> str:
    """Return who said what where agents disagree about a case, or an empty line."""
    for field in ("category", "topic", "urgency"):
        last = {opinion.who: opinion.now for opinion in case.opinions if opinion.field == field}
        if len(set(last.values())) > 1:
            words = ", ".join(f"{who} says {now}" for who, now in last.items())
            return f"{case.number}: {field}: {words}; the latest counts"
    return ""


def _trust(cases: Sequence[Judged]) -> dict[str, float]:
    """Return for each agent how often the last word of others agreed with hers; 1 for one whom nobody contradicts."""
    same: Counter[str] = Counter()
    both: Counter[str] = Counter()
    for case in cases:
        last = {(opinion.field, opinion.who): opinion.now for opinion in case.opinions}
        for (field, who), now in last.items():
            others = [word for (other, agent), word in last.items() if other == field and agent != who]
            both[who] += len(others)
            same[who] += sum(word == now for word in others)
    agents = {opinion.who for case in cases for opinion in case.opinions}
    return {who: (same[who] + _PRIOR) / (both[who] + _PRIOR) for who in agents}


def _latest(cases: Sequence[Judged]) -> tuple[list[Judged], list[str]]:
    """Return each text once, as it was labelled last, and a line for each text whose cases contradict each other."""
    last: dict[str, Judged] = {}
    told = []
    for case in sorted(cases, key=lambda case: (case.opinions[-1].at, case.number)):
        before = last.get(key := same_words(case.text))
        if before is not None and dict(before.called) != dict(case.called):
            told.append(f"{case.number} says the same as {before.number}, is called otherwise, and counts")
        last[key] = case
    return list(last.values()), told


def _lesson(case: Judged, trust: Mapping[str, float], newest: datetime) -> _Lesson:
    """Return the row of a case, weighed by its last agent and by age."""
    last = case.opinions[-1]
    first = {opinion.field: opinion.was for opinion in reversed(case.opinions)}
    before = (first.get("category", case.called["category"]), first.get("topic", case.called["topic"]))
    own = (case.called["category"], case.called["topic"])
    age = 0.5 ** ((newest - last.at) / HALF_LIFE)
    row = Row(
        text=case.text,
        lang=case.lang,
        nature="request",
        category=own[0],
        topic=own[1],
        urgency=_level(case.called["urgency"]),
        weight=round(trust[last.who] * age, 4),
    )
    return _Lesson(row, last.who, None if before == own or _worse(own[0], before[0]) else before)


def _worse(now: str, before: str) -> bool:
    """Return whether a category is more severe than the one before: whoever warns is not held back by topics."""
    order = list(TOPICS)
    return now in order and before in order and order.index(now) < order.index(before)


def _capped(found: Sequence[_Lesson], trusted: Sequence[Row], share: float) -> tuple[list[Row], dict[str, float]]:
    """Return the rows with their weights, smaller where one agent would outweigh the rest, and by how much."""
    topics = Counter((row.category, row.topic) for row in trusted)
    categories = Counter(row.category for row in trusted)
    weights: dict[tuple[str, object], float] = defaultdict(float)
    for lesson in found:
        for place in _places(lesson):
            weights[lesson.who, place] += lesson.row.weight
    rows: list[Row] = []
    kept: dict[str, float] = defaultdict(float)
    all_of: dict[str, float] = defaultdict(float)
    for lesson in found:
        allowed = 1.0
        for place in _places(lesson):
            there = topics[place] if isinstance(place, tuple) else categories[place]
            if not there:  # taken out of no topic that is taught: nothing is lost there
                continue
            allowed = min(allowed, max(share * there, _LEAST) / weights[lesson.who, place])
        weight = round(lesson.row.weight * allowed, 4)
        rows.append(replace(lesson.row, weight=weight))
        all_of[lesson.who] += lesson.row.weight
        kept[lesson.who] += weight
    less = {who: round(kept[who] / all_of[who], 3) for who in sorted(all_of) if kept[who] < 0.999 * all_of[who]}
    return rows, less


def _places(lesson: _Lesson) -> list[str | tuple[str, str]]:
    """Return what a lesson changes: its category, which gets more, and the topic that it was taken out of."""
    return [lesson.row.category, *([lesson.out_of] if lesson.out_of else [])]


def _level(name: str) -> Urgency:
    return Urgency[name.upper()]
