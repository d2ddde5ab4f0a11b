"""Tables for spreadsheets: CSV (RFC 4180) in which nothing a stranger wrote is taken for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# What spreadsheets take for the beginning of a formula, the full-width forms included, blanks before it or not.
_FORMULA = re.compile(r"\s*[=+\-@|%\t\r\uff1d\uff0b\uff0d\uff20]")
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def csv_of(header: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table as CSV with CRLF, every text quoted, and an apostrophe before what looks like a formula."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return written.getvalue()


def cell(value: object) -> object:
    """Return a value as a cell: numbers as they are, everything else as a text that stays one."""
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    text = _UNSAFE.sub(" ", str(value))
    # Both: a sign that nobody sees may stand before the formula, and becomes a blank.
    formula = _FORMULA.match(str(value)) or _FORMULA.match(text)
    return f"'{text}" if formula and text != "-" else text
