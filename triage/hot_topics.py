"""What customers write about in a week, against the weeks before, and which help pages are missing."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from triage.desk import Desk
from triage.rules.surges import WEEK, WEEKS
from triage.store import Tx, signs

ENOUGH = 5
"""Cases of a topic in one language within the time before a page for it is called missing."""

_TOPIC = "topic:"


@dataclass(frozen=True, slots=True, kw_only=True)
class HotTopic:
    """One topic.

    Attributes:
        cases: New cases within the time.
        usual: New cases in as long a time, the mean of up to four weeks before; None where nothing is known of them.
        pages_missing: Languages with `ENOUGH` cases whose customers are shown no page in their own language, most
            cases first, with their number.
    """

    topic: str
    cases: int
    usual: float | None
    pages_missing: tuple[tuple[str, int], ...]


def hot_topics(tx: Tx, desk: Desk, now: datetime, days: int = 7) -> list[HotTopic]:
    """Return the topics of the last `days`, most cases first."""
    end = signs.hour_of(now) + 1
    since = end - 24 * days
    first = signs.first_hour(tx)
    spans = [(since - k * WEEK, end - k * WEEK) for k in range(1, WEEKS + 1)]
    spans = [(a, b) for a, b in spans if first is not None and a >= first and b <= since]
    now_by_language = signs.by_language(tx, _TOPIC, since, end)
    before = Counter[str]()
    for a, b in spans:
        before.update(_by_topic(signs.by_language(tx, _TOPIC, a, b)))
    counted = _by_topic(now_by_language)
    return [
        HotTopic(
            topic=topic,
            cases=count,
            usual=round(before[topic] / len(spans), 1) if spans else None,
            pages_missing=_missing(desk, topic, now_by_language),
        )
        for topic, count in counted.most_common()
    ]


def _by_topic(found: dict[tuple[str, str], int]) -> Counter[str]:
    counted = Counter[str]()
    for (sign, _), count in found.items():
        counted[sign.removeprefix(_TOPIC)] += count
    return counted


def _missing(desk: Desk, topic: str, found: dict[tuple[str, str], int]) -> tuple[tuple[str, int], ...]:
    """Return the languages that the configuration (`[replies] faq`) has no page in; one for all languages is one."""
    pages = desk.faq.get(topic, {})
    wanted = Counter({tag: n for (sign, tag), n in found.items() if sign == _TOPIC + topic and n >= ENOUGH})
    return tuple((tag, n) for tag, n in wanted.most_common() if tag not in pages and "" not in pages)
