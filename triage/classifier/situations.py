"""The situations that `urgency.py` looks for, read from `situations.toml`: data that a team can extend."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.case import Urgency

# What `rules.secrets` puts in a secret's place.
PLACEHOLDER = re.compile(r"\[[^\]\n]{0,40}(?:seed|phrase|private key|keystore)[^\]\n]{0,40} removed\]")


@dataclass(frozen=True, eq=False)
class Kind:
    """One situation: its reason's code, how urgent it is, how it is told to an agent, and its phrases by language."""

    code: str
    urgency: Urgency
    category: str
    text: str
    phrases: Mapping[str, tuple[str, ...]]


def _kind(raw: dict[str, Any]) -> Kind:
    phrases = {tongue: tuple(lines.strip().splitlines()) for tongue, lines in raw["phrases"].items()}
    return Kind(raw["code"], Urgency[raw["urgency"].upper()], raw["category"], raw["text"], phrases)


_DATA = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))

SITUATIONS: tuple[Kind, ...] = tuple(_kind(raw) for raw in _DATA["situation"])
DENIALS: Mapping[str, str] = _DATA["denials"]
ENDINGS: Mapping[str, str] = _DATA["endings"]
PAST: Mapping[str, str] = _DATA["past"]
ALARMS: Mapping[str, str] = _DATA["alarms"]
FRAMES: Mapping[str, Mapping[str, str]] = _DATA["frames"]
PRESSING: Mapping[str, str] = _DATA["pressing"]
