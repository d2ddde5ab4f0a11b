"""What a case is after its messages were merged, split or moved: values in, a new value out."""

from collections.abc import Sequence
from dataclasses import replace

from triage.case import Case, Disposition, Entry, Reading, Status, Verdict
from triage.rules import lifecycle
from triage.rules.language import UNKNOWN
from triage.rules.references import find_references
from triage.rules.targets import Targets
from triage.rules.worth import claimed


def waiting(case: Case, entries: Sequence[Entry]) -> list[Entry]:
    """Return those messages of a case that no agent answered, oldest first; thanks wait for nothing."""
    since = case.first_unanswered_at
    return [] if since is None else [e for e in entries if e.since >= since and not _content(e)]


def in_order(entries: Sequence[Entry]) -> list[Entry]:
    """Return messages in the order in which they came."""
    return sorted(entries, key=lambda e: (e.since, e.id))


def judged(case: Case, entries: Sequence[Entry]) -> Verdict:
    """Return the verdict that these messages, oldest first, make of a case; what an agent corrected stays."""
    grown = replace(case, verdict=entries[0].verdict or case.verdict, pinned=())
    for entry in entries[1:]:
        if entry.verdict is not None and entry.disposition is not Disposition.REPEAT:
            grown = replace(grown, verdict=lifecycle.risen(grown, entry.verdict))
    return replace(grown.verdict, **{name: getattr(case.verdict, name) for name in case.pinned})


def reading_of(entry: Entry) -> Reading:
    """Return what was read in a message, as far as its entry still tells."""
    named = find_references(f"{entry.subject}\n{entry.new_text}")
    return Reading(text=entry.new_text, language=entry.language, references=named)


def rebuilt(
    case: Case, entries: Sequence[Entry], unanswered: Sequence[Entry], verdict: Verdict, targets: Targets
) -> Case:
    """Return a case with these messages, oldest first, of which `unanswered` wait: state, clock, counts and place.

    The clock is at the oldest that waits; the others press. One with nothing left that waits is answered, or stays
    resolved. Nothing else of it changes: number, person, who works on it.
    """
    languages = [e.language for e in entries if e.language != UNKNOWN]
    grown = replace(
        case,
        verdict=verdict,
        opened_at=entries[0].since,
        last_message_at=entries[-1].since,
        language=languages[-1] if languages else case.language,
        snoozed_until=None,
        secret_exposed=any(lifecycle.exposed(e.redacted) for e in entries),
        first_unanswered_at=unanswered[0].since if unanswered else None,
        claimed=max(claimed(reading_of(e).references.amounts, targets.worths) for e in entries),
        follow_ups=sum(e.disposition is not Disposition.REPEAT for e in unanswered[1:]),
        repeats=sum(e.disposition is Disposition.REPEAT for e in unanswered[1:]),
    )
    if not unanswered:
        return replace(grown, status=Status.ANSWERED if case.status is Status.OPEN else case.status)
    return lifecycle.placed(replace(grown, status=Status.OPEN, resolved_at=None), targets)


def _content(entry: Entry) -> bool:
    thanks = entry.verdict is not None and entry.verdict.nature == "thanks"
    return thanks and entry.disposition is not Disposition.NEW and not lifecycle.exposed(entry.redacted)
