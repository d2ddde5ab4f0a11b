"""Relative paths in the configuration start at the folder of its file."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)


def absolute(model: Model, base: Path) -> Model:
    """Return `model` with each relative path in it, at any depth, taken from the folder of the configuration file."""
    return model.model_copy(update={k: _absolute_value(getattr(model, k), base) for k in type(model).model_fields})


def _absolute_value(value: Any, base: Path) -> Any:
    if isinstance(value, Path):
        return base / value.expanduser()
    if isinstance(value, BaseModel):
        return absolute(value, base)
    if isinstance(value, (tuple, list)):
        return type(value)(_absolute_value(v, base) for v in value)
    return value


def absolute_url(url: str, base: Path) -> str:
    """Return the address of a store; the file of a SQLite one is taken from there too."""
    scheme, _, file = url.partition("sqlite:///")
    if scheme or not file or file.startswith(":memory:"):
        return url
    return f"sqlite:///{base / Path(file).expanduser()}"
