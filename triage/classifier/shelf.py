"""The models that a folder holds: which there are, which one judges, how two of them differ, which are old."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.classifier import artefact, predict
from triage.classifier.card import against
from triage.errors import ModelUnusable


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """One model on the shelf.

    Attributes:
        current: It is the one that judges.
        usable: Its files are whole.
        why_not: Why it is not usable.
        passed: Its gates held; None for one that was never held against any.
        forced: It was made current though gates failed.
        rows: Messages it learned from.
        corrections: Those of them that agents taught.
        figures: On the messages that never teach; empty when it is not usable.
        size: Bytes of all its files.
    """

    version: str
    current: bool
    usable: bool
    why_not: str = ""
    passed: bool | None = None
    forced: bool = False
    rows: int = 0
    corrections: int = 0
    figures: Mapping[str, Any]
    size: int = 0


def look(models: Path) -> list[Shelved]:
    """Return the models of a folder, newest first."""
    try:
        current = artefact.current_version(models)
    except ModelUnusable:
        current = ""
    return [_look_at(models / version, current) for version in reversed(artefact.versions(models))]


def _look_at(folder: Path, current: str) -> Shelved:
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    is_current = folder.name == current
    try:
        card = artefact.read(folder).card
    except ModelUnusable as error:
        why = str(error)
        return Shelved(version=folder.name, current=is_current, usable=False, why_not=why, figures={}, size=size)
    data = card.get("data", {})
    return Shelved(
        version=folder.name,
        current=is_current,
        usable=True,
        passed=card.get("passed"),
        forced=bool(card.get("forced")),
        rows=data.get("rows", 0),
        corrections=data.get("corrections", 0),
        figures={key: value for key, value in card.get("held_out", {}).items() if isinstance(value, (int, float))},
        size=size,
    )


def use(models: Path, version: str, *, force: bool = False) -> str:
    """Make a version the current one, and return which one was it before ("" for none).

    Raises `ModelUnusable` when there is none of that name, it cannot be loaded, or its gates refused it and `force` is
    not given.
    """
    folder = artefact.folder_of(models, version)
    predict.load(folder)
    if artefact.read(folder).card.get("passed") is False and not force:
        raise ModelUnusable(f"{version} was refused by its gates (see its MODEL_CARD.md); --force uses it all the same")
    try:
        before = artefact.current_version(models)
    except ModelUnusable:
        before = ""
    artefact.make_current(models, version)
    return before


def compare(models: Path, one: str, other: str) -> dict[str, Any]:
    """Return what changes from one model to the other, in percentage points, as their cards tell it.

    "same_messages" says whether both were measured on the same ones; only then do small differences mean anything.
    Raises `ModelUnusable` when a model cannot be read.
    """
    before, after = (artefact.read(artefact.folder_of(models, version)).card for version in (one, other))
    frozen = [card.get("frozen", {}).get("sha256") for card in (before, after)]
    learned = [card.get("data", {}) for card in (before, after)]
    return {
        **against(one, before.get("held_out", {}), after.get("held_out", {})),
        "rows": learned[1].get("rows", 0) - learned[0].get("rows", 0),
        "corrections": learned[1].get("corrections", 0) - learned[0].get("corrections", 0),
        "same_data": learned[0].get("sha256") == learned[1].get("sha256"),
        "same_messages": frozen[0] is not None and frozen[0] == frozen[1],
    }


def old(models: Path, *, keep: int) -> list[str]:
    """Return the versions that need not stay, oldest first: all but the current one and the `keep` newest."""
    current = {shelved.version for shelved in look(models) if shelved.current}
    return [version for version in artefact.versions(models)[:-keep] if version not in current]


def remove(models: Path, version: str) -> None:
    """Delete a version. Raises `ModelUnusable` when it cannot be deleted or is the current one."""
    folder = artefact.folder_of(models, version)
    if (models / "current").exists() and artefact.current_version(models) == version:
        raise ModelUnusable(f"{version} judges: it stays")
    try:
        # Out of the list at once: a model half deleted is no model.
        aside = models / f".{version}.removed"
        folder.rename(aside)
        shutil.rmtree(aside)
    except OSError as error:
        raise ModelUnusable(f"{folder} cannot be deleted ({error.strerror})") from None
