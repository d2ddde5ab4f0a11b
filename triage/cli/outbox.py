"""`triage outbox`: what waits to go out, and what did not."""

from typing import Annotated

import typer

from triage.cli.terminal import AsJson, Columns, Config, print_json, print_table, say, settings_from, store_of, when
from triage.errors import TriageError


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(rich_help_panel="Operator")(outbox)


def outbox(
    config: Config = None,
    state: Annotated[
        list[str] | None,
        typer.Option(help="queued, sending, unknown, refused, withdrawn or withheld; may be given again."),
    ] = None,
    channel: Annotated[str, typer.Option(help="Only what goes out through this channel.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List replies that did not go out, newest first, and why: on their way, of unknown fate, or refused.

    A reply of unknown fate may have reached its customer: look there before you write it again.
    """
    from triage.store import unsent

    wanted = tuple(state or unsent.TROUBLED)
    if wrong := next((one for one in wanted if one not in unsent.STATES), None):
        raise TriageError(f"--state {wrong}: there is {', '.join(unsent.STATES)}")
    settings = settings_from(config)
    if channel and channel not in settings.channels:
        raise TriageError(f"--channel {channel}: there is {', '.join(settings.channels) or 'none'}")
    with store_of(settings) as store, store.read() as tx:
        found = unsent.listing(tx, wanted, channel, limit)
    if as_json:
        for one in found:
            print_json(one)
        return
    if not found:
        say(f"no reply is {' or '.join(wanted)}", "green")
        return
    columns: Columns = (
        ("#", {"justify": "right"}), ("State", {}), ("Channel", {}), ("Case", {}), ("Kind", {}), ("Written", {}),
        ("Tries", {"justify": "right"}), ("Why", {"ratio": 1}),
    )  # fmt: skip
    rows = ((o.id, o.state, o.channel, o.case, o.kind, when(o.at), o.attempts, o.why or "-") for o in found)
    print_table(columns, rows)
