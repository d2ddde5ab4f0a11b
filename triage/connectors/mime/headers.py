"""The header block of a mail: cut to size, decoded, read. Pure; never raises, linear in what it is given."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_tz
from functools import lru_cache

from triage.connectors.mime.charset import decode
from triage.message import Address

LONGEST_BLOCK = 64 * 1024
LONGEST_HEADER = 8 * 1024
MOST_LINES = 1000
_KEPT_VALUE = 1000
_KEPT_LINES = 120
_MOST_IDS = 100
_LONGEST_ADDRESSES = 2000

_END = re.compile(rb"\r?\n\r?\n")
_BROKEN_LINE = re.compile(rb"^(?![!-9;-~]+[ \t]*:|[ \t]|From )", re.MULTILINE)
_GARBAGE = re.compile(
    rb"^(?![!-9;-~]+[ \t]*:|[ \t]|From )[^\n]{0,998}\n(?:[ \t][^\n]*\n){0,20}(?=[!-9;-~]+[ \t]*:)", re.MULTILINE
)
_FOLD = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?(.*?)\?=", re.DOTALL)
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_ID = re.compile(r"<([^<>]{1,998})>")
_ADDRESS = re.compile(
    r'(?:[^\s<>()\[\]\\,;:"@\x00-\x1f\x7f]{1,64}|"[^"\\\r\n]{1,62}")@[^\s<>()\[\]\\,;:"@\x00-\x1f\x7f]{1,253}'
)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|[^"<,;:()]+|.', re.DOTALL)
_YEAR_ZERO = re.compile(r"(?<![-+:\d])0\d{3}(?![\d:])")  # the standard library takes it for 2000
# What a mail server adds on the way and no rule reads.
_TRACE = re.compile(
    r"(?:x-)?received$|dkim-signature$|arc-(?:seal|message-signature)$|domainkey-signature$|mime-version$|"
    r"content-(?:transfer-encoding|disposition|language|id)$|references$|x-(?:google|gm|ms-exchange|microsoft)-(?!"
    r"inbox-rules-loop|generated-message-source|parent-message-id)",
    re.IGNORECASE,
)


def split(raw: bytes) -> tuple[bytes, bytes]:
    """Return the header block, cut to its limits line by line, and all that follows it."""
    if raw[:2] in {b"\r\n", b"\n"}:
        return b"", raw
    end = _END.search(raw)
    block, rest = (raw[: end.start()], raw[end.start() :]) if end else (raw, b"\r\n\r\n")
    if _BROKEN_LINE.search(block):
        # One line of garbage between two headers; the library would take all after it for the body.
        block = _GARBAGE.sub(b"", block)
    if len(block) <= LONGEST_HEADER and block.count(b"\n") < MOST_LINES:
        return block, rest
    kept, size = [], 0
    for line in re.split(rb"\r?\n(?![ \t])", block[: 64 * LONGEST_BLOCK])[:MOST_LINES]:
        cut = line[:LONGEST_HEADER]
        size += len(cut)
        if size > LONGEST_BLOCK:
            break
        kept.append(cut)
    return b"\r\n".join(kept), rest


def decoded(value: str, charset: str = "") -> str:
    """Return a header value as one line of text: RFC 2047 words and raw bytes decoded, controls gone."""
    value = value[:LONGEST_HEADER]
    if "=?" in value:
        value = _words(value, charset)
    elif not value.isascii():
        value = _raw(value, charset)
    return one_line(value)


def one_line(value: str) -> str:
    """Return `value` without line breaks and controls, blanks at its ends cut."""
    if "\n" in value or "\r" in value:
        value = _FOLD.sub(" ", value)
    return value.strip() if value.isprintable() else _CONTROL.sub(" ", value).strip()


def _raw(value: str, charset: str) -> str:
    """Decode what the parser left as surrogates: bytes above ASCII that nobody encoded."""
    return decode(value.encode("utf-8", "surrogateescape"), charset)


def _words(value: str, charset: str) -> str:
    """Decode RFC 2047 words; words of one charset that follow each other may share a character, so bytes are joined."""
    value = _BETWEEN_WORDS.sub(r"\1", value)
    out: list[str] = []
    pending, pending_charset, end = b"", "", 0
    for word in _WORD.finditer(value):
        name = word[1].partition("*")[0].lower()
        if pending and (word.start() != end or name != pending_charset):
            out.append(decode(pending, pending_charset))
            pending = b""
        if word.start() != end:
            out.append(_raw(value[end : word.start()], charset))
        pending, pending_charset, end = pending + _word_bytes(word[2], word[3]), name, word.end()
    if pending:
        out.append(decode(pending, pending_charset))
    out.append(_raw(value[end:], charset))
    return "".join(out)


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return quopri.decodestring(data, header=True)
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(data) % 4 == 1:  # one digit of base64 is no byte
        data = data[:-1]
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except (binascii.Error, ValueError):
        return data


def mailboxes(value: str) -> list[tuple[str, str]]:
    """Return (display name, address) of each mailbox in an undecoded address header; the address "" for garbage.

    Own and linear: `email.utils` of this Python recurses into comments and is led astray by quotes.
    """
    found: list[tuple[str, str]] = []
    words: list[str] = []
    angles: list[str] = []
    comments: list[str] = []
    for piece, is_comment in _pieces(value[:_LONGEST_ADDRESSES]):
        if is_comment:
            comments.append(piece)
        elif piece in ",;":
            if words or angles:
                found.append(_mailbox(words, angles, comments))
            words, angles, comments = [], [], []
        elif piece == ":":
            words = []  # the name of a group
        elif len(piece) > 1 and piece[0] == "<":
            angles.append(piece[1:-1])
        else:
            words.append(piece)
    return found


def _pieces(value: str) -> Iterator[tuple[str, bool]]:
    """Yield the words, marks and "<...>" of an address header, and whether each stands in a comment; then a comma."""
    depth = 0
    for match in _TOKEN.finditer(value):
        piece = match[0]
        if piece == "(":
            depth += 1
        elif piece == ")" and depth:
            depth -= 1
        else:
            yield piece, depth > 0
    yield ",", False


def _mailbox(words: list[str], angles: list[str], comments: list[str]) -> tuple[str, str]:
    name = "".join(w[1:-1].replace("\\", "") if w[0] == '"' and len(w) > 1 else w for w in words).strip()
    if len(angles) == 1:
        return name, _address(angles[0])
    if angles:
        return name, ""  # "<a@b> <c@d>": nobody can tell which
    bare = _address("".join(words))
    if bare or name.count("@") != 1:
        return "".join(comments).strip(), bare
    inside = next(word for word in name.split() if "@" in word)  # "Ada Lovelace ada@example.org"
    return name.replace(inside, "").strip(), _address(inside)


def _address(text: str) -> str:
    """Return the canonical form of a mail address (lower case, domain as on the wire), or "" if it is none."""
    text = text.strip().rsplit(":", 1)[-1] if text.lstrip().startswith("@") else text.strip()  # "<@a,@b:c@d>": a route
    if not text.isascii():
        text = _raw(text, "")
    if len(text) > 254 or not _ADDRESS.fullmatch(text):
        return ""
    local, _, domain = text.lower().rpartition("@")
    return f"{local}@{domain if domain.isascii() else _wire_domain(domain)}"


def _wire_domain(domain: str) -> str:
    import idna  # large tables: only international domains need them

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return domain


def sender(values: list[str], charset: str = "") -> Address:
    """Return the first usable address of the From lines with its name; the value is "" when there is none."""
    name = ""
    for value in values:
        for raw_name, address in mailboxes(value):
            if address:
                return Address(kind="email", value=address, name=decoded(raw_name, charset)[:200])
            name = name or raw_name
    return Address(kind="email", value="", name=decoded(name, charset)[:200])


def ids(values: list[str]) -> tuple[str, ...]:
    """Return the message ids in header values as "<id@host>", in order, no doubles."""
    found: dict[str, None] = {}
    for value in values:
        for match in _ID.finditer(value[:LONGEST_HEADER]):
            inner = "".join(decoded(match[1]).split())
            if inner:
                found[f"<{inner}>"] = None
            if len(found) >= _MOST_IDS:
                return tuple(found)
    return tuple(found)


def references(answers: list[str], earlier: list[str]) -> tuple[str, ...]:
    """Return what a mail refers to, nearest first: In-Reply-To, then References from newest to oldest."""
    return tuple(dict.fromkeys((*ids(answers), *reversed(ids([v[-LONGEST_HEADER:] for v in earlier])))))


def date(value: str) -> datetime | None:
    """Return the time a Date line claims, in the zone it names: by that clock its writer is told a time.

    None when it cannot be meant (garbage, or not in 1970 to 2100).
    """
    try:
        parts = parsedate_tz(value[:100])
        if parts is None or _YEAR_ZERO.search(value[:100]) or not 1970 <= parts[0] <= 2100:
            return None
        return datetime(*parts[:6], tzinfo=timezone(timedelta(seconds=parts[9] or 0)))
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


@lru_cache(maxsize=256)
def _is_trace(name: str) -> bool:
    return _TRACE.match(name) is not None


def kept(lines: list[tuple[str, str]], charset: str = "") -> tuple[tuple[str, str], ...]:
    """Return the lines that rules may want, decoded and capped: all but what mail servers leave on the way."""
    wanted = [(name, value) for name, value in lines if not _is_trace(name)]
    return tuple((name[:100], decoded(value, charset)[:_KEPT_VALUE]) for name, value in wanted[:_KEPT_LINES])
