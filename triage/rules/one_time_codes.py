"""Finding one-time codes in what people write: only digits that the text itself calls so."""

import re

from triage.rules.hints import folded, holds_any
from triage.rules.span import Span

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
# What every name of a code holds, small: one of these, or two words of which the first ends and the second begins so.
# They are found ten times sooner than by a pattern.
_NAMES_OF_ONE_WORD = """otp 2fa código codigo vérification sécurité gungscode heitscode код kodu mã kode 验证码
    驗證碼 校验码 动态码 動態碼 短信码 認証コード 確認コード ワンタイム 인증"""
_NAMES = tuple(_NAMES_OF_ONE_WORD.split())
_FIRST = """verify verification security sms text mail factor authenticator authentication auth google in time access
    confirmation"""
_FIRST_WORDS = tuple(_FIRST.split())
_BEGINNINGS = ("code", "passw", "passc", "pin", "number")
_HINTS = _BEGINNINGS + _NAMES
_SECOND_WORD = re.compile(rf"\s(?:{'|'.join(_BEGINNINGS)})")


def find(text: str) -> list[Span]:
    """Return where `text` gives away a one-time code; only its digits."""
    starts = [start for start in (m.start() for m in _DIGITS.finditer(text)) if _FORM.match(text, start)]
    if not starts or not holds_any(text, _HINTS):
        return []
    return [span for start in starts for span in _called_code(text, start)]


def _called_code(text: str, start: int) -> list[Span]:
    """Return the code that begins at `start` if the words beside it call it so; nothing else is read."""
    first, end = max(0, start - _REACH), start + _LONGEST_CODE
    if said := _SAID_FIRST.match(text, start):
        return [Span(said.start("code"), said.end("code"))]
    if not _may_name_one(folded(text[first:start])):
        return []
    codes = (Span(m.start("code"), m.end("code")) for m in _PATTERN.finditer(text, first, end))
    return [span for span in codes if span.start == start]


def _may_name_one(small: str) -> bool:
    """Tell whether a small text holds what a name of a code does."""
    if any(name in small for name in _NAMES):
        return True
    return any(small.endswith(_FIRST_WORDS, 0, second.start()) for second in _SECOND_WORD.finditer(small))
