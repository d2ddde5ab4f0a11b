"""What is wrong with a configuration, in one line for a person; never shows the value of a secret."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

KINDS = ("email", "folder", "telegram", "x")
"""The channel kinds that come with Triage."""

SENSITIVE = re.compile(r"password|passwd|secret|token|key|credential", re.IGNORECASE)
LONGEST_SHOWN = 60

WORDS = {
    "missing": "is missing",
    "string_type": "must be text in quotes",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "path_type": "must be a path in quotes",
    "dict_type": "must be a table",
    "list_type": "must be a list, such as [ ... ]",
    "tuple_type": "must be a list, such as [ ... ]",
    "model_type": 'must be a table, for a secret { file = "..." }, { env = "..." } or { credential = "..." }',
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "too_short": "needs at least {min_length}",
    "string_pattern_mismatch": "must be of lower case letters, digits, - and _",
}
"""The words for each kind of error that pydantic tells apart; for the others its own are used."""

VALUE_SHOWN = frozenset(WORDS) - {"missing", "model_type", "dict_type"}


def one_line(error: ValidationError, model: type[BaseModel], where: tuple[str, ...] = ()) -> str:
    """Return the first thing that is wrong, and how many more there are: `[channels.x] port: must be a number`.

    Args:
        error: What pydantic found while it checked a table against `model`.
        model: Says which keys there are, to name the one that was probably meant.
        where: The names of the table's own place in the file.
    """
    details = error.errors(include_url=False)
    line = _describe(details[0], model, where)
    return line if len(details) == 1 else f"{line} (and {len(details) - 1} more)"


def name_of_table(where: Iterable[object]) -> str:
    """Return a table's name as it stands in the file: `[channels.support-mail]`."""
    return f"[{'.'.join(str(w) for w in where)}]"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return '; did you mean "..."?' for the known word most like `word`, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else ""


def _describe(details: ErrorDetails, model: type[BaseModel], where: tuple[str, ...]) -> str:
    places = where + tuple(str(p) for p in details["loc"] if p != "[key]")
    if details["type"] == "missing" and places and places == tuple(str(p) for p in details["loc"])[:1]:
        return f"{name_of_table(places)} is missing"
    table, key = (places[:-1], places[-1]) if places else ((), "")
    if details["type"] == "extra_forbidden":
        what = f"unknown key{nearest(key, _keys(model, details['loc'][:-1]))}"
    else:
        what = _what(details) + _value(details, places)
    prefix = f"{name_of_table(table)} {key}" if table else (key or name_of_table(where))
    return f"{prefix}: {what}"


def _what(details: ErrorDetails) -> str:
    context: Mapping[str, Any] = details.get("ctx") or {}
    words = WORDS.get(details["type"])
    if words is not None:
        for name, value in context.items():
            words = words.replace(f"{{{name}}}", str(value))
        return words
    message = details["msg"].removeprefix("Value error, ")
    return " ".join(message.split())


def _value(details: ErrorDetails, places: Iterable[str]) -> str:
    if details["type"] not in VALUE_SHOWN or any(SENSITIVE.search(p) for p in places):
        return ""
    shown = repr(details["input"])
    return f" (got {shown if len(shown) <= LONGEST_SHOWN else shown[:LONGEST_SHOWN] + '...'})"


def _keys(model: type[BaseModel], path: Iterable[int | str]) -> tuple[str, ...]:
    """Return the keys that the table at `path` below `model` may have."""
    for step in path:
        field = model.model_fields.get(str(step))
        below = _models(field.annotation) if field else ()
        if len(below) != 1:
            # A table of tables ([targets.channels.NAME]) or no model: the next step is a name, not a key.
            continue
        model = below[0]
    return tuple(model.model_fields)


def _models(annotation: Any) -> tuple[type[BaseModel], ...]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    return tuple(model for part in get_args(annotation) for model in _models(part))
