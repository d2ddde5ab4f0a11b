"""Which of many short texts are most like one: by the words they share, rare ones counting more."""

import math
from collections import Counter
from collections.abc import Sequence

from triage.rules.search_words import index_words


def nearness(text: str, others: Sequence[str]) -> list[float]:
    """Return for each of `others` how much of it and of `text` is the same, 0 to 1.

    A word counts by how few of the texts have it (inverse document frequency): what everybody writes tells nothing.
    """
    said = set(index_words(text))
    words = [set(index_words(other)) for other in others]
    having = Counter(word for one in words for word in one)
    weight = {word: math.log((1 + len(words)) / (1 + having[word])) + 0.1 for word in {*said, *having}}
    whole = sum(weight[word] for word in said)
    return [_share(weight, said & one, whole + sum(weight[word] for word in one)) for one in words]


def _share(weight: dict[str, float], common: set[str], both: float) -> float:
    return 2 * sum(weight[word] for word in common) / both if both else 0.0
