"""A team's own labelled messages: read line by line, with every doubt named by file and line."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from triage.case import Urgency
from triage.classifier.dataset import NATURES, TOPICS, Row, same_words
from triage.errors import ConfigError
from triage.rules import language

FEWEST = 5
"""Messages that a category needs: fewer teach nothing, and are mostly a typing error in the label."""

_LONGEST_NAME = 60
_LONGEST_TEXT = 1_000_000
_KEYS = ("text", "lang", "category", "topic", "urgency", "nature")
_URGENCIES = {urgency.label: urgency for urgency in Urgency}

Placed = tuple[str, Row]
"""A row, and where it stands ("own.jsonl:7")."""


def load(paths: Iterable[Path]) -> tuple[list[Row], list[str]]:
    """Return the rows of JSON-lines files, and what a person should know about them, in lines.

    A line has `text` and `category`, and may have `lang`, `topic`, `urgency`, `nature` and `id`. Categories and topics
    may be any names. Of one text the last labels count.

    Raises `ConfigError`, naming file and line, for what cannot be used: no JSON, a wrong type, a number that is none,
    an id that stands twice, a category with too few messages, or nothing to tell apart.
    """
    placed: list[Placed] = []
    ids: dict[str, str] = {}
    for path in paths:
        for where, raw in _objects(path):
            placed.append((where, _row(raw, where)))
            _refuse_second(ids, raw, where)
    rows, told = _latest(placed)
    _check_labels(rows)
    return [row for _, row in rows], told


def _objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each line that is not empty as a JSON object, and where it stands."""
    try:
        text = path.read_text("utf-8-sig")  # spreadsheets begin a file with a mark
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from error
    if not text.strip():
        raise ConfigError(f"{path}: there is no message in it")
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            where = f"{path.name}:{number}"
            try:
                raw = json.loads(line, parse_constant=_no_number)
            except (ValueError, RecursionError) as error:
                raise ConfigError(f"{where}: not JSON ({error})") from error
            if not isinstance(raw, dict):
                raise ConfigError(f"{where}: not a JSON object")
            yield where, raw


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no value")


def _row(raw: dict[str, Any], where: str) -> Row:
    """Return the row of a line, or say what is wrong with it."""
    words: dict[str, Any] = {key: raw.get(key) or "" for key in _KEYS}
    for key, value in words.items():
        if not isinstance(value, str):
            raise ConfigError(f"{where}: {key} is {value!r}, and must be text")
    words["nature"] = words["nature"] or "request"
    asks = words["nature"] == "request"
    words["urgency"] = words["urgency"] or ("normal" if asks else "low")
    checks = (
        ("text", bool(words["text"].strip()) or words["nature"] == "empty"),
        ("text", len(words["text"]) <= _LONGEST_TEXT),
        ("nature", words["nature"] in NATURES),
        ("urgency", words["urgency"] in _URGENCIES),
        ("category", _is_name(words["category"]) if asks else not words["category"]),
        ("topic", not words["topic"] or _is_name(words["topic"])),
    )
    for key, good in checks:
        if not good:
            raise ConfigError(f"{where}: {key} {words[key][:_LONGEST_NAME]!r} cannot be used")
    if words["lang"] not in language.LANGUAGES:
        words["lang"] = language.detect(words["text"], hint=words["lang"])
    level = _URGENCIES[words.pop("urgency")]
    return Row(urgency=level, **words)


def _is_name(name: str) -> bool:
    """Return whether this can be the name of a category or topic; "unsorted" is what has none."""
    return bool(name.strip()) and len(name) <= _LONGEST_NAME and name.isprintable() and name != "unsorted"


def _refuse_second(ids: dict[str, str], raw: dict[str, Any], where: str) -> None:
    """Raise when an id stands twice: then the file was put together wrongly, and nobody knows which one is right."""
    name = raw.get("id")
    if name is None:
        return
    first = ids.setdefault(json.dumps(name, sort_keys=True), where)
    if first != where:
        raise ConfigError(f"{where}: the id {name!r} stands at {first} already")


def _latest(placed: list[Placed]) -> tuple[list[Placed], list[str]]:
    """Return each text once, with its last labels, and a line for each text whose labels contradict each other."""
    last: dict[str, Placed] = {}
    told = []
    for where, row in placed:
        key = same_words(row.text)
        if key in last and (last[key][1].category, last[key][1].urgency) != (row.category, row.urgency):
            told.append(f"{where} contradicts {last[key][0]}, and counts: {_called(row)}, not {_called(last[key][1])}")
        last[key] = (where, row)
    return list(last.values()), told


def _called(row: Row) -> str:
    return f"{row.urgency.label} {row.category or row.nature}"


def _check_labels(placed: list[Placed]) -> None:
    """Raise unless there are two categories at least, and each has messages enough."""
    counted = Counter(row.category for _, row in placed if row.nature == "request")
    topics = Counter((row.category, row.topic) for _, row in placed)
    if len(counted) < 2:
        only = f"only the category {next(iter(counted))!r}" if counted else "no category"
        raise ConfigError(f"{placed[-1][0]}: there is {only} in the data; two are needed to tell anything apart")
    for where, row in placed:
        if row.nature == "request" and counted[row.category] < FEWEST:
            known = ", ".join(sorted(set(counted) - {row.category}))
            raise ConfigError(
                f"{where}: the category {row.category!r} has {counted[row.category]} messages, {FEWEST} are needed; "
                f"is it a typing error? There are {known}"
            )
        strange = row.topic and row.category in TOPICS and row.topic not in TOPICS[row.category]
        if strange and topics[row.category, row.topic] < FEWEST:
            raise ConfigError(f"{where}: the topic {row.topic!r} of {row.category} is unknown; is it a typing error?")
