"""`triage canned`: the ready answers of the desk."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from triage.cli.terminal import (
    Agent,
    AsJson,
    Config,
    agent_name,
    note,
    print_json,
    print_table,
    say,
    settings_from,
    standard_input,
    store_of,
)

app = typer.Typer(help="Ready answers: what agents say often.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Its name.")]
Language = Annotated[str, typer.Option(help='Such as "zh-Hans".')]


@app.command("list")
def listing(config: Config = None, as_json: AsJson = False) -> None:
    """List every ready answer, by name and language."""
    from triage.store import canned

    with store_of(settings_from(config)) as store, store.read() as tx:
        found = canned.listing(tx)
    if as_json:
        for one in found:
            print_json(one)
        return
    if not found:
        note("there is no ready answer yet: triage canned set NAME < FILE")
        return
    columns: list[tuple[str, dict[str, object]]] = [("Name", {}), ("Language", {}), ("Text", {"ratio": 1})]
    print_table(columns, ([one.name, one.language, " ".join(one.text.split())] for one in found))


@app.command("set")
def save(name: Name, config: Config = None, language: Language = "en", agent: Agent = None) -> None:
    """Keep what standard input says under a name; {name}, {number}, {agent}, {desk}, {faq} are filled."""
    from triage.store import canned

    who, text = agent_name(agent), standard_input()
    with store_of(settings_from(config)) as store:
        kept = store.run(lambda tx: canned.save(tx, name, language, text, who, datetime.now(UTC)))
    say(f"{kept.name} ({kept.language}) is kept", "green")


@app.command("remove")
def remove(name: Name, config: Config = None, language: Language = "en", agent: Agent = None) -> None:
    """Forget a ready answer in a language."""
    from triage.store import canned

    who = agent_name(agent)
    with store_of(settings_from(config)) as store:
        store.run(lambda tx: canned.remove(tx, name, language, who, datetime.now(UTC)))
    say("removed", "green")
