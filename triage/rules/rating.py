"""How a customer liked our help: one digit, told once a case."""

import re
import unicodedata
from collections.abc import Sequence

from triage.case import Case, Reading, Status
from triage.message import Message
from triage.rules.text import one_line

MOST = 5
TAP = "rate_"
"""A command that rates, without its slash, begins so; the digit follows."""

TAPS = " ".join(f"/{TAP}{score}" for score in range(1, MOST + 1))

_DIGIT = re.compile(rf"\s*(?:/{TAP})?(\d)(?:\s*/\s*5)?\s*[.!。]?\s*")
_STARS = re.compile(r"\s*([★⭐🌟]{1,5})\s*")
_UNSEEN = str.maketrans("", "", "\ufe0e\ufe0f\u20e3")  # what makes a digit a picture of one


def score(message: Message, reading: Reading) -> int:
    """Return the 1 to 5 that is all there is to a message, or 0.

    A command, a digit of any script, or as many stars; "4/5" is 4.
    """
    if message.public or message.edited or message.attachments:
        return 0
    if message.command:
        digit = message.command.removeprefix(TAP)
        return _within(digit) if message.command.startswith(TAP) and not reading.text else 0
    said = reading.text.removeprefix(one_line(message.subject)).translate(_UNSEEN)
    if stars := _STARS.fullmatch(said):
        return len(stars[1])
    digit_ = _DIGIT.fullmatch(unicodedata.normalize("NFKC", said))
    return _within(digit_[1]) if digit_ else 0


def rated_case(message: Message, threaded: Sequence[Case], own: Sequence[Case]) -> Case | None:
    """Return the case that a rating is of: the one whose message it answers, else the sender's newest in a chat.

    `threaded` are cases she wrote in and this message answers, `own` all of hers, newest first. None when nobody
    waits for a rating: the digit is then a message like any other. An agent must have answered, and no rating is
    told twice.
    """
    chat = message.kind != "email"
    asked = [case for case in (*threaded, *(own[:1] if chat and not threaded else ())) if _waits(case)]
    if not asked and message.command:
        asked = [case for case in own if _waits(case)]
    return asked[0] if asked else None


def _waits(case: Case) -> bool:
    return case.status is Status.RESOLVED and case.first_answered_at is not None and case.rating is None


def _within(digit: str) -> int:
    value = int(digit) if digit.isdecimal() and len(digit) == 1 else 0
    return value if value <= MOST else 0
