"""`triage snooze`: a case is put off, and comes back by itself."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from triage.cli.cases import Number, act
from triage.cli.messages import span
from triage.cli.terminal import Agent, AsJson, Config, agent_name


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command(rich_help_panel="Agent")(snooze)


def snooze(
    number: Number,
    until: Annotated[str, typer.Argument(help='For how long (90m, 4h, 2d), until when (2026-12-01T09:00), or "off".')],
    config: Config = None,
    agent: Agent = None,
    as_json: AsJson = False,
) -> None:
    """Put a case off: it leaves the list, and comes back at its time, when the customer writes, or when it is due."""
    from triage import snoozing

    who, now = agent_name(agent), datetime.now(UTC)
    if until == "off":
        act(number, config, as_json, lambda tx, case_id, _: snoozing.wake(tx, case_id, who, now))
        return
    wanted = _moment(until, now)
    act(number, config, as_json, lambda tx, case_id, _: snoozing.snooze(tx, case_id, wanted, who, now))


def _moment(words: str, now: datetime) -> datetime:
    """Return the moment that "4h" or "2026-12-01T09:00" names, in the time of this machine unless it says a zone."""
    try:
        return datetime.fromisoformat(words).astimezone()
    except ValueError:
        later: datetime = now + span(words)
        return later
