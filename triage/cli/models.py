"""Commands for the models there are: models, models use, models diff, models prune."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from triage.cli.model import Models, models_folder, settings_or_none
from triage.cli.terminal import Agent, AsJson, Config, agent_name, note, print_json, say, store_of
from triage.errors import TriageError

app = typer.Typer(help="The models there are; which one judges.", invoke_without_command=True)

Version = Annotated[str, typer.Argument(help="The version, as the list names it.", metavar="VERSION")]

KEPT = 5
"""Versions that `triage models prune` leaves, the current one and the one before it among them."""


@app.callback()
def listing(context: typer.Context, config: Config = None, models: Models = None, as_json: AsJson = False) -> None:
    """List the models with their figures on the messages that never teach; the current one is marked."""
    if context.invoked_subcommand is not None:
        return
    from triage.classifier import shelf
    from triage.cli.model_views import print_shelf

    found = shelf.look(models or models_folder(settings_or_none(config)))
    if as_json:
        for one in found:
            print_json(one)
        return
    print_shelf(found)


@app.command()
def use(
    version: Version,
    config: Config = None,
    models: Models = None,
    force: Annotated[bool, typer.Option("--force", help="Though its gates refused it.")] = False,
    agent: Agent = None,
    as_json: AsJson = False,
) -> None:
    """Let a model judge from now on, such as an older one again. Running daemons take it by themselves."""
    from triage.classifier import shelf

    settings = settings_or_none(config)
    folder = models or models_folder(settings)
    before = shelf.use(folder, version, force=force)
    if settings is not None and models is None:
        _write_down(settings, agent_name(agent), {"was": before, "now": version, "forced": force})
    if as_json:
        print_json({"was": before, "now": version})
        return
    say(f"{version} judges from now on; before it was {before or 'none'}", "green")


def _write_down(settings: Any, who: str, details: dict[str, Any]) -> None:
    """Write who chose a model into the audit, if there is a store to write it to."""
    from triage.store import audit

    try:
        with store_of(settings) as store:
            store.run(lambda tx: audit.record(tx, who, "model.used", 0, details, datetime.now(UTC)))
    except TriageError as error:
        note(f"the audit does not know of it: {error}")


@app.command()
def diff(
    one: Annotated[str, typer.Argument(help="The version before.", metavar="A")],
    other: Annotated[str, typer.Argument(help="The version after.", metavar="B")],
    config: Config = None,
    models: Models = None,
    as_json: AsJson = False,
) -> None:
    """Show how two models differ: their figures, class by class, as their cards tell them."""
    from triage.classifier import shelf
    from triage.cli.model_views import print_diff

    found = shelf.compare(models or models_folder(settings_or_none(config)), one, other)
    if as_json:
        print_json(found)
        return
    print_diff(one, other, found)


@app.command()
def prune(
    config: Config = None,
    models: Models = None,
    keep: Annotated[int, typer.Option("--keep", min=1, help="So many of the newest stay.")] = KEPT,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete old models; the current one, and the newest ones, always stay. It asks before it deletes."""
    from triage.classifier import shelf

    folder = models or models_folder(settings_or_none(config))
    old = shelf.old(folder, keep=keep)
    if old and not yes and not typer.confirm(f"Delete {', '.join(old)} from {folder}?", err=True):
        raise typer.Exit(1)
    for version in old:
        shelf.remove(folder, version)
    if as_json:
        print_json({"removed": old})
        return
    say(f"{len(old)} removed{': ' + ', '.join(old) if old else ''}", "green")
