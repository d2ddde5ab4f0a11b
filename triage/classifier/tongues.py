"""Languages as the lists of words know them: without script or country, "zh" for "zh-Hans"."""

from collections.abc import Container


def own_tongue(language: str) -> str:
    """Return a language (BCP 47) as lists of words know it."""
    return language.split("-", maxsplit=1)[0]


def with_english(language: str, known: Container[str]) -> tuple[str, ...]:
    """Return a text's own language, if it is one of the `known`, and English: its words stand in texts of all."""
    own = own_tongue(language)
    return (own, "en") if own in known and own != "en" else ("en",)
