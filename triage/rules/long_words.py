"""How long the longest word of a text is: keys are long, and most texts hold no word as long as one."""

from functools import lru_cache


@lru_cache(maxsize=4)  # several rules ask it of one text
def longest(text: str) -> int:
    """Return how many characters stand together without a blank at most."""
    return max(map(len, text.split()), default=0)
