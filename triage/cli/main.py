"""The command `triage`. Whatever is heavy is imported inside the command that needs it."""

import os
import sys
import threading
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Annotated, Any

import typer

from triage.cli import (
    answers,
    audit,
    canned,
    cases,
    helping,
    impostors,
    incidents,
    messages,
    model,
    models,
    outbox,
    person,
    quarantine,
    regrouping,
    seal,
    service,
    snoozing,
    stats,
    users,
    webhooks,
)
from triage.cli.terminal import UNEXPECTED, complain
from triage.errors import TriageError

app = typer.Typer(
    name="triage",
    help="Every message customers write to a support desk, as one ranked list of cases.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
service.register(app)
outbox.register(app)
messages.register(app)
cases.register(app)
snoozing.register(app)
answers.register(app)
helping.register(app)
regrouping.register(app)
model.register(app)
app.add_typer(incidents.app, name="incident", rich_help_panel="Agent")
app.add_typer(stats.app, name="stats")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(models.app, name="models", rich_help_panel="Model")
app.add_typer(canned.app, name="canned", rich_help_panel="Agent")
app.add_typer(impostors.app, name="impostors", rich_help_panel="Agent")
app.add_typer(person.app, name="person", rich_help_panel="Agent")
app.add_typer(seal.app, name="seal")
app.add_typer(users.app, name="user")
app.add_typer(audit.app, name="audit")
app.add_typer(webhooks.app, name="webhook")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"triage {version_of('triage')}")
        raise typer.Exit


@app.callback()
def _root(
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="The configuration file.", metavar="FILE", show_default=False)
    ] = None,
    version: Annotated[  # noqa: ARG001 - it is eager and ends the program itself
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    if config is not None:
        # `triage --config FILE COMMAND` and `triage COMMAND --config FILE` mean the same.
        os.environ["TRIAGE_CONFIG"] = str(config)


def main() -> None:
    """Run the command line and leave with its exit code."""
    code = _run()
    stuck = [thread for thread in threading.enumerate() if thread.name.startswith("triage")]
    for thread in stuck:
        thread.join(timeout=0.5)
    if any(thread.is_alive() for thread in stuck):
        # A thread of the daemon hangs in the store. Python would wait for it for ever; leaving it is as safe as
        # `kill -9`, after which nothing is lost.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


@cache
def command() -> Any:
    """Return the whole command line as click has it."""
    return typer.main.get_command(app)


def _run() -> int:
    """Return the exit code; an error that we expect is one red line, never a traceback."""
    try:
        command()()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except TriageError as error:
        return complain(error)
    except BrokenPipeError:
        # Whoever read our output has seen enough ("triage cases | head").
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception:  # noqa: BLE001 - the last line of defence: the frames, without the words of customers
        from triage import log

        log.configure()
        log.exception("crash")
        return UNEXPECTED
    return 0


if __name__ == "__main__":
    main()
