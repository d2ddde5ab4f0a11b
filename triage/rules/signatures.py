"""Taking off what a mail program adds below: signature, "sent from my phone", legal notice."""

import re
from bisect import bisect

from triage.rules.hints import holds_any

_LONGEST_SIGNATURE = 15  # lines below "-- "
_LONGEST_NOTICE = 700  # characters into a paragraph within which a legal notice says that it is one
_LONGEST_ADVERT = 90  # characters of a phone's or a mail program's own line

# Both are needed: "Sent from Binance, 200 USDT" is a customer's own sentence.
_PROGRAM = re.compile(
    r"""i\s?phone|ipad|android|samsung|galaxy|huawei|honor|xiaomi|redmi|oppo|vivo|oneplus|pixel|blackberry|nokia
    |outlook|gmail|yahoo|proton|tutanota|thunderbird|foxmail|\bmail\b|correo|e-?mail|ios\b|windows|mobile|m[óo]vil
    |celular|tel[ée]fono?|telefon|handy|smartphone|dispositivo|téléphone|ponsel|điện\sthoại|телефон|устройств|почт
    |手机|手機|华为|華為|小米|荣耀|邮箱|郵箱|信箱|网易|qq|スマートフォン|携帯|휴대|아이폰|الهاتف""",
    re.IGNORECASE | re.VERBOSE,
)
_SENT = re.compile(
    r"""[\s*_>-]*(?:(?:sent|written)\s(?:from|via|with|using)\b|get\soutlook\sfor\b|yahoo\smail\s?[:;-]
    |envoyé\s(?:de|depuis|à\spartir)\b|obten(?:er|ga|ha|ir)\s(?:o\s)?outlook\b
    |enviado\s(?:desde|do|de|a\spartir|por)\b|(?:diese\snachricht\swurde\s)?von\smeine[mr]\s.{2,30}?gesendet
    |gesendet\s(?:von|mit|über)\b|outlook\sfür\b|inviato\s(?:da|dal)\b|verzonden\s(?:vanaf|met|via)\b
    |skickat\sfrån\b|sendt\sfra\b|wysłane\sz\b|отправлено\s(?:с|из|через)\b|dikirim\sdari\b|(?:đã\s)?gửi\stừ\b
    |أ?ُ?رسلت?\sمن\b|تم\sالإرسال\sمن\b
    |发自|發自|寄自|来自我的|來自我的|[从從由]我的.{1,14}[发發傳]送|使用.{1,16}[发發]送|获取\s?outlook|取得\s?outlook
    |.{0,24}(?:から送信|で送信)|(?:나의|내)\s.{1,20}(?:보냄|발송)|.{1,24}에서\s보[냄낸]
    |.{1,24}['’]?(?:umdan|imden|dan|den)\sgönderildi)""",
    re.IGNORECASE | re.VERBOSE,
)
_WORDS_OF_ADVERTS = """sent written outlook yahoo envoyé obten enviado gesendet inviato verzonden skickat sendt
    wysłane отправлено dikirim gửi رسل تم 发自 發自 寄自 我的 使用 送信 내 보냄 보낸 발송 gönderildi"""
_HINTS = tuple(_WORDS_OF_ADVERTS.split())  # one of them is in each, small
_NOTICE = re.compile(
    r"""[\s*_>-]{0,200}(?:confidentiality|disclaimer|legal\snotice|important\snotice|notice\s?:
    |this\s(?:e-?mail|message|communication|transmission)|the\s(?:information|contents?)\b
    |aviso|este\s(?:mensaje|correo|e-?mail)|la\sinformación\scontenida|advertencia|esta\smensagem
    |ce\s(?:message|courriel|mail)|diese\s(?:e-?mail|nachricht)|der\sinhalt\sdieser|questo\smessaggio|dit\sbericht
    |данное\s(?:сообщение|письмо)|本(?:邮件|郵件|信|电子邮件|電子郵件|メール)|此(?:邮件|郵件|电子邮件|電子郵件)
    |免责声明|免責聲明|保密|このメール|이\s?메일)""",
    re.IGNORECASE | re.VERBOSE,
)
_SECRECY = re.compile(
    r"""confiden|privileg|intended\s(?:solely|only|recipient)|vertraulich|конфиденц|riservat|vertrouwelijk
    |保密|机密|機密|收件人以外|秘密情報|기밀|legally\sprotected|destinatari""",
    re.IGNORECASE | re.VERBOSE,
)
_BLANK = re.compile(r"\n[ \t\u3000\xa0]*\n(?:[ \t\u3000\xa0]*\n)*")


def without_signature(text: str) -> str:
    """Return `text` without signature, phone adverts and legal notice; never empty because of a signature alone."""
    text = _without_notice(text)
    lines = text.split("\n")
    lines = _above_delimiter(lines)
    if not holds_any(text, _HINTS):
        return "\n".join(lines)
    return "\n".join(x for x in lines if not _is_advert(x))


def _above_delimiter(lines: list[str]) -> list[str]:
    """Return the lines above the last "-- " (RFC 3676, section 4.3), if a short block follows it and text precedes."""
    for i in range(len(lines) - 1, max(len(lines) - _LONGEST_SIGNATURE - 2, 0), -1):
        if lines[i].strip() == "--" and any(x.strip() for x in lines[:i]):
            return lines[:i]
    return lines


def _is_advert(line: str) -> bool:
    # How it begins is asked first: that is known after a few letters, the program only at the line's end.
    return len(line) <= _LONGEST_ADVERT and bool(_SENT.match(line)) and bool(_PROGRAM.search(line))


def _without_notice(text: str) -> str:
    """Return `text` up to the first paragraph that is a legal notice, unless it begins with one."""
    secrecy: list[int] | None = None
    for gap in _BLANK.finditer(text):
        start = gap.end()
        if not _NOTICE.match(text, start):
            continue
        secrecy = [found.start() for found in _SECRECY.finditer(text)] if secrecy is None else secrecy
        at = bisect(secrecy, start - 1)
        near = at < len(secrecy) and secrecy[at] < start + _LONGEST_NOTICE
        if near and text[:start].strip():
            return text[: gap.start()]
    return text
