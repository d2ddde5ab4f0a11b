"""Commands for those who hunt our customers: impostors list, show."""

from typing import Annotated, Literal

import typer

from triage.cli.terminal import AsJson, Columns, Config, print_json, print_table, say, settings_from, store_of, when

Kind = Literal["handle", "link", "email", "address"]

app = typer.Typer(help="Contacts of impostors: those that customers report, and those that pitches lead to.")


@app.command("list")
def listing(
    config: Config = None,
    kind: Annotated[Kind | None, typer.Option(help="Only these.", show_default=False)] = None,
    text: Annotated[str, typer.Option(help="Only with this in it.", show_default=False)] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show handles, links and addresses of impostors, the last named first, and how often they were named."""
    from triage.store import impostors

    with store_of(settings_from(config)) as store, store.read() as tx:
        found = impostors.listing(tx, kind=kind or "", text=text, limit=limit)
    if as_json:
        for one in found:
            print_json(one)
        return
    if not found:
        say("nobody was reported", "green")
        return
    columns: Columns = (
        ("Kind", {}), ("Contact", {"style": "bold"}), ("Reports", {"justify": "right"}),
        ("Pitches", {"justify": "right"}), ("First", {}), ("Last", {}),
    )  # fmt: skip
    rows = ((i.kind, i.value, i.reports, i.pitches, when(i.first_at), when(i.last_at)) for i in found)
    print_table(columns, rows)


@app.command()
def show(
    contact: Annotated[str, typer.Argument(help='As the list shows it; "@" and "https://" may stand before it.')],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show where a contact was named: by whom, when, and in which case."""
    from triage.store import impostors

    value = (
        contact.strip().removeprefix("https://").removeprefix("http://").removeprefix("www.").lstrip("@").rstrip("/")
    )
    with store_of(settings_from(config)) as store, store.read() as tx:
        found = impostors.sighted(tx, value) or impostors.sighted(tx, value.lower())
    if as_json:
        for one in found:
            print_json(one)
        return
    if not found:
        say("nobody named it")
        return
    columns: Columns = (("Came", {}), ("Why", {}), ("Case", {"style": "cyan"}), ("Channel", {}), ("Sender", {}))
    print_table(columns, ((when(s.at), s.why, s.number, s.channel, s.sender) for s in found))
