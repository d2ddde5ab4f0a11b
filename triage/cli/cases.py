"""Commands of an agent: cases, show, take, resolve, reopen, correct."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triage.cli.terminal import (
    Agent,
    AsJson,
    Config,
    age,
    agent_name,
    case_id_of,
    note,
    out,
    plain,
    print_json,
    print_table,
    say,
    settings_from,
    store_of,
    urgency_cell,
)
from triage.errors import TriageError

if TYPE_CHECKING:
    from triage.case import Case, Urgency
    from triage.desk import Desk
    from triage.store import Tx
    from triage.store.cases import Filters

Number = Annotated[str, typer.Argument(help="The number of the case.", metavar="NUMBER")]

LARGEST_PAGE = 200


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (cases, show, take, resolve, reopen, correct):
        app.command(rich_help_panel="Agent")(command)


def cases(  # noqa: PLR0913, PLR0917 - one parameter for each filter; Typer passes them by name
    config: Config = None,
    status: Annotated[str, typer.Option(help="open or resolved.")] = "open",
    channel: Annotated[str | None, typer.Option(help="Only of this channel.", show_default=False)] = None,
    category: Annotated[str | None, typer.Option(help="Only of this category.", show_default=False)] = None,
    topic: Annotated[str | None, typer.Option(help="Only of this topic.", show_default=False)] = None,
    urgency: Annotated[str | None, typer.Option(help="critical, high, normal, low.", show_default=False)] = None,
    language: Annotated[str | None, typer.Option(help='Such as "zh-Hans".', show_default=False)] = None,
    assignee: Annotated[str | None, typer.Option(help="Only of this agent.", show_default=False)] = None,
    text: Annotated[str | None, typer.Option(help="Only with these words.", show_default=False)] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many.")] = 25,
    as_json: AsJson = False,
) -> None:
    """Show the list: what to do next comes first, with the reason for its place."""
    from triage.case import Status
    from triage.store.cases import Filters

    filters = Filters(
        status=_word(Status, status, "status"),
        channel=channel,
        category=category,
        topic=topic,
        urgency=_urgency(urgency),
        language=language,
        assignee=assignee,
        text=text,
    )
    with store_of(settings_from(config)) as store, store.read() as tx:
        found = _pages(tx, filters, limit)
    if as_json:
        for place, case in enumerate(found, 1):
            print_json({"place": place} | as_object(case))
        return
    _print_list(found)


def show(number: Number, config: Config = None, as_json: AsJson = False) -> None:
    """Show one case: its place and why, its verdict and why, and every message."""
    from triage.desk import Desk
    from triage.store import audit
    from triage.store import cases as stored

    settings = settings_from(config)
    case_id = case_id_of(number, Desk.from_settings(settings))
    with store_of(settings) as store, store.read() as tx:
        case = stored.get(tx, case_id)
        entries = stored.conversation(tx, case_id)
        done = audit.of_case(tx, case_id)
    if case is None:
        raise TriageError(f'there is no case "{plain(number)}"')
    if as_json:
        print_json(as_object(case) | {"messages": entries, "audit": done})
        return
    say(f"{case.number}  {case.summary}", "bold")
    verdict = case.verdict
    second = f", else {verdict.second[0]} {verdict.second[1]:.0%}" if verdict.second else ""
    say(f"{verdict.urgency.label}, {verdict.category}/{verdict.topic or '-'} {verdict.confidence:.0%}{second}")
    for reason in verdict.reasons:
        say(f"  because {reason.text}", "dim")
    say(f"{case.status.value}, due {case.place.due_at:%Y-%m-%d %H:%M} UTC, with {case.assignee or 'nobody yet'}")
    for part in case.place.parts:
        say(f"  {part.text}", "dim")
    for entry in entries:
        say(f"\n{entry.received_at:%Y-%m-%d %H:%M}  {entry.channel}  {entry.sender_name or entry.sender}", "cyan")
        say(f"{entry.disposition.value}: {entry.why.text}; acknowledgement: {entry.acknowledged}", "dim")
        say(entry.new_text)
    for step in done:
        at = f"{step.at:%Y-%m-%d %H:%M}" if step.at else ""
        say(f"{at}  {step.who}: {step.action}", "dim")


def take(number: Number, config: Config = None, agent: Agent = None, as_json: AsJson = False) -> None:
    """Take a case: it is yours."""
    from triage.store import cases as stored

    who = agent_name(agent)
    _act(number, config, as_json, lambda tx, case_id, _: stored.take(tx, case_id, who, datetime.now(UTC)))


def resolve(number: Number, config: Config = None, agent: Agent = None, as_json: AsJson = False) -> None:
    """Mark a case as answered; it leaves the list."""
    from triage.store import cases as stored

    who = agent_name(agent)
    _act(number, config, as_json, lambda tx, case_id, _: stored.resolve(tx, case_id, who, datetime.now(UTC)))


def reopen(number: Number, config: Config = None, agent: Agent = None, as_json: AsJson = False) -> None:
    """Bring a case back into the list."""
    from triage.store import cases as stored

    who = agent_name(agent)
    _act(number, config, as_json, lambda tx, case_id, _: stored.reopen(tx, case_id, who, datetime.now(UTC)))


def correct(
    number: Number,
    config: Config = None,
    category: Annotated[str | None, typer.Option(help="The right category.", show_default=False)] = None,
    topic: Annotated[str | None, typer.Option(help="The right topic.", show_default=False)] = None,
    urgency: Annotated[str | None, typer.Option(help="critical, high, normal, low.", show_default=False)] = None,
    agent: Agent = None,
    as_json: AsJson = False,
) -> None:
    """Correct what the model said; it stays so, and the next training learns from it."""
    from triage.rules import lifecycle
    from triage.store import cases as stored
    from triage.store import labels

    right = _urgency(urgency)
    if category is None and topic is None and right is None:
        raise TriageError("name what is to be corrected: --category, --topic or --urgency")
    who = agent_name(agent)

    def work(tx: "Tx", case_id: int, desk: "Desk") -> "Case":
        now, place = datetime.now(UTC), None
        before = stored.get(tx, case_id)
        if before is not None and right is not None:
            verdict = replace(before.verdict, urgency=right)
            place = lifecycle.placed(replace(before, verdict=verdict), desk.targets).place
        return labels.correct(tx, case_id, who, category=category, topic=topic, urgency=right, place=place, now=now)

    _act(number, config, as_json, work)


def as_object(case: "Case") -> dict[str, Any]:
    """Return a case as programs get it."""
    names = ("number", "id", "summary", "channel", "kind", "language", "opened_at", "last_message_at")
    more = ("first_unanswered_at", "resolved_at", "assignee", "follow_ups", "repeats", "secret_exposed", "pinned")
    return {
        **{name: getattr(case, name) for name in names},
        "status": case.status.value,
        "category": case.verdict.category,
        "topic": case.verdict.topic,
        "urgency": case.verdict.urgency.label,
        "confidence": round(case.verdict.confidence, 3),
        "reasons": [reason.text for reason in case.verdict.reasons],
        "model": case.verdict.model,
        **{name: getattr(case, name) for name in more},
        "due_at": case.place.due_at,
        "order_key": case.place.order_key,
        "why": [{"name": p.name, "seconds": p.seconds, "text": p.text} for p in case.place.parts],
    }


def _pages(tx: "Tx", filters: "Filters", limit: int) -> "list[Case]":
    from triage.store import cases as stored

    found: list[Case] = []
    after = None
    while len(found) < limit:
        page = stored.top(tx, filters, min(limit - len(found), LARGEST_PAGE), after)
        found += page
        if not page:
            break
        after = (page[-1].place.order_key, page[-1].id)
    return found


Column = tuple[str, dict[str, Any], "Callable[[int, Case], Any]"]


def _print_list(found: "list[Case]") -> None:
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
        ("About", {"min_width": 12, "max_width": 26}, lambda _, case: _about(case)),
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


def _about(case: "Case") -> str:
    return f"{case.verdict.category}/{case.verdict.topic}".rstrip("/")


def _seconds_left(case: "Case", now: datetime) -> float:
    return (case.place.due_at - now).total_seconds()


def _why(case: "Case") -> str:
    """Return what speaks for the place of a case: what the message said first, then what moved it."""
    reasons = [reason.text for reason in case.verdict.reasons[:1]]
    moved = [part.text for part in case.place.parts if part.name not in {"waiting", "target", "urgency"}]
    return "; ".join([*reasons, *moved])


def _act(number: str, config: Any, as_json: bool, action: "Callable[[Tx, int, Desk], Case]") -> None:
    from triage.desk import Desk

    settings = settings_from(config)
    desk = Desk.from_settings(settings)
    case_id = case_id_of(number, desk)
    with store_of(settings) as store:
        case = store.run(lambda tx: action(tx, case_id, desk))
    if as_json:
        print_json(as_object(case))
        return
    who = case.assignee or "nobody"
    say(f"{case.number}: {case.status.value}, {case.verdict.urgency.label}, {_about(case)}, with {who}", "green")


def _urgency(word: str | None) -> "Urgency | None":
    from triage.case import Urgency

    if word is None:
        return None
    try:
        return Urgency[word.upper()]
    except KeyError:
        words = ", ".join(u.label for u in reversed(Urgency))
        raise TriageError(f'there is no urgency "{plain(word)}"; there are {words}') from None


def _word(words: Any, value: str, what: str) -> Any:
    try:
        return words(value)
    except ValueError:
        known = ", ".join(w.value for w in words)
        raise TriageError(f'there is no {what} "{plain(value)}"; there are {known}') from None
