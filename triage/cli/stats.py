"""Commands that count: what customers write about, and how well they are served."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from triage.cli.terminal import AsJson, Columns, Config, age, note, print_json, print_table, settings_from, store_of

if TYPE_CHECKING:
    from triage.hot_topics import HotTopic
    from triage.rules.reporting import Line

Kind = Literal["channel", "category", "language", "agent"]

app = typer.Typer(help="What customers write about, and how well they are served.", no_args_is_help=True)


@app.command()
def topics(
    config: Config = None,
    days: Annotated[int, typer.Option(help="How far back.", min=1, max=28)] = 7,
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
    print_table(columns, (_topic_cells(one) for one in found))


@app.command()
def service(
    config: Config = None,
    by: Annotated[Kind, typer.Option(help="What each line is.")] = "channel",
    days: Annotated[int, typer.Option(help="How far back.", min=1, max=366)] = 30,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="A table for spreadsheets.")] = False,
) -> None:
    """Show how fast customers are answered, and how well: the figures of the page Reports, all cases first."""
    from triage.rules import reporting
    from triage.spreadsheets import csv_of
    from triage.store import served

    with store_of(settings_from(config)) as store, store.read() as tx:
        lines = reporting.report(served.since(tx, datetime.now(UTC) - timedelta(days=days)), by)
    rows = [asdict(line) for line in lines]
    if as_json:
        for row in rows:
            print_json(row)
        return
    if as_csv:
        typer.echo(csv_of(list(rows[0]), [list(row.values()) for row in rows]), nl=False)
        return
    names = ("Cases", "Waiting", "Acknowledged", "Answered", "9 in 10", "At once", "Kept", "Rated")
    columns: Columns = ((by.capitalize(), {}), *((name, {"justify": "right"}) for name in names))
    print_table(columns, (_cells(line) for line in lines))


def _topic_cells(one: "HotTopic") -> list[object]:
    usual = "?" if one.usual is None else f"{one.usual:g}"
    return [one.topic, one.cases, usual, ", ".join(f"{tag} ({n})" for tag, n in one.pages_missing)]


def _cells(line: "Line") -> list[object]:
    spans = ["-" if value is None else age(value) for value in (line.acknowledged, line.answered, line.slow)]
    shares = ["-" if value is None else f"{value:.0%}" for value in (line.once, line.kept)]
    rated = "-" if line.rated is None else f"{line.rated:.1f}"
    return [line.name or "all", line.cases, line.waiting, *spans, *shares, rated]
