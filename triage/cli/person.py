"""Commands about people: which addresses are one person's."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from triage.cli.cases import Number
from triage.cli.terminal import (
    Agent,
    AsJson,
    Config,
    agent_name,
    case_id_of,
    plain,
    print_json,
    print_table,
    say,
    settings_from,
    store_of,
)

app = typer.Typer(help="Which addresses are one person's: by evidence, and by what agents say.")

Key = Annotated[
    str, typer.Argument(help='An address as `triage person show` has it: "email:ada@example.org".', metavar="ADDRESS")
]


@app.command()
def show(number: Number, config: Config = None, as_json: AsJson = False) -> None:
    """Show every address of the person of a case."""
    from triage import identities
    from triage.desk import Desk

    settings = settings_from(config)
    with store_of(settings) as store, store.read() as tx:
        _, addresses = identities.of_case(tx, case_id_of(number, Desk.from_settings(settings)))
    if as_json:
        for one in addresses:
            print_json({"address": one.key, "name": one.name, "handle": one.handle})
        return
    print_table((("Address", {}), ("Name", {})), [(one.key, one.name or one.handle) for one in addresses])


@app.command()
def link(address: Key, number: Number, config: Config = None, agent: Agent = None) -> None:
    """Say that an address is the person's of a case; her cases from there come along."""
    from triage import identities
    from triage.desk import Desk

    settings = settings_from(config)
    case_id, who, now = case_id_of(number, Desk.from_settings(settings)), agent_name(agent), datetime.now(UTC)
    with store_of(settings) as store:
        case = store.run(lambda tx: identities.link(tx, address, case_id, who, now))
    say(
        f"{plain(address)} is the person of {case.number}; to take it back: triage person unlink {plain(address)}",
        "green",
    )


@app.command()
def unlink(address: Key, config: Config = None, agent: Agent = None) -> None:
    """Take an address away from its person, with the cases in which it alone writes."""
    from triage import identities

    who, now = agent_name(agent), datetime.now(UTC)
    with store_of(settings_from(config)) as store:
        moved = store.run(lambda tx: identities.unlink(tx, address, who, now))
    say(f"{plain(address)} is a person of its own, with {len(moved)} case(s)", "green")


@app.command()
def suggestions(number: Number, config: Config = None, as_json: AsJson = False) -> None:
    """Show cases of others who may be the same person, the surest first, and why."""
    from triage import identities
    from triage.desk import Desk

    settings = settings_from(config)
    with store_of(settings) as store, store.read() as tx:
        found = identities.suggestions(tx, case_id_of(number, Desk.from_settings(settings)))
    if as_json:
        for one in found:
            keys = [address.key for address in one.addresses]
            print_json({"number": one.case.number, "addresses": keys, "why": one.why.text, "strength": one.why.weight})
        return
    rows = [
        (one.case.number, ", ".join(a.key for a in one.addresses), one.why.text, f"{one.why.weight:g}") for one in found
    ]
    print_table((("Case", {}), ("Addresses", {}), ("Because", {}), ("Strength", {})), rows)
