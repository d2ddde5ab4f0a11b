"""Commands for incidents: many cases, one cause, one answer."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triage.cli.cases import Number
from triage.cli.terminal import (
    Agent,
    AsJson,
    Columns,
    Config,
    agent_name,
    case_id_of,
    note,
    plain,
    print_json,
    print_table,
    say,
    settings_from,
    store_of,
    when,
)

if TYPE_CHECKING:
    from triage.case import Incident
    from triage.desk import Desk
    from triage.store import Tx

    Act = Callable[[Tx, Desk, str, datetime], Incident]

app = typer.Typer(help="Many cases with one cause: proposed by Triage, confirmed by a person, answered with one text.")

Id = Annotated[int, typer.Argument(help="The number of the incident.", min=1, max=2**63 - 1, metavar="INCIDENT")]
Texts = Annotated[
    list[str] | None,
    typer.Option(
        "--text",
        "-t",
        help="What to add to the text, in one language: `-t 'en=Withdrawals are delayed.'`; once for each language. "
        "Who has no text in her language gets the English one.",
        metavar="LANG=TEXT",
        show_default=False,
    ),
]


@app.command("list")
def listing(
    config: Config = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the incidents, newest first."""
    from triage.store import incidents

    with store_of(settings_from(config)) as store, store.read() as tx:
        found = incidents.newest(tx, limit)
    if as_json:
        for one in found:
            print_json(_as_object(one))
        return
    if not found:
        note("there is no incident")
        return
    columns: Columns = (
        *(("#", {"justify": "right"}), ("Status", {}), ("About", {}), ("Cases", {"justify": "right"})),
        *(("Usual", {"justify": "right"}), ("To tell", {"justify": "right"}), ("Since", {}), ("By", {})),
    )
    print_table(columns, (_row(one) for one in found))


@app.command()
def show(incident: Id, config: Config = None, as_json: AsJson = False) -> None:
    """Show one incident and its cases."""
    from triage.cli.case_views import as_object, print_list
    from triage.store import incidents

    with store_of(settings_from(config)) as store, store.read() as tx:
        found = incidents.get(tx, incident)
        of_it = incidents.cases_of(tx, incident)
    if as_json:
        print_json(_as_object(found) | {"cases_of_it": [as_object(case) for case in of_it]})
        return
    _tell(found)
    for language, text in found.texts.items():
        say(f"  {language}: {text}", "dim")
    print_list(of_it)


@app.command()
def confirm(incident: Id, config: Config = None, agent: Agent = None, as_json: AsJson = False) -> None:
    """Say that it is an incident: cases like it join it from now on."""
    from triage import incidents

    _do(lambda tx, _, who, now: incidents.confirm(tx, incident, who, now), config, agent, as_json)


@app.command()
def update(
    incident: Id, texts: Texts = None, config: Config = None, agent: Agent = None, as_json: AsJson = False
) -> None:
    """Tell every customer of it, in her language and on her channel, that we know of it; those who come later too."""
    from triage import incidents

    said = _texts(texts)
    _do(lambda tx, desk, who, now: incidents.update(tx, desk, incident, who, said, now), config, agent, as_json)


@app.command()
def resolve(
    incident: Id, texts: Texts = None, config: Config = None, agent: Agent = None, as_json: AsJson = False
) -> None:
    """Say that it is over, and tell every customer of it so."""
    from triage import incidents

    said = _texts(texts)
    _do(lambda tx, desk, who, now: incidents.resolve(tx, desk, incident, who, said, now), config, agent, as_json)


@app.command()
def drop(incident: Id, config: Config = None, agent: Agent = None, as_json: AsJson = False) -> None:
    """Say that a proposed one is none; its cases stay as they are."""
    from triage import incidents

    _do(lambda tx, _, who, now: incidents.drop(tx, incident, who, now), config, agent, as_json)


@app.command()
def put(incident: Id, number: Number, config: Config = None, agent: Agent = None, as_json: AsJson = False) -> None:
    """Put a case into an incident by hand."""
    from triage import incidents

    _do(
        lambda tx, desk, who, now: incidents.put(tx, incident, case_id_of(number, desk), who, now),
        config,
        agent,
        as_json,
    )


@app.command("leave-out")
def leave_out(number: Number, config: Config = None, agent: Agent = None) -> None:
    """Take a case out of its incident for good."""
    from triage import incidents
    from triage.desk import Desk

    settings = settings_from(config)
    case_id = case_id_of(number, Desk.from_settings(settings))
    who = agent_name(agent)
    with store_of(settings) as store:
        store.run(lambda tx: incidents.leave_out(tx, case_id, who, datetime.now(UTC)))
    say(f"{plain(number)}: in no incident", "green")


def _do(act: "Act", config: Any, agent: str | None, as_json: bool) -> None:
    from triage.desk import Desk

    settings = settings_from(config)
    desk, who = Desk.from_settings(settings), agent_name(agent)
    with store_of(settings) as store:
        found = store.run(lambda tx: act(tx, desk, who, datetime.now(UTC)))
    if as_json:
        print_json(_as_object(found))
        return
    _tell(found)


def _texts(given: list[str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given or []:
        language, sign, text = one.partition("=")
        if not sign or not text.strip():
            raise typer.BadParameter(f'"{plain(one[:40])}" is no LANG=TEXT, such as "en=Withdrawals are delayed."')
        found[language.strip()] = text.strip()
    return found


def _tell(found: "Incident") -> None:
    say(f"incident {found.id}: {found.status.value}, {found.title}, {found.cases} cases ({_usual(found)})", "bold")
    if found.to_tell:
        note(f"{found.to_tell} cases wait for the last news; `triage run` tells them")


def _usual(found: "Incident") -> str:
    return f"{found.count} in two hours where {found.expected:g} are usual"


def _row(found: "Incident") -> tuple[Any, ...]:
    return (
        *(found.id, found.status.value, found.title, found.cases, f"{found.expected:g}", found.to_tell or ""),
        *(when(found.since), found.who),
    )


def _as_object(found: "Incident") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(found) | {"status": found.status.value, "texts": dict(found.texts)}
