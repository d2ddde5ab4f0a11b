"""Commands for originals that were sealed to an offline key: seal keygen, list, open."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from triage.cli.terminal import (
    Agent,
    Config,
    agent_name,
    case_id_of,
    plain,
    print_json,
    settings_from,
    standard_input,
    store_of,
)
from triage.errors import TriageError

app = typer.Typer(help="Originals with secrets in them, sealed to a key that lies offline.")

KeyFile = Annotated[Path, typer.Argument(help="The file of the secret key.", show_default=False)]


@app.command()
def keygen(key: KeyFile) -> None:
    """Make a key: the secret half goes into a file, for another machine; the public half into the configuration."""
    from triage.sealing import new_keys

    secret, public = new_keys()
    try:
        with key.open("x") as file:
            key.chmod(0o600)
            file.write(f"{secret}\n")
    except OSError as error:
        raise TriageError(f"{key} cannot be written: {error.strerror}") from error
    # All of it can be appended to the configuration as it stands.
    typer.echo(f"# {key} is the secret key. Move it to another machine, and keep a copy.")
    typer.echo(f'[guard]\nseal_to = "{public}"')


@app.command("list")
def listing(
    number: Annotated[str, typer.Argument(help="The case.", show_default=False)],
    config: Config = None,
    agent: Agent = None,
) -> None:
    """Print the sealed originals of a case, one JSON object a line; take them to where the key is.

    The audit notes who did.
    """
    from triage import originals
    from triage.desk import Desk

    settings = settings_from(config)
    case_id, who = case_id_of(number, Desk.from_settings(settings)), agent_name(agent)
    with store_of(settings) as store:
        found = store.run(lambda tx: originals.take(tx, case_id, who, datetime.now(UTC)))
    for box in found:
        print_json(box)


@app.command("open")
def open_(
    key: KeyFile,
    file: Annotated[Path | None, typer.Argument(help="What `seal list` printed. Default: standard input.")] = None,
) -> None:
    """Open sealed originals and print them; needs neither configuration nor store."""
    from triage.sealing import unseal

    try:
        secret = key.read_text()
        lines = (file.read_text() if file else standard_input()).split("\n")
    except OSError as error:
        raise TriageError(f"{error.filename} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise TriageError("the key and what is to be opened are files of text; this is none") from None
    for line in filter(str.strip, lines):
        box = _box(line) if line.lstrip().startswith("{") else line
        typer.echo(plain(unseal(box, secret).decode("utf-8", "replace")))


def _box(line: str) -> str:
    try:
        return str(json.loads(line)["sealed"])
    except (ValueError, KeyError, RecursionError):
        raise TriageError("a line is no object that `triage seal list` printed") from None
