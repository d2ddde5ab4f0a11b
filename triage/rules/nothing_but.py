"""Whether a text is made of certain words and of nothing else."""

import re


class NothingBut:
    """The words that such a text may have; one that says anything else makes it a text of its own."""

    def __init__(self, words: str, pieces: str) -> None:
        """Take what stands between blanks, and the pieces of scripts that write none: those may stand anywhere."""
        self._words = re.compile(rf"\b(?:{_longest_first(words)})\b")
        self._pieces = re.compile(_longest_first(pieces))

    def is_all_of(self, text: str) -> bool:
        """Tell whether no letter or digit is left of `text` without them; so it is where nothing is said at all."""
        rest = self._pieces.sub(" ", self._words.sub(" ", text.casefold()))
        return not any(letter.isalnum() for letter in rest)


def _longest_first(words: str) -> str:
    return "|".join(sorted(map(re.escape, words.split()), key=len, reverse=True))
