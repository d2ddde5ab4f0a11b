"""How a case is shown: to programs as one object, to people as a line of the list or as a whole page."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from triage.case import Case, Entry
from triage.cli.terminal import age, note, out, print_table, say, urgency_cell
from triage.store.audit import AuditEntry

Column = tuple[str, dict[str, Any], Callable[[int, Case], Any]]


def as_object(case: Case) -> dict[str, Any]:
    """Return a case as programs get it."""
    names = ("number", "id", "summary", "channel", "kind", "language", "opened_at", "last_message_at")
    more = ("first_unanswered_at", "resolved_at", "assignee", "follow_ups", "repeats")
    flags = ("secret_exposed", "pinned", "linked_to")
    return {
        **{name: getattr(case, name) for name in names},
        "status": case.status.value,
        "category": case.verdict.category,
        "topic": case.verdict.topic,
        "urgency": case.verdict.urgency.label,
        "confidence": round(case.verdict.confidence, 3),
        "reasons": [reason.text for reason in case.verdict.reasons],
        "model": case.verdict.model,
        **{name: getattr(case, name) for name in (*more, *flags)},
        "due_at": case.place.due_at,
        "order_key": case.place.order_key,
        "why": [{"name": p.name, "seconds": p.seconds, "text": p.text} for p in case.place.parts],
    }


def print_list(found: Sequence[Case]) -> None:
    """Print the ranked list, as wide as the terminal."""
    if not found:
        note("no case is waiting here")
        return
    columns = _columns(out().width)
    print_table(
        [(name, options) for name, options, _ in columns],
        ([cell(place, case) for _, _, cell in columns] for place, case in enumerate(found, 1)),
    )


def _columns(width: int) -> list[Column]:
    """Return the columns that a terminal of this width has room for; what tells the next case is always there."""
    now = datetime.now(UTC)
    always: list[Column] = [
        ("#", {"justify": "right"}, lambda place, _: place),
        ("Number", {"min_width": 13, "style": "cyan"}, lambda _, case: case.number),
        ("Urgency", {"min_width": 8}, lambda _, case: urgency_cell(case.verdict.urgency.label)),
        ("About", {"min_width": 12, "max_width": 26}, lambda _, case: about(case)),
        ("Due in", {"justify": "right", "min_width": 6}, lambda _, case: age(_seconds_left(case, now))),
    ]
    wide: list[Column] = [
        ("+", {"justify": "right", "min_width": 2}, lambda _, case: case.follow_ups + case.repeats or ""),
        ("Channel", {"min_width": 8, "max_width": 16}, lambda _, case: case.channel),
        ("Lang", {"min_width": 7}, lambda _, case: case.language),
    ]
    said: list[Column] = [
        ("What", {"ratio": 3}, lambda _, case: case.summary),
        ("Why here", {"ratio": 2, "style": "dim"}, lambda _, case: _why(case)),
    ]
    return always + (wide if width >= 120 else []) + said


def about(case: Case) -> str:
    """Return category and topic in one word."""
    return f"{case.verdict.category}/{case.verdict.topic}".rstrip("/")


def _seconds_left(case: Case, now: datetime) -> float:
    return (case.place.due_at - now).total_seconds()


def _why(case: Case) -> str:
    """Return what speaks for the place of a case: what the message said first, then what moved it."""
    reasons = [reason.text for reason in case.verdict.reasons[:1]]
    moved = [part.text for part in case.place.parts if part.name not in {"waiting", "target", "urgency"}]
    return "; ".join([*reasons, *moved])


def print_case(case: Case, entries: Iterable[Entry], done: Iterable[AuditEntry]) -> None:
    """Print everything about one case: its place and why, its verdict and why, every message, what was done."""
    _print_head(case)
    for entry in entries:
        say(f"\n{entry.received_at:%Y-%m-%d %H:%M}  {entry.channel}  {entry.sender_name or entry.sender}", "cyan")
        say(f"{entry.disposition.value}: {entry.why.text}; acknowledgement: {entry.acknowledged}", "dim")
        say(entry.new_text)
    for step in done:
        at = f"{step.at:%Y-%m-%d %H:%M}" if step.at else ""
        say(f"{at}  {step.who}: {step.action}", "dim")


def _print_head(case: Case) -> None:
    say(f"{case.number}  {case.summary}", "bold")
    verdict = case.verdict
    second = f", else {verdict.second[0]} {verdict.second[1]:.0%}" if verdict.second else ""
    say(f"{verdict.urgency.label}, {verdict.category}/{verdict.topic or '-'} {verdict.confidence:.0%}{second}")
    for reason in verdict.reasons:
        say(f"  because {reason.text}", "dim")
    say(f"{case.status.value}, due {case.place.due_at:%Y-%m-%d %H:%M} UTC, with {case.assignee or 'nobody yet'}")
    for part in case.place.parts:
        say(f"  {part.text}", "dim")
