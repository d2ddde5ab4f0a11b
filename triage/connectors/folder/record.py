"""One line of a .jsonl file as a message. Pure."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from triage.connectors import mime
from triage.message import Address, Attachment, Message

_KINDS = frozenset({"email", "telegram", "x", "folder"})


def message_of(line: bytes, *, channel: str, external_id: str, received_at: datetime) -> Message:
    """Return what one JSON object says; `text` is the only field that it must have, unknown ones are left alone.

    Known: text, from (an address, a name, or an object with value, name, kind, handle), subject, html, sent_at,
    kind, conversation, language_hint, known_as, refers_to, public, addressed, attachments (names).
    Raises `ValueError` with one line on what is wrong.
    """
    try:
        record = json.loads(line)
    except RecursionError:
        raise ValueError("not JSON: nested too deep") from None
    except (ValueError, UnicodeError) as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(record, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - what is wrong is the file, not a type of ours
    kind = _text(record, "kind") or "folder"
    if kind not in _KINDS:
        raise ValueError(f'"kind" is none of {", ".join(sorted(_KINDS))}')
    if not isinstance(record.get("text"), str):
        raise ValueError('it has no "text"')  # noqa: TRY004
    return Message(
        channel=channel,
        kind=kind,
        external_id=external_id,
        sender=_sender(record.get("from"), external_id),
        received_at=received_at,
        sent_at=_time(_text(record, "sent_at")),
        text=_text(record, "text")[: mime.body.LONGEST_TEXT],
        known_as=_ids(record, "known_as") or (f"folder:{external_id}",),
        refers_to=_ids(record, "refers_to"),
        public=record.get("public") is True,
        addressed=record.get("addressed") is not False,
        attachments=tuple(Attachment(name=name, content_type="") for name in _ids(record, "attachments")),
        subject=_line(record, "subject"),
        conversation=_line(record, "conversation"),
        language_hint=_line(record, "language_hint"),
        html=_text(record, "html")[: mime.body.LONGEST_HTML],
    )


def _sender(claim: object, external_id: str) -> Address:
    """Return who wrote; one whom nobody names is a person of his own, so that no two are taken for one."""
    if isinstance(claim, Mapping):
        value, kind = _text(claim, "value"), _text(claim, "kind")
        if value:
            kind = kind if kind in _KINDS else "email" if "@" in value else "folder"
            return Address(
                kind=kind,
                value=value.lower() if kind == "email" else value,
                name=_text(claim, "name")[:200],
                handle=_text(claim, "handle")[:200],
                is_bot=claim.get("is_bot") is True,
            )
    elif isinstance(claim, str) and claim.strip():
        mail = mime.headers.sender([claim])
        return mail if mail.value else Address(kind="folder", value=mime.headers.one_line(claim)[:200])
    return Address(kind="folder", value=external_id)


def _text(record: Mapping[str, Any], key: str) -> str:
    """Return a field's text; lone surrogates, which JSON can hold and no store can, are replaced."""
    value = record.get(key)
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "\u2400")


def _line(record: Mapping[str, Any], key: str) -> str:
    return mime.headers.one_line(_text(record, key))[:1000]


def _ids(record: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = record.get(key)
    many = value if isinstance(value, list) else [value]
    return tuple(_text({key: one}, key)[:1000] for one in many[:100] if isinstance(one, str) and one)


def _time(text: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when
