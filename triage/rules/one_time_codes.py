"""Finding one-time codes in what people write: only digits that the text itself calls so."""

import re

from triage.rules.seed_phrases import Span

_CODE = r"(?P<code>\d{3}[ -]?\d{3}|\d{4,8})(?![\d.,]\d|\d|-\d)"
_LINK = r"""(?:\s(?:that\s)?(?:you|i|we|they)\s(?:just\s)?(?:sent|gave|got|received)(?:\s(?:me|us))?)?
    (?:\s{0,2}(?:is|was|es|ist|é|était|est|=|:|：|是|为|為|は|이|—|-|\#|number|no\.?|here|aquí)){0,3}
    \s{0,2}["'“「【\[(]?"""
_PATTERN = re.compile(
    rf"""(?:(?:verif(?:y|ication)|security|sms|text|e-?mail|2fa|two[-\s]factor|authenticat(?:or|ion)|auth|google
    |login|log[-\s]in
    |sign[-\s]in|one[-\s]time|access|confirmation)\s(?:code|password|passcode|pin|number)|\botp\b(?:\scode)?|\b2fa\b
    |c[óo]digo\s(?:de\s)?(?:verificaci[óo]n|seguridad|sms|acceso|verificação|segurança|confirmaci[óo]n)
    |code\sde\s(?:vérification|sécurité)
    |best[äa]tigungscode|sicherheitscode|код\s(?:подтверждения|из\sсмс|безопасности)|doğrulama\skodu
    |mã\s(?:xác\s(?:minh|thực|nhận)|otp)
    |kode\s(?:otp|verifikasi)|验证码|驗證碼|校验码|动态码|動態碼|短信码|認証コード|確認コード|ワンタイムパスワード
    |인증\s?(?:번호|코드))
    {_LINK}{_CODE}""",
    re.IGNORECASE | re.VERBOSE,
)
_DIGITS = re.compile(r"(?<!\d)\d{3}")
_REACH, _LONGEST_CODE = 80, 12  # characters: a name and what links it to its code; a code and what must not follow it
_HINT = re.compile(
    r"code|otp|2fa|pass|pin|number|c[óo]digo|код|kodu|mã|kode|码|碼|コード|ワンタイム|인증", re.IGNORECASE
)


def find(text: str) -> list[Span]:
    """Return where `text` gives away a one-time code; only its digits."""
    starts = (digits.start() for digits in _DIGITS.finditer(text))
    return [span for start in starts for span in _called_code(text, start)]


def _called_code(text: str, start: int) -> list[Span]:
    """Return the code that begins at `start` if the words before it call it so; nothing else is read."""
    first, end = max(0, start - _REACH), start + _LONGEST_CODE
    if not _HINT.search(text, first, start):
        return []
    codes = (Span(m.start("code"), m.end("code")) for m in _PATTERN.finditer(text, first, end))
    return [span for span in codes if span.start == start]
