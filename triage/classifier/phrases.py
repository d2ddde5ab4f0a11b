"""How the words of `situations.toml` become patterns: alternatives, endings left open, languages without spaces."""

import re

from triage.classifier.folding import fold_text

SPACELESS = frozenset({"zh", "ja"})


def alternatives(words: str, tongue: str) -> str:
    """Return the pattern of "a|b*": a word matches whole unless it ends in "*"."""
    spaceless = tongue in SPACELESS
    return "(?:" + "|".join(_word(word.strip(), spaceless=spaceless) for word in words.split("|")) + ")"


def literal(word: str) -> str:
    """Return a word as it looks in a folded text."""
    return fold_text(word.replace("*", "").strip())


def _word(word: str, *, spaceless: bool) -> str:
    """Return the pattern of one alternative."""
    exact = re.escape(literal(word))
    if spaceless:
        return exact
    return rf"(?<!\w){exact}" + (r"\w*" if word.endswith("*") else r"(?!\w)")
