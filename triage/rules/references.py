"""The identifiers that a text names exactly: what cases are matched by, and what need not be asked for."""

import re
import unicodedata

from triage.case import References
from triage.rules import case_number, money, wallet_addresses
from triage.rules.hints import holds_any

_MOST = 20  # of a kind: a pasted table is no description of a matter
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}")
_CODE = re.compile(r"\d[\dA-Za-z-]{3,38}")
_OF_CODES = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
_LABEL = re.compile(
    r"""(?:\#|\b(?:order|ticket|invoice|reference|ref|request|withdrawal|deposit|payment|transaction|case|pedido|orden
    |factura|boleto|commande|rechnung|bestellung|заказ[а-я]{0,3}|заявк[а-я]{0,3})|注文|주문|订单|訂單|工单|工單|单|單|流水
    |编|編|交易|提现|提現)
    (?:\s?(?:no|nr|nº|n°|number|num|id|code|número|numero|nummer|номер|番号|번호|号码|號碼|号|號)\.?)?
    [\s:：\#=是为為]{0,3}$""",
    re.IGNORECASE | re.VERBOSE,
)
_WORDS_OF_LABELS = """# order ticket invoice ref request withdrawal deposit payment transaction
    case pedido orden factura boleto commande rechnung bestellung заказ заявк 注文 주문 订单 訂單
    工单 工單 单 單 流水 编 編 交易 提现 提現"""
_HINTS = tuple(_WORDS_OF_LABELS.split())  # one of them is in each, small
_LONGEST_LABEL, _LONGEST_BEGINNING = 40, 20
_DIGIT = re.compile(r"\d")


def find_references(text: str) -> References:
    """Return what `text` names, checked by checksum where one exists.

    Read with full-width letters and digits as ordinary ones; of each kind the first `_MOST`.
    """
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    about = money.find(plain)
    if not _DIGIT.search(plain):
        return References(coins=about.coins[:_MOST], networks=about.networks[:_MOST], emails=_emails(plain))
    numbers = case_number.find(text)  # as it was written: it has its own way with "№", which would stick to a number
    on_chain = wallet_addresses.find(plain)
    return References(
        case_numbers=numbers[:_MOST],
        transactions=on_chain.transactions[:_MOST],
        addresses=on_chain.addresses[:_MOST],
        amounts=about.amounts[:_MOST],
        coins=about.coins[:_MOST],
        networks=about.networks[:_MOST],
        emails=_emails(plain),
        orders=_orders(plain, numbers),
    )


def _emails(text: str) -> tuple[str, ...]:
    found = (address.lower().rstrip(".-") for address in _MAIL.findall(text)) if "@" in text else ()
    return tuple(dict.fromkeys(found))[:_MOST]


def _orders(text: str, case_numbers: tuple[str, ...]) -> tuple[str, ...]:
    """Return numbers that follow a word for "order" or a "#", but for case numbers of ours and hashes."""
    ours = {part for number in case_numbers for part in (number, *number.split("-"))}
    found = []
    for code in _CODE.finditer(text):
        start = _beginning(text, code.start())
        number = text[start : code.end()].strip("-").upper()
        if number in ours or len(number) >= 36 or sum(map(str.isdigit, number)) < 4:
            continue
        before = text[max(0, start - _LONGEST_LABEL) : start]
        if holds_any(before, _HINTS) and _LABEL.search(before):
            found.append(number)
    return tuple(dict.fromkeys(found))[:_MOST]


def _beginning(text: str, digit: int) -> int:
    """Return where the code begins of which a digit stands at `digit`: with the letters right before it."""
    before = text[max(0, digit - _LONGEST_BEGINNING) : digit]
    return digit - len(before[len(before.rstrip(_OF_CODES)) :].lstrip("-"))
