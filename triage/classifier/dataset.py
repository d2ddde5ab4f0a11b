"""The corpus: labelled messages, read and checked row by row, and split into what trains and what only measures."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.case import Urgency
from triage.errors import ConfigError
from triage.rules.language import LANGUAGES

CORPUS = Path(__file__).parent / "corpus"
NATURES = ("request", "other", "spam", "thanks", "empty")
# The default taxonomy, most severe category first; corpus/README.md says what each topic is about.
TOPICS: dict[str, tuple[str, ...]] = {
    "security": (
        "theft",
        "leaked-secret",
        "unknown-approval",
        "suspicious-login",
        "impostor",
        "malware",
        "lost-device",
        "safety-question",
    ),
    "transaction": (
        "pending",
        "failed",
        "not-arrived",
        "wrong-address",
        "cannot-withdraw",
        "balance-wrong",
        "fees",
        "how-to",
        "order-error",
        "app-fault",
        "refund",
    ),
    "account": (
        "login",
        "password",
        "code-not-received",
        "locked",
        "verification",
        "two-factor",
        "change-contact",
        "restore",
        "close",
        "create",
        "policy",
    ),
    "feedback": ("suggestion", "usability", "praise", "complaint", "legal-threat", "rating"),
}
CATEGORIES = tuple(TOPICS)
FROZEN = 10
"""Percent of the rows that never teach: every model is measured on them, and held against the one before it."""

_KEYS = {"text", "lang", "nature", "category", "topic", "urgency"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One labelled message; `category` and `topic` are empty unless `nature` is "request".

    Attributes:
        weight: How much it is trusted: 1 for what was written for learning, less for what one agent said long ago.
    """

    text: str
    lang: str
    nature: str
    category: str
    topic: str
    urgency: Urgency
    weight: float = 1.0


def load(paths: Iterable[Path] | None = None) -> list[Row]:
    """Return every row of `paths`, or of the shipped corpus, in order of file name and line.

    Raises `ConfigError` naming file and line of the first row that is wrong.
    """
    rows = []
    for path in sorted(CORPUS.glob("*.jsonl") if paths is None else paths):
        for _, found in lines(path):
            if isinstance(found, ConfigError):
                raise found
            rows.append(found)
    return rows


def lines(path: Path) -> Iterator[tuple[str, Row | ConfigError]]:
    """Yield for each line that is not empty where it stands ("en.jsonl:7"), and its row or what is wrong with it."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        yield path.name, ConfigError(f"{path}: cannot be read ({error})")
        return
    for number, line in enumerate(text.split("\n"), 1):
        where = f"{path.name}:{number}"
        if line.strip():
            try:
                yield where, _row(line, where)
            except ConfigError as error:
                yield where, error


def held_out(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return what trains and what only measures; a text stays on its side whatever is added or moved."""
    split: tuple[list[Row], list[Row]] = ([], [])
    for row in rows:
        split[_bucket(row.text) < FROZEN].append(row)
    return split


def same_words(text: str) -> str:
    """Return what two texts share that say the same: capitals and spaces make no difference."""
    return " ".join(text.casefold().split())


def fingerprint(rows: Iterable[Row]) -> str:
    """Return the SHA-256 of the rows: two trainings with equal fingerprints saw equal data."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _bucket(text: str) -> int:
    """Return 0 to 99, for ever the same for the same text."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:4], "big") % 100


def _row(line: str, where: str) -> Row:
    """Return the row on one line, or say what is wrong with it."""
    try:
        raw = json.loads(line)
    except ValueError as error:
        raise ConfigError(f"{where}: not JSON ({error})") from error
    if not isinstance(raw, dict) or set(raw) != _KEYS or not all(isinstance(raw[key], str) for key in _KEYS):
        raise ConfigError(f"{where}: needs exactly the text keys {', '.join(sorted(_KEYS))}")
    _check(raw, where)
    return Row(**{**raw, "urgency": Urgency[raw["urgency"].upper()]})


def _check(raw: dict[str, Any], where: str) -> None:
    """Raise `ConfigError` unless the labels are known ones and fit each other."""
    expected = TOPICS.get(raw["category"], ()) if raw["nature"] == "request" else ("",)
    checks = (
        ("lang", raw["lang"] in LANGUAGES),
        ("nature", raw["nature"] in NATURES),
        ("category", raw["category"] in TOPICS if raw["nature"] == "request" else raw["category"] == ""),
        ("topic", raw["topic"] in expected),
        ("urgency", raw["urgency"] in [u.label for u in Urgency]),
        ("text", bool(raw["text"].strip()) or raw["nature"] == "empty"),
    )
    for key, good in checks:
        if not good:
            raise ConfigError(f"{where}: {key} {raw[key]!r} is not one of corpus/README.md")
