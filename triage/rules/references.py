"""The identifiers that a text names exactly: what cases are matched by, and what need not be asked for."""

from triage.case import References
from triage.rules import case_number


def find_references(text: str) -> References:
    """Return what `text` names, checked by checksum where one exists."""
    return References(case_numbers=case_number.find(text))
