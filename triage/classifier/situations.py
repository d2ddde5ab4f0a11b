"""The phrases by which people tell of an urgent situation, language by language. Data, read by `urgency.py`.

A line is one phrase: groups of alternatives ("a|b") in order, ".." where a few words may stand between; a word
ending in "*" matches every word that begins so. Case, accents and traditional characters do not matter.
Chinese traditional reads the phrases of "zh". A phrase belongs here only if its situation is clear from it alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from triage.case import Urgency

# What `rules.secrets` puts in a secret's place.
PLACEHOLDER = re.compile(r"\[[^\]\n]{0,40}(?:seed|phrase|private key|keystore)[^\]\n]{0,40} removed\]")


@dataclass(frozen=True, eq=False)
class Kind:
    """One situation: how urgent it is, how it is told to an agent, and its phrases by language."""

    code: str
    urgency: Urgency
    category: str
    text: str
    phrases: Mapping[str, str]


# Standing shortly before a phrase, they take it back or make it a mere possibility.
DENIALS: Mapping[str, str] = {
    "en": "not|never|isnt|wasnt|havent|hasnt|didnt|arent|werent|no longer|if|in case|could|might|avoid|prevent|"
    "without being|how do i know|protect*|heard that|worried about|afraid of",
    "zh": "没有|没|不是|并非|如果|假如|万一|会不会|是否|怕|防止|避免|担心|曾经",
}

# Standing anywhere after it, they say that it is over.
ENDINGS: Mapping[str, str] = {
    "en": "got it back|all good now|solved now|resolved now|is fixed now|false alarm|it was me|was my own mistake",
    "zh": "已经解决|已解决|找回来了|虚惊一场|是我自己弄的",
}

SITUATIONS: tuple[Kind, ...] = ()
