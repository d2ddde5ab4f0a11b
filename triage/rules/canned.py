"""Ready answers: what agents say often, with places that are filled from the case."""

import re
from collections.abc import Mapping

from triage.errors import TriageError

FACTS = ("name", "number", "agent", "desk", "faq")
"""What may stand in braces: the customer's name, the case's number, the agent, the desk, the help page of the topic."""

LONGEST = 4_000
LONGEST_NAME = 60

_PLACE = re.compile(r"\{(\w{1,40})\}")


def check(name: str, text: str) -> None:
    """Raise `TriageError` for a name or text that cannot be kept: empty, too long, or with a place nobody fills."""
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise TriageError("a ready answer needs a name of at most %(most)s characters in one line", most=LONGEST_NAME)
    if not text.strip() or len(text) > LONGEST:
        raise TriageError("a ready answer needs a text of at most %(most)s characters", most=LONGEST)
    unknown = [place for place in _PLACE.findall(text) if place not in FACTS]
    if unknown:
        known = ", ".join(f"{{{fact}}}" for fact in FACTS)
        raise TriageError("nobody fills {%(place)s}; there are %(known)s", place=unknown[0], known=known)


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Return a text with its places filled; what a fact holds is never looked into for places again.

    A line that has nothing but an empty place is left out.
    """
    lines = [line for line in text.splitlines() if not _is_empty(line, facts)]
    return _PLACE.sub(lambda place: facts.get(place[1], place[0]), "\n".join(lines)).strip()


def _is_empty(line: str, facts: Mapping[str, str]) -> bool:
    place = _PLACE.fullmatch(line.strip())
    return place is not None and place[1] in facts and not facts[place[1]]
