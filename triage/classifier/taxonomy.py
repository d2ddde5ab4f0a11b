"""Which categories and topics a set of rows has, in the order of their weight: the worst that can happen comes first.

The names are data. Those of the default taxonomy keep their order; a team's own stand by how urgent their messages
are, then by how early they come.
"""

from collections import defaultdict
from collections.abc import Iterable

from triage.classifier.dataset import TOPICS, Row

Topic = tuple[str, str]
"""A category and one of its topics; the topic is empty where the data has no second level."""


def topics_of(rows: Iterable[Row]) -> list[Topic]:
    """Return each topic of the requests among `rows` with its category, the most severe category first."""
    urgent: dict[str, list[int]] = defaultdict(list)
    topics: dict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        if row.nature == "request":
            urgent[row.category].append(int(row.urgency))
            topics[row.category].setdefault(row.topic)
    # The order of equals is that in which they came.
    by_urgency = sorted(urgent, key=lambda category: -sum(urgent[category]) / len(urgent[category]))
    known = [category for category in TOPICS if category in urgent]
    own = [category for category in by_urgency if category not in TOPICS]
    return [(category, topic) for category in (*known, *own) for topic in _sorted(category, topics[category])]


def categories_of(topics: Iterable[Topic]) -> list[str]:
    """Return the categories of topics, in order."""
    return list(dict.fromkeys(category for category, _ in topics))


def _sorted(category: str, topics: Iterable[str]) -> list[str]:
    """Return the topics of a category, those of the default taxonomy in its order; [""] if it has none."""
    order = {topic: place for place, topic in enumerate(TOPICS.get(category, ()))}
    return sorted(filter(None, topics), key=lambda topic: order.get(topic, len(order))) or [""]
