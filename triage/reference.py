"""Writes the reference pages from the code: `python -m triage.reference docs/reference`. A test compares them."""

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from triage import errors, log
from triage.cli.main import command
from triage.cli.terminal import UNEXPECTED, exit_code
from triage.connectors import module_of
from triage.credentials import Secret
from triage.daemon import ACTIONS
from triage.errors import TriageError
from triage.settings import tables, targets, web, webhooks
from triage.settings.complaints import KINDS

MADE = "<!-- Written by `python -m triage.reference docs/reference`. Do not edit. -->\n"

TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("[desk]", tables.DeskSettings),
    ("[store]", tables.StoreSettings),
    ("[models]", tables.ModelsSettings),
    ("[classifier]", tables.ClassifierSettings),
    ("[replies]", tables.RepliesSettings),
    ("[targets]", targets.TargetSettings),
    ("[targets.categories.NAME]", targets.CategoryTargets),
    ("[targets.channels.NAME]", targets.ChannelTargets),
    ("[calendars.NAME]", targets.CalendarSettings),
    ("[guard]", tables.GuardSettings),
    ("[limits]", tables.LimitSettings),
    ("[incidents]", tables.IncidentSettings),
    ("[web]", web.WebSettings),
    ("[webhooks.NAME]", webhooks.WebhookSettings),
    ("[web.oidc]", web.OidcSettings),
)


def pages() -> dict[str, str]:
    """Return every page by its file name."""
    makers: dict[str, Callable[[], Iterable[str]]] = {
        "configuration.md": _configuration,
        "cli.md": _cli,
        "errors.md": _errors,
        "log-events.md": _log_events,
    }
    return {name: MADE + "\n".join(make()) + "\n" for name, make in makers.items()}


