"""A model on disk: `models/VERSION/` with arrays, settings and two cards; no code in it, every byte checked."""

import hashlib
import io
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from triage.classifier import Profile
from triage.errors import ModelUnusable

FORMAT = 1
_ARRAYS = "weights.npz"
_SEMANTIC = "semantic.npz"  # what only the semantic profile reads
_SEMANTIC_PREFIX = "semantic_"  # how the names of its arrays begin
_SETTINGS = "vectorizer.json"
_CARD = "card.json"
_READABLE = "MODEL_CARD.md"
_PICTURED = ("confusion", "reliability")  # figures of the card that are no single numbers
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


def write(artefact: Artefact, models: Path, readable: str, pictures: Mapping[str, str] = MappingProxyType({})) -> Path:
    """Write `artefact` as `models/VERSION/` with `readable` as its MODEL_CARD.md and its pictures; return that folder.

    The folder appears whole or not at all. Raises `ModelUnusable` when the version exists already, or the folder
    cannot be written.
    """
    folder = models / artefact.version
    if folder.exists():
        raise ModelUnusable(f"{folder}: this version exists already")
    files = {
        **{name: _pack(arrays) for name, arrays in _by_file(artefact.arrays).items()},
        _SETTINGS: _json({"format": FORMAT, **artefact.settings}),
        _READABLE: readable.encode(),
        **{name: picture.encode() for name, picture in pictures.items()},
    }
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files[_CARD] = _json({**artefact.card, "format": FORMAT, "version": artefact.version, "files": sums})
    try:
        _place(files, folder, models / f".{artefact.version}.unfinished")
    except OSError as error:
        raise ModelUnusable(
            f"{folder}: cannot be written ({error.strerror}); [models] folder names another place"
        ) from None
    return folder


def _place(files: Mapping[str, bytes], folder: Path, unfinished: Path) -> None:
    """Write the files aside, to the disk, and let the folder appear with all of them."""
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for name, data in files.items():
        _durable(unfinished / name, data)
    unfinished.rename(folder)


def _durable(path: Path, data: bytes) -> None:
    """Write a file that is still whole when the power fails right after."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path, profile: Profile = "default") -> Artefact:
    """Return the model in `folder`, with the arrays that `profile` needs.

    Raises `ModelUnusable` for whatever is missing, damaged or not of our format.
    """
    card = _object(folder / _CARD, _bytes(folder / _CARD))
    if card.get("format") != FORMAT or not isinstance(card.get("files"), dict):
        raise ModelUnusable(f"{folder}: made for another version of Triage (format {card.get('format')!r})")
    if not _is_card(card):
        raise ModelUnusable(f"{folder / _CARD}: not the card of a model")
    if profile == "semantic" and _SEMANTIC not in card["files"]:
        raise ModelUnusable(f"{folder}: was trained without the semantic profile; it judges with the default one only")
    wanted = (_ARRAYS, _SEMANTIC) if profile == "semantic" else (_ARRAYS,)
    checked = {name: _bytes(folder / name) for name in (*wanted, _SETTINGS)}
    for name, data in checked.items():
        if hashlib.sha256(data).hexdigest() != card["files"].get(name):
            raise ModelUnusable(f"{folder / name}: damaged, its checksum is not the one in {_CARD}")
    arrays = {key: array for name in wanted for key, array in _unpack(checked[name], folder / name).items()}
    settings = _object(folder / _SETTINGS, checked[_SETTINGS])
    return Artefact(version=str(card.get("version", folder.name)), arrays=arrays, settings=settings, card=card)


def current_version(models: Path) -> str:
    """Return the version that `models/current` names. Raises `ModelUnusable` when it names none."""
    name = _bytes(models / "current").decode("utf-8", "replace").strip()
    if not _is_name(name):
        raise ModelUnusable(f"{models / 'current'}: {name!r} is not the name of a version")
    return name


def folder_of(models: Path, version: str) -> Path:
    """Return the folder of a version. Raises `ModelUnusable` when there is none of that name."""
    if not _is_name(version) or not (models / version).is_dir():
        known = ", ".join(versions(models)) or "none"
        raise ModelUnusable(f"there is no model {version!r} in {models}; there are: {known}")
    return models / version


def versions(models: Path) -> list[str]:
    """Return the names of the versions in a folder, oldest first ("2026.11.9" before "2026.11.10")."""
    try:
        names = [path.name for path in models.iterdir() if path.is_dir() and _is_name(path.name)]
    except OSError:
        return []
    return sorted(names, key=_in_order)


def next_version(models: Path, now: datetime) -> str:
    """Return the month and the number after the newest model's of it: "2026.11.1" where it has none."""
    month = f"{now.year}.{now.month}."
    numbers = [name.removeprefix(month) for name in versions(models) if name.startswith(month)]
    return f"{month}{max((int(number) for number in numbers if number.isdecimal()), default=0) + 1}"


def _in_order(version: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in version.split(".")]


def _is_name(version: str) -> bool:
    """Return whether this can be the name of a version: it becomes a path and must stay inside the folder."""
    return bool(version) and not version.startswith(".") and not any(char in version for char in "/\\\0")


def make_current(models: Path, version: str) -> None:
    """Make `version` the one that is used from now on; a reader sees the old name or the new one.

    Raises `ModelUnusable` when the folder cannot be written.
    """
    new = models / ".current.new"
    try:
        _durable(new, f"{version}\n".encode())
        new.replace(models / "current")
    except OSError as error:
        raise ModelUnusable(f"{models / 'current'}: cannot be written ({error.strerror})") from None


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


def _unpack(data: bytes, path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of an npz whose bytes were checked, or say that the model cannot be used."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST:
                raise ModelUnusable(f"{path}: too large for a model")
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    # A file that was made to deceive names a size that no memory has, or bytes that no array is made of.
    except (ValueError, OSError, zipfile.BadZipFile, zlib.error, EOFError, MemoryError, NotImplementedError) as error:
        raise ModelUnusable(f"{path}: not the arrays of a model ({error})") from error
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
            raise ModelUnusable(f"{path}: {name} has something in it that is no number")
    return arrays


def _by_file(arrays: Mapping[str, NDArray[Any]]) -> dict[str, dict[str, NDArray[Any]]]:
    """Return which file holds which arrays; a file that would hold none is left out."""
    files: dict[str, dict[str, NDArray[Any]]] = {_ARRAYS: {}}
    for name, array in arrays.items():
        files.setdefault(_SEMANTIC if name.startswith(_SEMANTIC_PREFIX) else _ARRAYS, {})[name] = array
    return files


def _is_card(card: Mapping[str, Any]) -> bool:
    """Return whether what a card tells of its model has the shape that `card.card` gives it; it may tell less."""
    parts = [card.get(name, {}) for name in ("data", "frozen", "held_out")]
    if not all(isinstance(part, dict) for part in parts):
        return False
    held = parts[2]
    tables = [table for name, table in held.items() if name.startswith("per_")]
    sums = [value for name, value in held.items() if not name.startswith("per_") and name not in _PICTURED]
    if not all(isinstance(table, dict) for table in tables):
        return False
    rows = [row for table in tables for row in table.values()]
    if not all(isinstance(row, dict) for row in rows):
        return False
    numbers = [*sums, *(value for row in rows for value in row.values()), parts[0].get("rows", 0)]
    return all(isinstance(number, int | float) for number in numbers)


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
        value = json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ModelUnusable(f"{path}: not JSON ({error})") from error
    if not isinstance(value, dict):
        raise ModelUnusable(f"{path}: not a JSON object")
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
