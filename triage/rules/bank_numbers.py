"""Finding card numbers and IBANs in what people write, by their check digits (ISO/IEC 7812, ISO 13616)."""

import re

from stdnum import iban, luhn

from triage.rules.outlines import DIGIT, LETTER, outline
from triage.rules.span import Span

_CARD = re.compile(
    r"[2-6](?<![A-Za-z0-9_.,#-].)\d{3}(?P<gap>[ ./\u2013-]?)"
    r"(?:\d{4}(?P=gap)\d{4}(?P=gap)\d{1,7}(?:(?P=gap)\d{1,3})?|\d{6}(?P=gap)\d{4,5})(?![A-Za-z0-9_-])"
)
_ISSUED = re.compile(r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|3(?:0[0-5]|[68])|6011|6[25]|64[4-9]|35")
_LENGTHS: tuple[tuple[tuple[str, ...], tuple[int, ...]], ...] = (
    (("4",), (13, 16, 19)),
    (("34", "37"), (15,)),
    (("30", "36", "38"), (14,)),
    (("62",), (16, 17, 18, 19)),
    (("",), (16,)),
)
# From its first digit on, before which the country stands: digits are rarer than letters.
_IBAN = re.compile(
    r"\d(?<=[A-Z]{2}\d)(?<![A-Za-z0-9]..\d)\d(?:[ .-]?[A-Z0-9]{4}){2,7}(?:[ .-]?[A-Z0-9]{1,3})?(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"(?:order|ticket|invoice|ref|transac|uid|id|pedido|factura|订单|訂單|单号|單號|流水|交易|注文|주문|заказ)\W{0,4}"
    r"(?:no|nr|number|num|id|número|号|號|номер|is|是|为)?[\s.:：#=]{0,3}\Z",
    re.IGNORECASE,
)
_NAME = 30  # characters before a number in which it is called something else
SHOWN = 4
"""Digits that stay at the end: what banks print, and what agents ask for."""


def find_cards(text: str) -> list[Span]:
    """Return where `text` holds a payment card's number; not one that the text calls an order or an id."""
    return [
        Span(m.start(), m.end())
        for m in _CARD.finditer(text)
        if _is_card(re.sub(r"\D", "", m[0])) and not _OTHER.search(text[max(0, m.start() - _NAME) : m.start()])
    ]


def find_ibans(text: str) -> list[Span]:
    """Return where `text` holds an international bank account number of a country that has them."""
    spans: list[Span] = []
    if text.isascii() and 2 * LETTER + 2 * DIGIT not in outline(text):
        return spans
    for m in _IBAN.finditer(text):
        # A word may follow the number and look like a part of it.
        start = m.start() - 2
        number = text[start : m.end()]
        end = next((at for at in _ends(number) if iban.is_valid(number[:at])), 0)
        spans += [Span(start, start + end)] if end else []
    return spans


def _ends(token: str) -> list[int]:
    return [len(token), *(m.start() for m in reversed(list(re.finditer("[ .-]", token))))]


def _is_card(digits: str) -> bool:
    lengths = next(lengths for beginnings, lengths in _LENGTHS if digits.startswith(beginnings))
    varied = len(set(digits)) > 1
    return len(digits) in lengths and varied and bool(_ISSUED.match(digits)) and bool(luhn.is_valid(digits))
