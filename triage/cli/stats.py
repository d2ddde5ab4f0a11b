"""Commands that count: `triage stats topics`."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from triage.cli.terminal import AsJson, Columns, Config, note, print_json, print_table, settings_from, store_of

app = typer.Typer(help="What customers write about.", no_args_is_help=True)


@app.callback()
def _stats() -> None:
    """Keep `topics` a command of its own, for it will not be the only one."""


@app.command()
def topics(
    config: Config = None,
    days: Annotated[int, typer.Option(help="How far back.", min=1, max=7)] = 7,
    as_json: AsJson = False,
) -> None:
    """Show the hot topics, against the weeks before, and in which languages a help page is missing."""
    from triage.desk import Desk
    from triage.hot_topics import hot_topics

    settings = settings_from(config)
    desk = Desk.from_settings(settings)
    with store_of(settings) as store, store.read() as tx:
        found = hot_topics(tx, desk, datetime.now(UTC), days)
    if as_json:
        for one in found:
            print_json(asdict(one) | {"pages_missing": dict(one.pages_missing)})
        return
    if not found:
        note(f"no case was opened in the last {days} days")
        return
    columns: Columns = (
        *(("Topic", {}), ("Cases", {"justify": "right"}), ("Usual", {"justify": "right"})),
        ("No help page for", {}),
    )
    print_table(
        columns,
        (
            (
                one.topic,
                one.cases,
                "?" if one.usual is None else f"{one.usual:g}",
                ", ".join(f"{tag} ({n})" for tag, n in one.pages_missing),
            )
            for one in found
        ),
    )
