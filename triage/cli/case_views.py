"""How a case is shown: to programs as one object, to people as a line of the list or as a whole page."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from triage import shapes
from triage.case import Case, Entry, Kept, Note, Said
from triage.cli.terminal import age, note, out, say, table_of, urgency_cell, when
from triage.rules import rating
from triage.rules.doubts import doubts
from triage.store.audit import AuditEntry

Column = tuple[str, dict[str, Any], Callable[[int, Case], Any]]


def as_object(case: Case) -> dict[str, Any]:
    """Return a case as programs get it."""
    return shapes.of_case(case).model_dump(mode="json")


def whole_object(case: Case, history: Sequence[Entry | Said | Note], done: Sequence[AuditEntry]) -> dict[str, Any]:
    """Return a case as programs get it, with everything that was said and done in it."""
    return shapes.of_whole(case, history).model_dump(mode="json") | {"audit": done}


def print_list(found: Sequence[Case]) -> None:
    """Print the ranked list, as wide as the terminal."""
    if not found:
        note("no case is waiting here")
        return
    out().print(list_table(found))


def list_table(found: Sequence[Case]) -> Any:
    """Return the ranked list as a table, as wide as the terminal."""
    columns = _columns(out().width)
    return table_of(
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
        ("Told", {"justify": "right", "min_width": 5}, lambda _, case: _told(case, now)),
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


def _told(case: Case, now: datetime) -> str:
    """Return how much is left of the waiting time that the customer was told."""
    if case.promise is None:
        return ""
    left = age((case.promise.by - now).total_seconds())
    return left if case.promise.state is Kept.RUNNING else case.promise.state.value


def _why(case: Case) -> str:
    """Return what speaks for the place of a case: what the message said first, then what moved it."""
    reasons = [reason.text for reason in case.verdict.reasons[:1]]
    moved = [part.text for part in case.place.parts if part.name not in {"waiting", "target", "urgency"}]
    return "; ".join([*reasons, *moved])


def print_case(case: Case, history: Iterable[Entry | Said | Note], done: Iterable[AuditEntry]) -> None:
    """Print everything about one case: its place and why, its verdict and why, what was said, what was done."""
    _print_head(case)
    for one in history:
        _print_one(one)
    for step in done:
        at = when(step.at) if step.at else ""
        say(f"{at}  {step.who}: {step.action}", "dim")


def _print_one(one: Entry | Said | Note) -> None:
    if isinstance(one, Entry):
        who = f"{one.sender_name} <{one.sender}>" if one.sender_name else one.sender
        say(f"\n{when(one.since)}  {one.channel}  {who}  #{one.id}", "cyan")
        say(f"{one.disposition.value}: {one.why.text}; acknowledgement: {one.acknowledged}", "dim")
        for doubt in doubts(one.sender, one.sender_name):
            say(f"beware: {doubt}", "yellow")
        say(one.new_text)
    elif isinstance(one, Note):
        say(f"\n{when(one.at)}  note of {one.who}", "magenta")
        say(one.text)
    else:
        state = f"{one.state}: {one.why}" if one.why else one.state
        say(f"\n{when(one.at)}  {one.channel}  {one.who or 'Triage'} ({one.kind}, {state})", "green")
        say(one.text.rstrip())


def _print_head(case: Case) -> None:
    say(f"{case.number}  {case.summary}", "bold")
    verdict = case.verdict
    second = f", else {verdict.second[0]} {verdict.second[1]:.0%}" if verdict.second else ""
    say(f"{verdict.urgency.label}, {verdict.category}/{verdict.topic or '-'} {verdict.confidence:.0%}{second}")
    for reason in verdict.reasons:
        say(f"  because {reason.text}", "dim")
    say(f"{case.status.value}, due {when(case.place.due_at)}, with {case.assignee or 'nobody yet'}")
    if case.snoozed_until is not None and case.snoozed_until > datetime.now(UTC):
        say(f"put off until {when(case.snoozed_until)}")
    if (told := case.promise) is not None:
        say(f"its customer was told to wait until {when(told.by)}, {told.ahead} ahead: {told.state.value}")
    if case.rating is not None:
        say(f"the customer rated our help {case.rating} of {rating.MOST}")
    for part in case.place.parts:
        say(f"  {part.text}", "dim")
