"""What helps an agent with a case, as the page of the case shows it: facts, similar, preview."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from triage.cli.answers import Text, words_of
from triage.cli.cases import Number
from triage.cli.terminal import (
    Agent,
    AsJson,
    Config,
    agent_name,
    case_id_of,
    note,
    print_json,
    say,
    settings_from,
    store_of,
)


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (facts, similar, preview):
        app.command(rich_help_panel="Agent")(command)


def facts(number: Number, config: Config = None, as_json: AsJson = False) -> None:
    """Show what the customer named, where that can be looked up, and what is still missing."""
    from triage import helping
    from triage.desk import Desk
    from triage.store import cases

    settings = settings_from(config)
    case_id = case_id_of(number, Desk.from_settings(settings))
    with store_of(settings) as store, store.read() as tx:
        found = helping.facts(tx, cases.present(tx, case_id))
    named = found.references.named()
    if as_json:
        print_json({"references": named, "links": found.links, "missing": found.missing})
        return
    for kind, values in named.items():
        say(f"{kind}: {', '.join(values)}")
    for link in found.links:
        say(f"{link.chain}: {link.url}")
    if found.missing:
        say(f"still missing: {', '.join(found.missing)}", "yellow")
    if not (named or found.links or found.missing):
        note("the customer named nothing, and nothing is missing")


def similar(number: Number, config: Config = None, as_json: AsJson = False) -> None:
    """Show the solved cases most like this one, nearest first, with what was answered."""
    from triage import helping
    from triage.desk import Desk
    from triage.store import cases

    settings = settings_from(config)
    case_id = case_id_of(number, Desk.from_settings(settings))
    with store_of(settings) as store, store.read() as tx:
        found = helping.solved_like(tx, cases.present(tx, case_id))
    if as_json:
        for one in found:
            print_json(one)
        return
    for one in found:
        say(f"{one.number}  {one.nearness:.0%}  {one.summary}", "cyan")
        say(f"{one.answer}\n")
    if not found:
        note("no solved case is like it")


def preview(
    number: Number,
    text: Text = None,
    config: Config = None,
    in_public: Annotated[bool, typer.Option("--public", help="Everybody may read it (a post on X).")] = False,
    agent: Agent = None,
    as_json: AsJson = False,
) -> None:
    """Show an answer as the customer would get it, or why it cannot go out; nothing is sent."""
    from triage import agents
    from triage.desk import Desk

    settings, who = settings_from(config), agent_name(agent)
    desk = Desk.from_settings(settings)
    case_id = case_id_of(number, desk)
    wanted = agents.Answer(text=words_of(text), key="preview", in_public=in_public)
    with store_of(settings) as store, store.read() as tx:
        reply = agents.preview(tx, desk, case_id, who, wanted, datetime.now(UTC))
    if as_json:
        told = {"to": reply.to.value, "channel": reply.channel, "subject": reply.subject, "text": reply.text}
        print_json(told | {"language": reply.language})
        return
    say(f"to {reply.to.value} through {reply.channel}", "dim")
    if reply.to.kind == "email":
        say(reply.subject, "bold")
    say(reply.text.rstrip())
