"""Commands of the operator: init, check, run, upgrade, backup, demo."""

from pathlib import Path
from typing import Annotated

import typer

from triage.cli.terminal import AsJson, Config, note, print_json, say, settings_from
from triage.errors import ConfigError

Roles = Annotated[
    str | None,
    typer.Option(
        "--only", help="Some of connectors,triage,senders,web; default: all.", metavar="ROLES", show_default=False
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line, in the order in which they are needed."""
    panel = "Operator"
    for command in (init, check, run, upgrade, backup, demo):
        app.command(rich_help_panel=panel)(command)


def init(
    file: Annotated[Path, typer.Argument(help="The configuration file to write.")] = Path("triage.toml"),
) -> None:
    """Write a commented configuration and the key of the case numbers; never over an existing file."""
    import secrets

    from triage.settings import shipped

    key = file.parent / "triage.key"
    example = (shipped("config") / "triage.example.toml").read_text(encoding="utf-8")
    for path in (file, key):
        if path.exists():
            raise ConfigError(f"{path} is there already, and stays as it is")
    _write(key, secrets.token_hex(32) + "\n")
    _write(file, example)
    say(f"{file}: the configuration; name your channels in it, then try them with `triage check`", "green")
    say(f"{key}: the key of the case numbers; keep a copy, numbers given out are valid only with it", "green")


def _write(path: Path, text: str) -> None:
    import os

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Only its owner may read it, from the first moment on.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from None


def check(config: Config = None, as_json: AsJson = False) -> None:
    """Try everything: configuration, store, texts, model and every account; one line each.

    Ends with 78 when the configuration is wrong, with 1 when something else is.
    """
    import asyncio

    from triage.cli.checks import check_all

    findings = asyncio.run(check_all(settings_from(config)))
    width = max(len(f.what) for f in findings)
    for finding in findings:
        if as_json:
            print_json(finding)
        else:
            mark, style = ("ok  ", "green") if finding.ok else ("FAIL", "red")
            say(f"{mark}  {finding.what:<{width}}  {finding.found}", style)
    if not all(f.ok for f in findings):
        raise typer.Exit(78 if any(f.is_config for f in findings) else 1)


def run(config: Config = None, only: Roles = None) -> None:
    """Do the work until told to end: pull, judge, answer. This is what systemd starts."""
    from triage.cli.serve import serve

    serve(config, only)


def upgrade(config: Config = None) -> None:
    """Bring the store's tables up to date, or make them."""
    from triage.store import Store
    from triage.store.upgrade import upgrade as bring_up

    settings = settings_from(config)
    store = Store(settings.store.url)
    try:
        bring_up(store)
    finally:
        store.close()
    say("the store is up to date", "green")


def backup(file: Annotated[Path, typer.Argument(help="Where to.")], config: Config = None) -> None:
    """Copy the store to a file while everything runs."""
    from triage.cli.terminal import store_of
    from triage.store.upgrade import backup as copy

    if file.exists():
        raise ConfigError(f"{file} is there already, and stays as it is")
    with store_of(settings_from(config)) as store:
        copy(store, file)
    say(f"{file}: {file.stat().st_size / 1e6:.1f} MB", "green")


def demo(
    once: Annotated[bool, typer.Option("--once", help="Play the day without waiting, then end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a support day: real servers on this machine, real connectors, the real daemon; needs no account."""
    from triage.demo import play

    if as_json and not once:
        note("--json prints the totals at the end of --once")
    raise typer.Exit(play(once=once, as_json=as_json))
