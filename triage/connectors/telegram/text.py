"""Telegram's idea of how long a text is."""

LONGEST = 4096
"""UTF-16 units in one message."""


def units(text: str) -> int:
    """Return the length in UTF-16 units: an emoji counts two."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, longest: int = LONGEST) -> list[str]:
    """Return the text in parts of at most `longest` units, cut at a paragraph, line or word where there is one.

    >>> cut("one two three", 8)
    ['one two', 'three']
    """
    parts = []
    while units(text) > longest:
        head = _head(text, longest)
        at = max(head.rfind("\n\n"), 0) or max(head.rfind("\n"), head.rfind(" "), 0) or len(head)
        parts.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*parts, text] if text or not parts else parts


def _head(text: str, longest: int) -> str:
    """Return the longest beginning of at most `longest` units."""
    used = 0
    for index, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > longest:
            return text[:index]
    return text
