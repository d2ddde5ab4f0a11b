"""Commands for originals that were sealed to an offline key: seal keygen, list, open."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from triage.cli.terminal import Config, case_id_of, plain, print_json, settings_from, store_of
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
    number: Annotated[str, typer.Argument(help="The case.", show_default=False)], config: Config = None
) -> None:
    """Print the sealed originals of a case, one JSON object a line; take them to where the key is."""
    from triage.desk import Desk
    from triage.store import lists

    settings = settings_from(config)
    with store_of(settings) as store, store.read() as tx:
        found = lists.sealed(tx, case_id_of(number, Desk.from_settings(settings)))
    if not found:
        raise TriageError(f"{number}: no message of this case was sealed")
    for one in found:
        print_json({"id": one.external_id, "received_at": one.received_at.isoformat(), "sealed": one.sealed})


@app.command("open")
def open_(
    key: KeyFile,
    file: Annotated[Path | None, typer.Argument(help="What `seal list` printed. Default: standard input.")] = None,
) -> None:
    """Open sealed originals and print them; needs neither configuration nor store."""
    from triage.sealing import unseal

    try:
        secret = key.read_text()
        lines = (file.read_text() if file else sys.stdin.read()).split("\n")
    except OSError as error:
        raise TriageError(f"{error.filename} cannot be read: {error.strerror}") from error
    for line in filter(str.strip, lines):
        box = json.loads(line)["sealed"] if line.lstrip().startswith("{") else line
        typer.echo(plain(unseal(box, secret).decode("utf-8", "replace")))
