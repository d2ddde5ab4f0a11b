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
    agent_name,
    case_id_of,
    judge_of,
    note,
    plain,
    print_json,
    say,
    settings_from,
    store_of,
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
    status: Annotated[
        str, typer.Option(help="open, answered, resolved, merged; any with --search or --incident.")
    ] = "open",
    channel: Annotated[str | None, typer.Option(help="Only of this channel.", show_default=False)] = None,
    category: Annotated[str | None, typer.Option(help="Only of this category.", show_default=False)] = None,
    topic: Annotated[str | None, typer.Option(help="Only of this topic.", show_default=False)] = None,
    urgency: Annotated[str | None, typer.Option(help="critical, high, normal, low.", show_default=False)] = None,
    language: Annotated[str | None, typer.Option(help='Such as "zh-Hans".', show_default=False)] = None,
    assignee: Annotated[str | None, typer.Option(help="Only of this agent.", show_default=False)] = None,
    text: Annotated[
        str | None,
        typer.Option("--search", "--text", help="Words of the messages, or a number.", show_default=False),
    ] = None,
    incident: Annotated[
        int | None, typer.Option(min=1, max=2**63 - 1, help="Only of this incident.", show_default=False)
    ] = None,
    snoozed: Annotated[bool, typer.Option("--snoozed", help="Those that are put off, alone.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many.")] = 25,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="A table for spreadsheets.")] = False,
    live: Annotated[bool, typer.Option("--watch", help="Stay, and show what changes; Ctrl-C ends it.")] = False,
) -> None:
    """Show the list: what to do next comes first, with the reason for its place."""
    from triage.case import Status
    from triage.cli.case_views import as_object, print_list
    from triage.cli.watching import watch
    from triage.shapes import csv_of_cases
    from triage.store.cases import Filters

    now = datetime.now(UTC)
    filters = Filters(
        status=None if status == "any" and (text or incident) else _word(Status, status, "status"),
        channel=channel,
        category=category,
        topic=topic,
        urgency=_urgency(urgency),
        language=language,
        assignee=assignee,
        snoozed_at=now if snoozed else None,
        text=text,
        incident=incident,
    )
    hides = not (snoozed or text)
    with store_of(settings_from(config)) as store:
        if live and not (as_csv or as_json):
            watch(store, lambda tx: _pages(tx, _awake(filters, hides), limit))
            return
        with store.read() as tx:
            found = _pages(tx, _awake(filters, hides), limit)
    if as_csv:
        typer.echo(csv_of_cases(found), nl=False)
        return
    if as_json:
        for place, case in enumerate(found, 1):
            print_json({"place": place} | as_object(case))
        return
    print_list(found)


def show(number: Number, config: Config = None, as_json: AsJson = False) -> None:
    """Show one case: its place and why, its verdict and why, and everything that was said."""
    from triage import agents
    from triage.cli.case_views import print_case, whole_object
    from triage.desk import Desk
    from triage.store import audit, incidents
    from triage.store import cases as stored

    settings = settings_from(config)
    case_id = case_id_of(number, Desk.from_settings(settings))
    with store_of(settings) as store, store.read() as tx:
        case = stored.get(tx, case_id)
        history = agents.history(tx, case_id)
        done = audit.of_case(tx, case_id)
        incident = incidents.of_case(tx, case_id)
        into = stored.number_of(tx, case.merged_into) if case and case.merged_into else ""
    if case is None:
        raise TriageError(f'there is no case "{plain(number)}"')
    if into:
        note(f"it was merged into {into}: triage show {into}")
    if incident:
        note(f"it belongs to an incident: triage incident show {incident}")
    if as_json:
        print_json(whole_object(case, history, done))
        return
    print_case(case, history, done)


def take(number: Number, config: Config = None, agent: Agent = None, as_json: AsJson = False) -> None:
    """Take a case: it is yours."""
    from triage.store import cases as stored

    who = agent_name(agent)
    act(number, config, as_json, lambda tx, case_id, _: stored.take(tx, case_id, who, datetime.now(UTC)))


def resolve(number: Number, config: Config = None, agent: Agent = None, as_json: AsJson = False) -> None:
    """Mark a case as answered; it leaves the list."""
    from triage import agents

    who = agent_name(agent)
    act(number, config, as_json, lambda tx, case_id, desk: agents.resolve(tx, desk, case_id, who, datetime.now(UTC)))


def reopen(number: Number, config: Config = None, agent: Agent = None, as_json: AsJson = False) -> None:
    """Bring a case back into the list."""
    from triage.store import cases as stored

    who = agent_name(agent)
    act(number, config, as_json, lambda tx, case_id, _: stored.reopen(tx, case_id, who, datetime.now(UTC)))


def correct(
    number: Number,
    config: Config = None,
    category: Annotated[str | None, typer.Option(help="The right category.", show_default=False)] = None,
    topic: Annotated[str | None, typer.Option(help="The right topic.", show_default=False)] = None,
    urgency: Annotated[str | None, typer.Option(help="critical, high, normal, low.", show_default=False)] = None,
    agent: Agent = None,
    as_json: AsJson = False,
) -> None:
    """Correct what the model said; it stays so, whatever the model says later."""
    from triage.labelling import Label, check_category, give

    label = Label(category=category, topic=topic, urgency=_urgency(urgency))
    if label == Label():
        raise TriageError("name what is to be corrected: --category, --topic or --urgency")
    who, judge = agent_name(agent), judge_of(settings_from(config))
    check_category(judge, label)
    act(
        number,
        config,
        as_json,
        lambda tx, case_id, desk: give(tx, desk, judge, case_id, who, label, datetime.now(UTC)),
    )


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


def act(number: str, config: Any, as_json: bool, action: "Callable[[Tx, int, Desk], Case]") -> None:
    """Do something to one case in a transaction, and say how it is now."""
    from triage.cli.case_views import about, as_object
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
    back = f", put off until {case.snoozed_until.astimezone():%Y-%m-%d %H:%M %Z}" if case.snoozed_until else ""
    say(f"{case.number}: {case.status.value}, {case.verdict.urgency.label}, {about(case)}, with {who}{back}", "green")


def _awake(filters: "Filters", hides: bool) -> "Filters":
    """Return the filters without what is put off now; a list that stays on the screen asks each time."""
    return replace(filters, awake_at=datetime.now(UTC)) if hides else filters


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
