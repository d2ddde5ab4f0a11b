"""Commands for what was done, and by whom: audit list, audit verify."""

from typing import Annotated

import typer

from triage.cli.terminal import AsJson, Columns, Config, print_json, print_table, say, settings_from, store_of
from triage.errors import TriageError

app = typer.Typer(help="Who did what. It is only ever added to.")


@app.command("list")
def listing(
    config: Config = None,
    who: Annotated[str, typer.Option("--agent", help="Only of this agent.")] = "",
    action: Annotated[str, typer.Option(help='Only actions that begin so ("user.").')] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what was done, newest first."""
    from triage.store import audit

    with store_of(settings_from(config)) as store, store.read() as tx:
        found = audit.newest(tx, limit, who=who, action=action)
    if as_json:
        for one in found:
            print_json(one)
        return
    columns: Columns = tuple((name, {}) for name in ("#", "When", "Who", "What", "Case", "Details"))
    print_table(
        columns,
        ((e.id, f"{e.at:%Y-%m-%d %H:%M:%S} UTC", e.who, e.action, e.case_id or "", str(e.details)) for e in found),
    )


@app.command()
def verify(
    config: Config = None,
    noted: Annotated[str, typer.Option("--noted", help="An end that was printed earlier: is it still in it?")] = "",
    as_json: AsJson = False,
) -> None:
    """Read the whole audit and tell whether anything in it was changed or removed; its end is for you to note.

    Ends with 1 when something was.
    """
    from triage.store import chain

    with store_of(settings_from(config)) as store, store.read() as tx:
        found = chain.verify(tx, noted)
    if as_json:
        print_json(found)
    if found.broken_at:
        raise TriageError(f"entry {found.broken_at} does not follow from the one before it: the audit was changed")
    if found.missing:
        raise TriageError(f"the end of the audit is gone: at least {found.missing} entries")
    if found.known is False:
        raise TriageError("the end that was noted is not in this audit: it was made anew")
    if not as_json:
        say(f"{found.entries} entries, none changed, none gone; the end is {found.end}", "green")
