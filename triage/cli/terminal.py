"""What the commands share: the options they all know, tables, colours, and how an error ends the program."""

import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from triage.errors import ConfigError, InUse, StoreDown, TriageError

if TYPE_CHECKING:
    from rich.console import Console

    from triage.classifier import Judge
    from triage.desk import Desk
    from triage.settings import Settings
    from triage.store import Store

EXIT_CODES: Final[Mapping[type[TriageError], int]] = {ConfigError: 78, InUse: 75, StoreDown: 74, TriageError: 1}
"""What the program returns for each class of error, after sysexits.h; the nearest class above counts."""

UNEXPECTED: Final = 70
"""What it returns for an error that must not happen (EX_SOFTWARE)."""

URGENCY_STYLES: Final = {"critical": "bold white on red", "high": "bold red", "normal": "yellow", "low": "dim"}

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="The configuration file.", metavar="FILE", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
Agent = Annotated[str | None, typer.Option("--as", help="The agent's name. Default: yours.", show_default=False)]

# Controls that JSON leaves alone, and signs that nobody sees: they hide words, or turn them around.
_OBEYED = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)

Columns = Sequence[tuple[str, Mapping[str, Any]]]
"""The columns of a table: name, and options of Rich."""


@cache
def out() -> "Console":
    """Return the console of standard output."""
    from rich.console import Console

    # A pipe has no width: what is read by programs is never cut.
    return Console(highlight=False, width=None if sys.stdout.isatty() else 200)


@cache
def err() -> "Console":
    """Return the console of standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def settings_from(config: Path | None) -> "Settings":
    """Return the configuration that this command is to use; raises `ConfigError`."""
    from triage import settings

    return settings.load(settings.find(config))


def store_of(settings: "Settings") -> "AbstractContextManager[Store]":
    """Return the store, closed at the end; raises as `Settings.open_store`."""
    return closing(settings.open_store())


def case_id_of(number: str, desk: "Desk") -> int:
    """Return the id of the case with this number; raises `TriageError` when its check code is wrong."""
    from triage.rules.case_number import case_id_of as look_up

    case_id = look_up(number, desk.keys)
    if case_id is None:
        raise TriageError(f'"{plain(number)}" is no case number of this desk: its check code is wrong')
    return case_id


def agent_name(given: str | None) -> str:
    """Return who does this: the name given, else the login name."""
    import getpass

    return given or getpass.getuser()


def standard_input() -> str:
    """Return what standard input says; raises `TriageError` for what is no text."""
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise TriageError("standard input is not UTF-8 text") from None


def print_json(value: object) -> None:
    """Print one object as one line; what a terminal would obey is written as an escape."""
    line = json.dumps(_for_json(value), ensure_ascii=False, separators=(", ", ": "))
    sys.stdout.write(_OBEYED.sub(lambda found: json.dumps(found[0])[1:-1], line) + "\n")


def _for_json(value: Any) -> Any:
    """Return a value of ours as what JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {str(k): _for_json(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_for_json(v) for v in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return getattr(value, "label", value.value)
    if isinstance(value, datetime):
        return value.isoformat()
    # Half a surrogate pair cannot be written as UTF-8.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def plain(text: str) -> str:
    """Return what a stranger wrote, safe for a terminal: no escape sequence, no hidden change of direction."""
    kept = (c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") else " " for c in text)
    return "".join(kept)


def print_table(columns: Columns, rows: Iterable[Iterable[Any]]) -> None:
    """Print rows under columns (name, options of Rich); cells are shown as they are, never as markup."""
    out().print(table_of(columns, rows))


def table_of(columns: Columns, rows: Iterable[Iterable[Any]]) -> Any:
    """Return the table that `print_table` prints."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=any("ratio" in options for _, options in columns))
    for name, options in columns:
        table.add_column(name, no_wrap=True, overflow="ellipsis", **options)
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(plain(str(cell))) for cell in row))
    return table


def urgency_cell(label: str) -> Any:
    """Return an urgency in its colour."""
    from rich.text import Text

    return Text(label, style=URGENCY_STYLES.get(label, ""))


def say(line: str, style: str = "") -> None:
    """Print one line of ours to standard output."""
    from rich.text import Text

    out().print(Text(plain(line), style=style), soft_wrap=True)


def note(line: str) -> None:
    """Print one line about what goes on to standard error, where it is in no program's way."""
    from rich.text import Text

    err().print(Text(plain(line), style="yellow"))


def complain(error: TriageError) -> int:
    """Print what is wrong in one red line, and return the exit code of its class."""
    from rich.text import Text

    err().print(Text(f"triage: {plain(' '.join(str(error).split()))}", style="red"))
    return exit_code(error)


def exit_code(error: TriageError) -> int:
    """Return the exit code of an error's class, or of the nearest one above it."""
    return next(EXIT_CODES[cls] for cls in type(error).__mro__ if cls in EXIT_CODES)


def age(seconds: float) -> str:
    """Return a span for a narrow column: "45s", "12m", "5h", "3d"; what is past has a minus."""
    sign, left = ("-" if seconds < 0 else ""), abs(int(seconds))
    units: tuple[tuple[int, Callable[[int], str]], ...] = (
        (60, lambda s: f"{s}s"),
        (3600, lambda s: f"{s // 60}m"),
        (48 * 3600, lambda s: f"{s // 3600}h"),
    )
    return sign + next((show(left) for limit, show in units if left < limit), f"{left // 86400}d")


def when(at: datetime) -> str:
    """Return a time as people read it: in UTC, as the sentences that are stored have it, and saying so."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def judge_of(settings: "Settings") -> "Judge":
    """Return the current model, or the rules alone, with a note, when it cannot be used."""
    from triage.classifier import predict
    from triage.classifier.urgency import RulesOnly
    from triage.errors import ModelUnusable

    try:
        judge, why_not = predict.best(settings.models.folder, settings.classifier.profile)
    except ModelUnusable as error:
        note(f"the rules alone judge: {error}")
        return RulesOnly()
    if why_not:
        note(why_not)
    return judge
