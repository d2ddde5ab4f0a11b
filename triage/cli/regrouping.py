"""Commands of an agent about messages in the wrong case: merge, split, move, link, undo."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triage.cli.cases import Number
from triage.cli.terminal import Agent, AsJson, Config, agent_name, case_id_of, print_json, say, settings_from, store_of

if TYPE_CHECKING:
    from triage import regrouping
    from triage.case import Case
    from triage.desk import Desk
    from triage.store import Tx

    Act = Callable[[Tx, regrouping.Agent, Desk], Case]

Other = Annotated[str, typer.Argument(help="The number of the other case.", metavar="OTHER")]
MessageId = Annotated[int, typer.Argument(help="The id of the message, as `triage show` has it.", metavar="MESSAGE")]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (merge, split, move, link, undo):
        app.command(rich_help_panel="Agent")(command)


def merge(number: Number, into: Other, config: Config = None, agent: Agent = None, as_json: AsJson = False) -> None:
    """Make a case a part of another; what comes later for either goes there."""
    from triage import regrouping

    def do(tx: "Tx", by: "regrouping.Agent", desk: "Desk") -> "Case":
        return regrouping.merge(tx, by, case_id_of(number, desk), case_id_of(into, desk))

    case = _do(do, config, agent)
    _tell(case, as_json, f"merged into {case.number}; to take it back: triage undo {case.number}")


def split(
    number: Number, message: MessageId, config: Config = None, agent: Agent = None, as_json: AsJson = False
) -> None:
    """Make one message of a case a new case of its sender."""
    from triage import regrouping

    case = _do(lambda tx, by, desk: regrouping.split(tx, by, case_id_of(number, desk), message), config, agent)
    _tell(case, as_json, f"split off as {case.number}; to take it back: triage undo {case.number}")


def move(
    message: MessageId, number: Number, config: Config = None, agent: Agent = None, as_json: AsJson = False
) -> None:
    """Put one message into another case."""
    from triage import regrouping

    case = _do(lambda tx, by, desk: regrouping.move(tx, by, message, case_id_of(number, desk)), config, agent)
    _tell(case, as_json, f"moved to {case.number}; to take it back: triage undo {case.number}")


def link(number: Number, other: Other, config: Config = None, agent: Agent = None, as_json: AsJson = False) -> None:
    """Say that a case has to do with another; both stay cases of their own."""
    from triage import regrouping

    def do(tx: "Tx", by: "regrouping.Agent", desk: "Desk") -> "Case":
        return regrouping.link(tx, by, case_id_of(number, desk), case_id_of(other, desk))

    case = _do(do, config, agent)
    _tell(case, as_json, f"{case.number} is linked; to take it back: triage undo {case.number}")


def undo(number: Number, config: Config = None, agent: Agent = None, as_json: AsJson = False) -> None:
    """Take back the last merge, split, move or link of a case."""
    from triage import undoing

    done: list[str] = []

    def do(tx: "Tx", by: "regrouping.Agent", desk: "Desk") -> "Case":
        case, action = undoing.undo(tx, by, case_id_of(number, desk))
        done[:] = [action]
        return case

    case = _do(do, config, agent)
    _tell(case, as_json, f"{case.number}: {case.status.value}; {done[0]} was taken back")


def _do(act: "Act", config: Any, agent: str | None) -> "Case":
    from triage import regrouping
    from triage.desk import Desk

    settings = settings_from(config)
    desk = Desk.from_settings(settings)
    by = regrouping.Agent(desk=desk, who=agent_name(agent), now=datetime.now(UTC))
    with store_of(settings) as store:
        return store.run(lambda tx: act(tx, by, desk))


def _tell(case: "Case", as_json: bool, line: str) -> None:
    from triage.cli.case_views import as_object

    if as_json:
        print_json(as_object(case))
    else:
        say(line, "green")
