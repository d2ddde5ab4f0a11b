"""Commands of an agent at work: next, reply, note, withdraw."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import click
import typer

from triage.cli.cases import Number, act
from triage.cli.terminal import (
    Agent,
    AsJson,
    Config,
    agent_name,
    case_id_of,
    print_json,
    say,
    settings_from,
    standard_input,
    store_of,
)
from triage.cli.terminal import (
    note as tell,
)
from triage.errors import TriageError

Text = Annotated[
    str | None,
    typer.Argument(help='What you say; "-" reads standard input; none opens your editor.', show_default=False),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for name, command in (("next", next_case), ("reply", reply), ("note", note), ("withdraw", withdraw)):
        app.command(name, rich_help_panel="Agent")(command)


def next_case(
    config: Config = None,
    channel: Annotated[str | None, typer.Option(help="Only of this channel.", show_default=False)] = None,
    language: Annotated[str | None, typer.Option(help='Such as "zh-Hans".', show_default=False)] = None,
    agent: Agent = None,
    as_json: AsJson = False,
) -> None:
    """Take the first case that is nobody's, and show it."""
    from triage import agents
    from triage.cli.case_views import print_case, whole_object
    from triage.store import audit
    from triage.store import cases as stored
    from triage.store.cases import Filters

    who, filters = agent_name(agent), Filters(channel=channel, language=language)
    with store_of(settings_from(config)) as store:
        case = store.run(lambda tx: stored.take_next(tx, who, filters, datetime.now(UTC)))
        if case is None:
            tell("no case is waiting for somebody")
            return
        with store.read() as tx:
            history, done = agents.history(tx, case.id), audit.of_case(tx, case.id)
    if as_json:
        print_json(whole_object(case, history, done))
        return
    print_case(case, history, done)


def reply(
    number: Number,
    text: Text = None,
    config: Config = None,
    resolve: Annotated[bool, typer.Option("--resolve", help="Nothing is left to do after it.")] = False,
    in_public: Annotated[bool, typer.Option("--public", help="Everybody may read it (a post on X).")] = False,
    after: Annotated[int, typer.Option(min=0, help="Seconds until it is sent; withdraw it meanwhile.")] = 0,
    agent: Agent = None,
    as_json: AsJson = False,
) -> None:
    """Answer the customer where she wrote last."""
    import secrets

    from triage import agents
    from triage.desk import Desk

    settings, who = settings_from(config), agent_name(agent)
    desk = Desk.from_settings(settings)
    case_id = case_id_of(number, desk)
    wanted = agents.Answer(
        text=words_of(text),
        key=secrets.token_hex(8),
        after=timedelta(seconds=after),
        resolve=resolve,
        in_public=in_public,
    )
    with store_of(settings) as store:
        case, said = store.run(lambda tx: agents.answer(tx, desk, case_id, who, wanted, datetime.now(UTC)))
    if as_json:
        print_json({"number": case.number, "status": case.status, "reply": said})
        return
    say(f"{case.number}: {case.status.value}; the answer goes out through {said.channel}", "green")
    tell(f"to take it back before it goes: triage withdraw {case.number} {said.id}")


def note(
    number: Number,
    text: Text = None,
    config: Config = None,
    agent: Agent = None,
    as_json: AsJson = False,
) -> None:
    """Write down a note about a case, for agents only."""
    from triage import agents
    from triage.desk import Desk

    settings, who = settings_from(config), agent_name(agent)
    desk = Desk.from_settings(settings)
    case_id, said = case_id_of(number, desk), words_of(text)
    with store_of(settings) as store:
        kept = store.run(lambda tx: agents.note(tx, desk, case_id, who, said, datetime.now(UTC)))
    if as_json:
        print_json(kept)
        return
    say("noted", "green")


def withdraw(
    number: Number,
    reply_id: Annotated[int, typer.Argument(help="The number of the answer.", min=1, max=2**63 - 1)],
    config: Config = None,
    agent: Agent = None,
    as_json: AsJson = False,
) -> None:
    """Take back an answer that was not sent yet."""
    from triage import reverting

    who = agent_name(agent)
    act(
        number,
        config,
        as_json,
        lambda tx, case_id, _: reverting.withdraw(tx, case_id, reply_id, who, datetime.now(UTC)),
    )


def words_of(given: str | None) -> str:
    """Return what the agent says: her argument, standard input, or what she wrote in her editor."""
    if given == "-":
        return standard_input()
    if given is not None:
        # A file's name is easily typed where its text was meant.
        if len(given) < 200 and "\n" not in given and Path(given).is_file():
            raise TriageError(f"{given} is a file; to send what is in it: triage reply NUMBER - < {given}")
        return given
    written = click.edit("") if sys.stdin.isatty() else None
    if not written or not written.strip():
        raise TriageError("there is no text; give it as an argument, by standard input (-), or in your editor")
    return written
