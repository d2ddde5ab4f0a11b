"""Commands for what was put aside: quarantine list, show, release, drop."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from triage.cli.terminal import (
    Agent,
    AsJson,
    Columns,
    Config,
    agent_name,
    plain,
    print_json,
    print_table,
    say,
    settings_from,
    store_of,
    when,
)
from triage.errors import TriageError

if TYPE_CHECKING:
    from triage.store.quarantine import Quarantined

app = typer.Typer(help="What was put aside, with its reason; nothing leaves it unless a person says so.")

Row = Annotated[int, typer.Argument(help="The number in the list.", min=1, max=2**63 - 1)]


@app.command("list")
def listing(
    config: Config = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what was put aside, newest first, and why."""
    from triage.store import quarantine

    with store_of(settings_from(config)) as store, store.read() as tx:
        found = quarantine.listing(tx, limit)
    if as_json:
        for one in found:
            print_json(_summary(one))
        return
    if not found:
        say("the quarantine is empty", "green")
        return
    columns: Columns = (("#", {"justify": "right"}), ("Channel", {}), ("Came", {}), ("Can go back", {}), ("Why", {}))
    print_table(
        columns,
        ((q.id, q.channel, when(q.received_at), "yes" if q.readable else "no", q.why) for q in found),
    )


@app.command()
def show(row: Row, config: Config = None, as_json: AsJson = False) -> None:
    """Show one of them as it came."""
    from triage.store import quarantine

    with store_of(settings_from(config)) as store, store.read() as tx:
        found = quarantine.get(tx, row)
    if found is None:
        raise TriageError(f"quarantine {row}: no such row")
    original = found.original.decode("utf-8", "replace")
    if as_json:
        print_json(_summary(found) | {"original": original})
        return
    say(f"{found.id}: {found.channel} {found.external_id}, {found.why}", "yellow")
    typer.echo(plain(original))


@app.command()
def release(row: Row, config: Config = None, agent: Agent = None) -> None:
    """Put one back into the inbox; it is handled anew."""
    from triage.store import quarantine

    with store_of(settings_from(config)) as store:
        store.run(lambda tx: quarantine.release(tx, row, datetime.now(UTC), agent_name(agent)))
    say(f"{row}: back in the inbox", "green")


@app.command()
def drop(
    row: Row,
    config: Config = None,
    agent: Agent = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Throw one away for good."""
    from triage.store import quarantine

    if not yes:
        typer.confirm(f"Throw {row} away for good?", abort=True)
    with store_of(settings_from(config)) as store:
        store.run(lambda tx: quarantine.drop(tx, row, agent_name(agent), datetime.now(UTC)))
    say(f"{row}: gone")


def _summary(found: "Quarantined") -> dict[str, object]:
    names = ("id", "channel", "kind", "external_id", "received_at", "quarantined_at", "why", "readable")
    return {name: getattr(found, name) for name in names}
