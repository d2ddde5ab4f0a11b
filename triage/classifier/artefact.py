"""A model on disk: `models/VERSION/` with arrays, settings and two cards; no code in it, every byte checked."""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.errors import ModelUnusable

FORMAT = 1
_ARRAYS = "weights.npz"
_SETTINGS = "vectorizer.json"
_CARD = "card.json"
_READABLE = "MODEL_CARD.md"
_LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """What a model is made of.

    Attributes:
        version: The name of its folder.
        arrays: Weights and vocabularies.
        settings: Labels, thresholds and temperatures: what the arrays mean.
        card: Where it comes from and what it measured; `files` holds the SHA-256 of each file.
    """

    version: str
    arrays: Mapping[str, NDArray[Any]]
    settings: Mapping[str, Any]
    card: Mapping[str, Any]


def write(artefact: Artefact, models: Path, readable: str) -> Path:
    """Write `artefact` as `models/VERSION/` with `readable` as its MODEL_CARD.md, and return that folder.

    The folder appears whole or not at all. Raises `ModelUnusable` when the version exists already.
    """
    folder = models / artefact.version
    if folder.exists():
        raise ModelUnusable(f"{folder}: this version exists already")
    unfinished = models / f".{artefact.version}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    files = {
        _ARRAYS: _pack(artefact.arrays),
        _SETTINGS: _json({"format": FORMAT, **artefact.settings}),
        _READABLE: readable.encode(),
    }
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files[_CARD] = _json({**artefact.card, "format": FORMAT, "version": artefact.version, "files": sums})
    for name, data in files.items():
        (unfinished / name).write_bytes(data)
    unfinished.rename(folder)
    return folder


def read(folder: Path) -> Artefact:
    """Return the model in `folder`. Raises `ModelUnusable` for whatever is missing, damaged or not of our format."""
    card = _object(folder / _CARD, _bytes(folder / _CARD))
    if card.get("format") != FORMAT or not isinstance(card.get("files"), dict):
        raise ModelUnusable(f"{folder}: made for another version of Triage (format {card.get('format')!r})")
    checked = {name: _bytes(folder / name) for name in (_ARRAYS, _SETTINGS)}
    for name, data in checked.items():
        if hashlib.sha256(data).hexdigest() != card["files"].get(name):
            raise ModelUnusable(f"{folder / name}: damaged, its checksum is not the one in {_CARD}")
    try:
        with np.load(io.BytesIO(checked[_ARRAYS]), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (ValueError, OSError, zipfile.BadZipFile, EOFError) as error:
        raise ModelUnusable(f"{folder / _ARRAYS}: {error}") from error
    settings = _object(folder / _SETTINGS, checked[_SETTINGS])
    return Artefact(version=str(card.get("version", folder.name)), arrays=arrays, settings=settings, card=card)


def current_version(models: Path) -> str:
    """Return the version that `models/current` names. Raises `ModelUnusable` when it names none."""
    name = _bytes(models / "current").decode("utf-8", "replace").strip()
    # The name becomes a path: it must stay inside `models`.
    if not name or name.startswith(".") or "/" in name or "\\" in name or "\0" in name:
        raise ModelUnusable(f"{models / 'current'}: {name!r} is not the name of a version")
    return name


def make_current(models: Path, version: str) -> None:
    """Make `version` the one that is used from now on; a reader sees the old name or the new one."""
    new = models / ".current.new"
    new.write_text(f"{version}\n", "utf-8")
    new.replace(models / "current")


def _pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the arrays as a compressed npz whose bytes depend on nothing but them (no time stamps)."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(arrays):
            one = io.BytesIO()
            np.lib.format.write_array(one, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (2026, 1, 1, 0, 0, 0)), one.getvalue(), zipfile.ZIP_DEFLATED
            )
    return packed.getvalue()


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _bytes(path: Path) -> bytes:
    """Return a file's bytes, or say that the model cannot be used."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ModelUnusable(f"{path}: too large for a model")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise ModelUnusable(f"{path}: cannot be read ({error})") from error


def _object(path: Path, data: bytes) -> dict[str, Any]:
    """Return the JSON object in `data`, or say that the model cannot be used."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ModelUnusable(f"{path}: not JSON ({error})") from error
    if not isinstance(value, dict):
        raise ModelUnusable(f"{path}: not a JSON object")
    return value
