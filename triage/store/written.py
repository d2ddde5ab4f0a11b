"""How values are written into a text column, and read again: JSON by pydantic, checked on the way back."""

import json
from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from triage.case import Place, Reason, Verdict
from triage.message import Message, Reply
from triage.store.columns import storable

T = TypeVar("T")

MESSAGE = TypeAdapter(Message)
REPLY = TypeAdapter(Reply)
VERDICT = TypeAdapter(Verdict)
PLACE = TypeAdapter(Place)
REASON = TypeAdapter(Reason)
WORDS = TypeAdapter(tuple[str, ...])
DETAILS: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])

NONE = "[]"


def dump(adapter: TypeAdapter[T], value: T, **options: Any) -> str:
    """Return `value` as JSON; text that cannot be encoded (half a surrogate pair) is repaired, never refused."""
    try:
        return adapter.dump_json(value, **options).decode()
    except (PydanticSerializationError, UnicodeEncodeError):
        plain = adapter.dump_python(value, mode="python", **options)
        return storable(json.dumps(plain, ensure_ascii=False, default=str))


def load(adapter: TypeAdapter[T], written: str) -> T:
    """Return the value that `dump` wrote; raises pydantic's `ValidationError` if it is not one."""
    return adapter.validate_json(written)


def words(values: tuple[str, ...]) -> str:
    """Return a tuple of words as JSON; most are empty, and that costs nothing."""
    return dump(WORDS, values) if values else NONE


def read_words(written: str) -> tuple[str, ...]:
    """Return what `words` wrote."""
    return () if written == NONE else load(WORDS, written)
