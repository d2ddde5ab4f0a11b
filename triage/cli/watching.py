"""`triage cases --watch`: the list on the whole screen, renewed when something happened."""

import time
from collections.abc import Callable, Sequence

from triage.case import Case
from triage.cli.case_views import list_table
from triage.cli.terminal import out
from triage.errors import StoreDown
from triage.store import Store, Tx, lists

EVERY = 1.0
"""Seconds between two looks at the store; the list itself is read only when something changed."""

REDRAWN = 30
"""Looks after which the list is drawn anew all the same: "due in" goes on."""


def watch(store: Store, read: Callable[[Tx], Sequence[Case]], sleep: Callable[[float], None] = time.sleep) -> None:
    """Show the cases that `read` finds until the agent presses Ctrl-C; a store that does not answer is waited for."""
    from rich.live import Live
    from rich.text import Text

    seen, looks = (-1, -1), 0
    with Live(console=out(), screen=out().is_terminal, auto_refresh=False) as screen:
        while True:
            try:
                with store.read() as tx:
                    version = lists.version(tx)
                    if version != seen or looks % REDRAWN == 0:
                        found = read(tx)
                        screen.update(list_table(found) if found else Text("no case is waiting here"), refresh=True)
                seen, looks = version, looks + 1
            except StoreDown as error:
                screen.update(Text(f"the store does not answer: {error}", style="red"), refresh=True)
                seen = (-1, -1)
            try:
                sleep(EVERY)
            except KeyboardInterrupt:
                return