def main(folder: Path) -> None:
    """Write every page into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


def _configuration() -> Iterator[str]:
    yield "# Configuration\n"
    yield "One TOML file: `--config FILE`, else `$TRIAGE_CONFIG`, `./triage.toml`, `/etc/triage/triage.toml`."
    yield "`triage init` writes a commented one. Unknown keys are errors. Relative paths start at the file.\n"
    yield 'A **secret** is never written into the file; its place is named: `{ file = "..." }`, `{ env = "..." }`,'
    yield 'or `{ credential = "..." }` for systemd\'s `LoadCredential=`.\n'
    for name, model in TABLES:
        yield from _table(name, model)
    for kind in KINDS:
        yield from _table(f'[channels.NAME] with kind = "{kind}"', module_of(kind).Settings)


def _table(name: str, model: type[BaseModel]) -> Iterator[str]:
    yield f"\n## `{name}`\n"
    yield _prose(inspect.getdoc(model))
    yield "\n| key | value | default | |\n| --- | --- | --- | --- |"
    told = _attributes(inspect.getdoc(model))
    below: dict[str, type[BaseModel]] = {}
    for key, field in model.model_fields.items():
        nested = _nested(field.annotation)
        if nested in (targets.ChannelTargets, targets.CategoryTargets):
            # Its own entry of TABLES.
            continue
        if nested is not None:
            below[key] = nested
        text = field.description or told.get(key, "") or (_prose(inspect.getdoc(nested)) if nested else "")
        yield f"| `{key}` | {_kind(field.annotation)} | {_default(field)} | {_cell(text)} |"
    for key, nested in below.items():
        yield from _table(f"{name}, {key}", nested)


def _nested(annotation: Any) -> type[BaseModel] | None:
    """Return the table that a value of this type is, unless it is a secret."""
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel) and one is not Secret:
            return one
    return None


def _kind(annotation: Any) -> str:
    """Return a type in words."""
    args = [a for a in get_args(annotation) if a not in (type(None), Ellipsis)]
    simple = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path", Secret: "secret"}
    if annotation in simple:
        return simple[annotation]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table"
    if getattr(annotation, "__name__", "") == "date":
        return "date"
    if args and all(isinstance(a, str) for a in args):
        return " or ".join(f'`"{a}"`' for a in args)
    if getattr(annotation, "__origin__", None) is dict:
        return "table"
    words = list(dict.fromkeys(_kind(a) for a in args if not hasattr(a, "gt") and not hasattr(a, "metadata")))
    is_list = getattr(annotation, "__origin__", None) in (tuple, list, frozenset)
    return f"list of {words[0]}" if is_list and words else " or ".join(words) or "value"


def _default(field: Any) -> str:
    """Return the default of a key as it would stand in the file."""
    if field.is_required():
        return "**needed**"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ((), "", {}):
        return ""
    words = {BaseModel: "see below", Path: "shipped"}
    return next((word for kind, word in words.items() if isinstance(value, kind)), f"`{_written(value)}`")


def _written(value: object) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, tuple):
        return f"[{', '.join(_written(v) for v in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _cli() -> Iterator[str]:
    yield "# Command line\n"
    yield "Every command takes `--config FILE`. Programs read `--json`, one object a line.\n"
    codes = (
        (TriageError(""), "it could not be done"),
        (errors.StoreDown(""), "the store does not answer"),
        (errors.InUse(""), "another process does this already"),
        (errors.ConfigError(""), "the configuration is wrong"),
    )
    told = "; ".join(f"{exit_code(error)} {what}" for error, what in codes)
    yield f"Exit codes: 0 done; {told}; {UNEXPECTED} a fault of ours, with its place in the log.\n"
    yield from _command("triage", command())


def _command(name: str, command: Any) -> Iterator[str]:
    if name != "triage":
        yield f"\n## `{name}`\n"
        yield _prose(command.help)
    parameters = [p for p in command.params if p.name not in ("help", "install_completion", "show_completion")]
    if parameters:
        yield "\n| | default | |\n| --- | --- | --- |"
    for parameter in parameters:
        options = ", ".join(f"`{option}`" for option in (*parameter.opts, *parameter.secondary_opts))
        label = (
            f"`{(parameter.metavar or parameter.name or '').upper()}`"
            if parameter.param_type_name == "argument"
            else options
        )
        default = parameter.default
        shown = "" if default in (None, False, ()) or callable(default) else f"`{default}`"
        yield f"| {label} | {shown} | {_cell(getattr(parameter, 'help', '') or '')} |"
    for sub, inner in getattr(command, "commands", {}).items():
        yield from _command(f"{name} {sub}", inner)


def _errors() -> Iterator[str]:
    yield "# Errors\n"
    yield "An error's class says what is done about it. Its text is one line for a person.\n"
    yield "| class | what it means | what the daemon does | exit code |\n| --- | --- | --- | --- |"
    for name, cls in inspect.getmembers(errors, inspect.isclass):
        if issubclass(cls, TriageError) and cls.__module__ == errors.__name__:
            action = next((ACTIONS[c].value for c in cls.__mro__ if c in ACTIONS), "the process ends")
            yield f"| `{name}` | {_cell(_prose(inspect.getdoc(cls)))} | {action} | {_code(cls)} |"


def _code(cls: type[TriageError]) -> int:
    from triage.cli.terminal import EXIT_CODES

    return next(EXIT_CODES[c] for c in cls.__mro__ if c in EXIT_CODES)


def _log_events() -> Iterator[str]:
    yield "# Log events\n"
    yield "One line each, on standard error: JSON unless it is a terminal. The name of an event never changes. No line"
    yield "holds the text of a message, an address or a secret; where a person must be told from another, a keyed hash"
    yield "stands for the address.\n"
    yield "| event | |\n| --- | --- |"
    for name, text in sorted(log.EVENTS.items()):
        yield f"| `{name}` | {_cell(text)} |"


def _prose(doc: str | None) -> str:
    """Return a docstring without its section of attributes, as one paragraph."""
    return " ".join((doc or "").partition("Attributes:")[0].split())


def _attributes(doc: str | None) -> dict[str, str]:
    """Return what a docstring's section of attributes says of each."""
    found: dict[str, str] = {}
    name = ""
    for line in (doc or "").partition("Attributes:")[2].splitlines():
        text = line.strip()
        head, colon, rest = text.partition(": ")
        if line.startswith("    ") and not line.startswith("     ") and colon and head.isidentifier():
            name, found[head] = head, rest
        elif name and text:
            found[name] += f" {text}"
    return found


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference"))
