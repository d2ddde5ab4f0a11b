"""Taking the quoted earlier message off a reply, for the mail programs of many languages.

Everything works on lines of bounded length with literal words, so time grows with the text and no more.
"""

import re

_LONGEST_HEADER = 320  # characters of an attribution ("On … wrote:"), however it was wrapped
_BLOCK_LINES = 8  # lines within which an Outlook header block shows what it is

_ENDS_OF_SENTENCES = (".", "!", "?", "。", "！", "？", ":", "：")
_MAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,100}")
_CLOCK = re.compile(r"\d{1,2}\s{0,2}(?:[:.h：时時点點시])\s{0,2}\d{2}")
_CLOCK_OR_DATE = re.compile(_CLOCK.pattern + r"|\d{4}\s?[年./-]\s?\d{1,2}|(?:19|20)\d\d")
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|(?:19|20)\d\d")
_OPENER = re.compile(
    r"""\s*(?:(?:on|at|el|le|am|em|il|op|den|pada|vào|dnia|dne|w\sdniu|в|от|на|fecha|date|quoting)\b|在|于|於|في|بتاريخ
    |\d{4}\s?[年./년-]|\d{1,2}[./-]\d|\d{1,2}\s\w{3,9}\s\d{4}
    |(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mié|jue|vie|sáb|dom|пн|вт|ср|чт|пт|сб|вс)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_WROTE = re.compile(
    r"""(?:\b(?:wrote|writes|said|escribió|escribio|a\sécrit|écrit|schrieb|escreveu|ha\sscritto|scrive|schreef|skrev
    |napisał(?:a|\(a\))?|pisze|napsal(?:a|\(a\))?|kirjoitti|menulis|yazdı|đã\sviết|пишет|писал(?:а|\(а\))?
    |написал(?:а|\(а\))?|пише|написав)
    |写道|寫道|写到|さんは書きました|のメール|님이\s?작성|작성|คุณเขียน|เขียนว่า|كتب|بواسطة)""",
    re.IGNORECASE | re.VERBOSE,
)
_ENDS_IN_ADDRESS = re.compile(r"[>》)\]]\s*님?이?\s*[:：]$")

_BAR = re.compile(r"[\s>]*(?:_{5,}|-{5,}|={5,}|—{3,})[\s]*$")
_SEPARATOR = re.compile(
    r"""[\s>*]*[-—=_]{2,}[\s*]*(?:original\s(?:message|e-?mail|appointment)|replied\smessage|reply\smessage|mensaje\soriginal
    |correo\soriginal|mensagem\soriginal|message\sd.origine|message\soriginal|ursprüngliche\s(?:nachricht|e-?mail)
    |originalnachricht|messaggio\soriginale|oorspronkelijk\sbericht|оригинальное\sсообщение|исходное\sсообщение
    |original\smeddelande|oryginalna\swiadomość|orijinal\s(?:mesaj|ileti)|pesan\sasli|thư\sgốc|tin\snhắn\sgốc
    |原始(?:邮件|郵件|信件|訊息|信息|消息)|原(?:邮件|郵件|信|文)|回复的(?:原)?邮件|回覆的(?:原)?郵件|元のメッセージ|原本メール
    |원본\s?(?:메시지|메일|이메일)|الرسالة\sالأصلية)[\s*]*[-—=_]{2,}""",
    re.IGNORECASE | re.VERBOSE,
)
_FROM = """from de da von van от från fra od lähettäjä gönderen kimden từ dari من 发件人 寄件者 寄件人 發件人
    差出人 送信者 보낸사람"""
_DATE = """sent date enviado enviadoel enviadoem fecha data datum gesendet envoyé envoyéle inviato verzonden отправлено
    дата skickat sendt wysłano odesláno lähetetty gönderildi gönderilmetarihi tarih đãgửi ngày dikirim terkirim tanggal
    发送时间 发送日期 日期 时间 時間 傳送時間 寄件日期 發送時間 發送日期 寄送時間 送信日時 日付 日時 보낸날짜 날짜
    التاريخ تاريخالإرسال أرسلت"""
_REST = """to para an à a aan кому till til do kime đến tới kepada إلى 收件人 收件者 宛先 받는사람 subject asunto
    assunto betreff objet oggetto onderwerp тема ämne emne temat předmět aihe konu chủđề subjek perihal الموضوع
    主题 主旨 主題 件名 제목"""
_LABEL = re.compile(r"[\s>|*]*([^\W\d_][^:：\n]{0,24}?)[\s*|]*[:：]")
_TABLE_LABEL = re.compile(r"[\s>]*\|\s*([^\W\d_][^|\n]{0,24}?)\s*\|")
_KINDS = {w: kind for kind, words in (("from", _FROM), ("date", _DATE), ("rest", _REST)) for w in words.split()}
_MARKS = (">", ":", "：", "--", "——", "_____", "|")  # without any of them nothing can be quoted
_WORTH_A_LOOK = re.compile(r"^[ \t]*>|[:：]\s*$|[:：][^:：\n]*\n.*[:：]|-{2}|—{2}|_{5}|\|", re.MULTILINE)


def without_quotes(text: str, *, forwarded: bool = False, answers: bool = False) -> str:
    """Return `text` without the earlier messages that it quotes; answers between and below quotes stay.

    With `forwarded`, header blocks stay: the sender shows us somebody else's message. Nothing is left only if
    all of it is marked as quoted by name, or by bars in a message that `answers` another.
    """
    if not any(mark in text for mark in _MARKS) or not _WORTH_A_LOOK.search(text):
        return text
    lines = text.replace("&nbsp;", " ").split("\n")
    start, after = _first_quote(lines, forwarded)
    if start is None:
        kept = _unquoted(lines)
        # Every line carries a bar and nobody is quoted: it is the sender's own way to write.
        return "\n".join(kept) if answers or _says(kept) else "\n".join(x.lstrip("> \t") for x in lines)
    head, rest = lines[:start], lines[after:]
    below = _unquoted(rest)
    if _says(_unquoted(head)) and not _bars_follow(rest):
        return "\n".join(_unquoted(head))
    return "\n".join(_unquoted(head) + below)


def _first_quote(lines: list[str], forwarded: bool) -> tuple[int | None, int]:
    """Return the first line of the first quoted message's header, and the line after that header."""
    for i, line in enumerate(lines):
        if len(line) > _LONGEST_HEADER or line.lstrip().startswith(">"):
            continue
        if line.rstrip().endswith((":", "：")) and (first := _attribution(lines, i)) is not None:
            return first, i + 1
        if forwarded:
            continue
        if _SEPARATOR.match(line):
            return i, _end_of_block(lines, i + 1)
        if _is_block(lines, i):
            return (i - 1 if i and _BAR.match(lines[i - 1]) else i), _end_of_block(lines, i)
    return None, len(lines)


def _attribution(lines: list[str], last: int) -> int | None:
    """Return where the "On … wrote:" that ends on line `last` begins, or None if it is an ordinary sentence."""
    for first in range(last, max(last - 3, -1), -1):
        if not lines[first].strip() or (first < last and lines[first].rstrip().endswith(_ENDS_OF_SENTENCES)):
            break
        joined = " ".join(x.strip() for x in lines[first : last + 1])
        if len(joined) > _LONGEST_HEADER:
            break
        if (first == last or _OPENER.match(joined)) and _is_attribution(joined):
            return first
    own = lines[last].strip()
    named = bool(_MAIL.search(own) and _WROTE.search(own)) or bool(_WROTE.search(own[-24:]) and len(own) < 80)
    return last if named and _bars_follow(lines[last + 1 :]) else None


def _is_attribution(line: str) -> bool:
    """Tell whether `line` names who wrote (address or verb) and when, as mail programs do."""
    if _MAIL.search(line) and _CLOCK_OR_DATE.search(line):
        return bool(_WROTE.search(line) or _ENDS_IN_ADDRESS.search(line))
    dated = _OPENER.match(line) and _CLOCK.search(line) and _DAY.search(line)
    return bool(dated and _WROTE.search(line[-40:]) and _ends_in_verb(line))


def _ends_in_verb(line: str) -> bool:
    """Tell whether nothing but the colon follows the last verb of writing; in German the name follows."""
    last = None
    for last in _WROTE.finditer(line):  # noqa: B007 - only the last one is wanted
        pass
    return last is not None and (not line[last.end() :].strip(" :：") or last.group().lower() in {"schrieb", "skrev"})


def _kind(line: str) -> str | None:
    """Return "from", "date" or "rest" if `line` begins with such a label of a mail header."""
    label = _LABEL.match(line) or _TABLE_LABEL.match(line)
    return _KINDS.get("".join(label.group(1).casefold().split()).strip("*")) if label else None


def _is_block(lines: list[str], first: int) -> bool:
    """Tell whether an Outlook, QQ or Foxmail header block begins: who, when, and to whom or about what."""
    if _kind(lines[first]) != "from":
        return False
    kinds = {_kind(line) for line in lines[first + 1 : first + _BLOCK_LINES] if len(line) <= _LONGEST_HEADER * 4}
    return {"date", "rest"} <= kinds


def _end_of_block(lines: list[str], start: int) -> int:
    """Return the line after the header lines that begin at `start`, blank ones before them included."""
    i = start
    while i < min(start + _BLOCK_LINES + 4, len(lines)) and (not lines[i].strip() or _kind(lines[i])):
        i += 1
    return i


def _unquoted(lines: list[str]) -> list[str]:
    return [x for x in lines if not x.lstrip().startswith(">")]


def _says(lines: list[str]) -> bool:
    return any(x.strip() for x in lines)


def _bars_follow(lines: list[str]) -> bool:
    """Tell whether a "> " line comes next: then the quote is marked, and what is not marked is an answer."""
    return next((x.lstrip().startswith(">") for x in lines if x.strip()), False)
