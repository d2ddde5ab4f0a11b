"""Commands that send messages through the pipeline by hand: ingest, explain, replay."""

import io
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from triage.cli.terminal import (
    AsJson,
    Columns,
    Config,
    judge_of,
    note,
    plain,
    print_json,
    print_table,
    say,
    settings_from,
    store_of,
)
from triage.errors import ConfigError, TriageError

if TYPE_CHECKING:
    from triage.desk import Desk
    from triage.message import Message, Unreadable
    from triage.settings import Settings

IMPORTED = "import"
"""The channel of what is read by hand, unless another one is named: it has no account, so nothing is answered."""

Files = Annotated[list[Path], typer.Argument(help="Files: .eml, mbox, .jsonl, .txt; - is standard input.")]
Channel = Annotated[str, typer.Option("--channel", help="The channel that they count as.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (ingest, explain, replay):
        app.command(rich_help_panel="Messages")(command)


def ingest(files: Files, config: Config = None, channel: Channel = IMPORTED, as_json: AsJson = False) -> None:
    """Take messages from files, as if they had come in: stored, judged, merged, ranked.

    What was taken once is known. With the name of a configured channel they are acknowledged through it.
    """
    from triage.cli.ingesting import Way, take_in
    from triage.cli.studying import SMALL, unread
    from triage.desk import Desk

    _refuse_missing(files)
    settings = settings_from(config)
    desk = Desk.from_settings(settings)
    way = Way(desk=desk, judge=judge_of(settings), channel=channel)
    small = [path for path in files if path.is_file() and path.stat().st_size <= SMALL]
    large = [path for path in files if path not in set(small)]
    with store_of(settings) as store:
        files_ = list(unread(small, channel, datetime.now(UTC), desk))
        totals = take_in(store, settings, way, files_, items_of(large, channel, desk))
    if as_json:
        print_json(totals)
        return
    say(
        f"{totals['read']} read: {totals['new']} new, {totals['known']} known, {totals['unreadable']} unreadable, "
        f"in {totals['seconds']} s",
        "green",
    )
    if totals["waiting"]:
        note(f"{totals['waiting']} wait in the inbox for the daemon that is running")


def explain(files: Files, config: Config = None, channel: Channel = IMPORTED, as_json: AsJson = False) -> None:
    """Show what would become of messages, and why; nothing is stored or sent. Needs no configuration."""
    from triage import explaining
    from triage.desk import Desk
    from triage.message import Unreadable

    _refuse_missing(files)
    settings = _settings_or_defaults(config)
    desk, judge = Desk.from_settings(settings), judge_of(settings)
    for item in items_of(files, channel, desk):
        if isinstance(item, Unreadable):
            found = explaining.explain_unreadable(item)
        else:
            found = explaining.explain(item, desk, judge)
        if as_json:
            print_json(found)
        else:
            _print_explained(found)


def replay(
    since: Annotated[str, typer.Option("--since", help="How far back: 90m, 2h, 7d.")] = "24h",
    config: Config = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write it: categories anew, urgency only upwards.")] = False,
    as_json: AsJson = False,
) -> None:
    """Judge stored messages again with the current model, and show which cases would change."""
    from triage.cli.replaying import apply_changes, find_changes
    from triage.desk import Desk

    settings = settings_from(config)
    desk, judge = Desk.from_settings(settings), judge_of(settings)
    now = datetime.now(UTC)
    with store_of(settings) as store:
        looked_at, changes = find_changes(store, desk, judge, now - span(since))
        written = apply_changes(store, desk, changes, now) if apply else 0
    if as_json:
        for change in changes:
            print_json(change.as_object())
        return
    columns: Columns = (
        ("Case", {"style": "cyan"}),
        ("Was", {}),
        ("Would be", {}),
        ("What", {"no_wrap": True, "ratio": 2}),
    )
    if changes:
        print_table(columns, ((c.case.number, c.was, c.would_be, c.case.summary) for c in changes))
    done = f"{written} written" if apply else "nothing was written; --apply does it"
    say(f"{looked_at} messages judged by {judge.version}: {len(changes)} cases differ; {done}")


def items_of(files: Iterable[Path], channel: str, desk: "Desk") -> "Iterator[Message | Unreadable]":
    """Yield the messages of files, in order; raises `TriageError` when a file cannot be read."""
    from triage.connectors.folder import read_file, read_stream

    now, own = datetime.now(UTC), desk.own.addresses
    for path in files:
        try:
            if str(path) == "-":
                stream = cast("io.BufferedReader", sys.stdin.buffer)
                yield from read_stream(stream, channel=channel, received_at=now, own=own)
            else:
                yield from read_file(path, channel=channel, received_at=now, own=own)
        except OSError as error:
            raise TriageError(f"{path} cannot be read: {error.strerror}") from None


def span(text: str) -> Any:
    """Return the span that "90m", "2h" or "7d" names; raises `TriageError` for anything else."""
    import re
    from datetime import timedelta

    match = re.fullmatch(r"(\d{1,6})\s*([mhdw])", text.strip().lower())
    if match is None:
        raise TriageError(f'"{plain(text)}" is no span of time; say 90m, 2h, 7d')
    unit = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}[match[2]]
    return min(timedelta(**{unit: int(match[1])}), timedelta(weeks=5200))  # a century is all there is


def _settings_or_defaults(config: Path | None) -> "Settings":
    """Return the configuration, or the defaults when there is none: what is explained needs no account."""
    import os
    import secrets

    from triage import settings

    try:
        path = settings.find(config)
    except ConfigError:
        # No number that it makes up ever leaves this command, so any key will do.
        os.environ.setdefault("TRIAGE_EXPLAIN_KEY", secrets.token_hex(32))
        return settings.parse({"desk": {"key": {"env": "TRIAGE_EXPLAIN_KEY"}}}, Path("defaults"))
    return settings.load(path)


def _refuse_missing(files: Iterable[Path]) -> None:
    """Raise before anything is done when a file is not there: a mistyped name must not be found half way."""
    for path in files:
        if str(path) != "-" and not path.is_file():
            raise TriageError(f"{plain(str(path))}: there is no such file")


def _print_explained(found: dict[str, Any]) -> None:
    if found.get("unreadable"):
        say(f"{found['id']}: unreadable, would go to the quarantine: {found['why']}\n", "red")
        return
    say(f"{found['urgency']}, {found['category']}/{found['topic'] or '-'} {found['confidence']:.0%}", "bold")
    robot = f"robot: {found['robot_why']}" if found["robot"] else "a person"
    say(f"{found['disposition']}, {found['language']}, {robot}")
    for reason in found["reasons"]:
        say(f"  because {reason}", "dim")
    for kind, names in found["references"].items():
        say(f"  {kind}: {', '.join(names)}", "dim")
    if found["redacted"]:
        say(f"  replaced before storage: {', '.join(found['redacted'])}", "yellow")
    say(found["text"])
    say(f"\nacknowledgement: {found['why']}", "cyan")
    if found["acknowledge"]:
        say(found["acknowledge"], "cyan")
    say("")
