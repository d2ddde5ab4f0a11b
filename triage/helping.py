"""What helps an agent with a case: what it names and where to look that up, what it lacks, how others like it ended."""

from dataclasses import dataclass, replace

from triage.case import Case, Reading, References
from triage.rules.explorers import Link, links
from triage.rules.missing import missing
from triage.rules.nearest import nearness
from triage.rules.references import find_references
from triage.store import Tx, labels, solved

MOST_LIKE = 3
"""Solved cases that are shown beside one."""

LEAST_NEAR = 0.15
"""Nearness from which a solved case is worth reading."""

_SAME_LANGUAGE = 0.2  # an answer that need not be translated is worth so much nearness
_LONGEST = 20_000  # characters of a case that are looked through


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a case names exactly, where that can be looked up, and what its handling still needs (names of `ASKED`)."""

    references: References
    links: tuple[Link, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """A solved case that is like another; `nearness` is 0 to 1, `answer` what an agent said last."""

    number: str
    summary: str
    language: str
    nearness: float
    answer: str


def facts(tx: Tx, case: Case) -> Facts:
    """Return what the customer's messages hold, taken together: what she told first she need not tell again."""
    said = labels.what_was_said(tx, case.id)
    if not said:
        return Facts(references=References(), links=(), missing=())
    text = "\n\n".join(f"{entry.subject}\n{entry.new_text}" for _, entry in said)[:_LONGEST]
    reading = Reading(text=text, language=case.language, references=find_references(text))
    whole = replace(said[0][0], attachments=tuple(file for message, _ in said for file in message.attachments))
    return Facts(
        references=reading.references,
        links=links(reading.references),
        missing=missing(case.verdict.topic, whole, reading),
    )


def solved_like(tx: Tx, case: Case) -> list[Like]:
    """Return the solved cases of the same topic that are most like this one, with their answers, nearest first."""
    found = solved.of_topic(tx, case.verdict.category, case.verdict.topic, case.id)
    near = nearness(case.summary, [one.summary for one in found])
    kept = [pair for pair in zip(near, found, strict=True) if pair[0] >= LEAST_NEAR]
    kept.sort(key=lambda pair: pair[0] + _SAME_LANGUAGE * (pair[1].language == case.language), reverse=True)
    answers = solved.last_answers(tx, [one.id for _, one in kept[: 2 * MOST_LIKE]])
    return [
        Like(number=one.number, summary=one.summary, language=one.language, nearness=near, answer=answers[one.id])
        for near, one in kept
        if one.id in answers
    ][:MOST_LIKE]
