"""Finding one-time codes in what people write: only digits that the text itself calls so."""

import re
from collections.abc import Sequence

from triage.rules.seed_phrases import Span

_CODE = r"(?P<code>\d{3}[ -]?\d{3}|\d{4,8})(?![\d.,]\d|\d|-\d)"
_LINK = r"""(?:\s(?:that\s)?(?:you|i|we|they)\s(?:just\s)?(?:sent|gave|got|received)(?:\s(?:me|us))?)?
    (?:\s{0,2}(?:is|was|es|ist|é|était|est|=|:|：|是|为|為|は|이|—|-|\#|number|no\.?|here|aquí)){0,3}
    \s{0,2}["'“「【\[(]?"""
_LABEL = r"""(?:(?:verif(?:y|ication)|security|sms|text|e-?mail|2fa|two[-\s]factor|authenticat(?:or|ion)|auth|google
    |login|log[-\s]in
    |sign[-\s]in|one[-\s]time|access|confirmation)\s(?:code|password|passcode|pin|number)|\botp\b(?:\scode)?|\b2fa\b
    |c[óo]digo\s(?:de\s)?(?:verificaci[óo]n|seguridad|sms|acceso|verificação|segurança|confirmaci[óo]n)
    |code\sde\s(?:vérification|sécurité)
    |best[äa]tigungscode|sicherheitscode|код\s(?:подтверждения|из\sсмс|безопасности)|doğrulama\skodu
    |mã\s(?:xác\s(?:minh|thực|nhận)|otp)
    |kode\s(?:otp|verifikasi)|验证码|驗證碼|校验码|动态码|動態碼|短信码|認証コード|確認コード|ワンタイムパスワード
    |인증\s?(?:번호|코드))"""
_PATTERN = re.compile(f"{_LABEL}{_LINK}{_CODE}", re.IGNORECASE | re.VERBOSE)
# As the message with the code itself says it: "483920 is your Google verification code".
_SAID_FIRST = re.compile(
    rf"""{_CODE}\s?[)\]】」"']?[,，]?\s?(?:is|es|est|ist|è|é|это|是|为|為|は|が|—|-)\s?
    (?:your|my|the|tu|su|mi|seu|votre|ihr|ваш|您的?|你的?|我的?)\s?(?:[A-Za-z0-9]{{1,20}}\s){{0,3}}{_LABEL}""",
    re.IGNORECASE | re.VERBOSE,
)
_DIGITS, _FORM = re.compile(r"\d(?<!\d\d)\d\d"), re.compile(_CODE)
_REACH, _LONGEST_CODE = 80, 12  # characters: a name and what links it to its code; a code and what must not follow it
# One of them is in every name of a code; found ten times sooner than by a pattern.
_HINTS: tuple[str, ...] = (
    "code",
    "otp",
    "2fa",
    "pass",
    "pin",
    "number",
    "código",
    "codigo",
    "код",
    "kodu",
    "mã",
    "kode",
    "码",
    "碼",
)
_HINTS += ("コード", "ワンタイム", "인증")


def find(text: str) -> list[Span]:
    """Return where `text` gives away a one-time code; only its digits."""
    starts = [start for start in (m.start() for m in _DIGITS.finditer(text)) if _FORM.match(text, start)]
    if not starts or not (hints := _hints_in(text, _HINTS)):
        return []
    return [span for start in starts for span in _called_code(text, start, hints)]


def _called_code(text: str, start: int, hints: Sequence[str]) -> list[Span]:
    """Return the code that begins at `start` if the words beside it call it so; nothing else is read."""
    first, end = max(0, start - _REACH), start + _LONGEST_CODE
    if _hints_in(text[start : start + _REACH], hints) and (said := _SAID_FIRST.match(text, start)):
        return [Span(said.start("code"), said.end("code"))]
    if not _hints_in(text[first:start], hints):
        return []
    codes = (Span(m.start("code"), m.end("code")) for m in _PATTERN.finditer(text, first, end))
    return [span for span in codes if span.start == start]


def _hints_in(text: str, hints: Sequence[str]) -> list[str]:
    """Return those of `hints` that a text holds: its parts hold no others."""
    folded = text.casefold()
    return [hint for hint in hints if hint in folded]
