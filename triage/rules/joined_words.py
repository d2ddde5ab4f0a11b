"""Recovery phrases written without a blank between their words."""

from triage.rules.word_lists import LENGTHS, WORDED, places_of

LEAST_LETTERS = 36
"""Letters of the shortest phrase: twelve words of three."""

_MOST_LETTERS = 240


def is_phrase(word: str) -> bool:
    """Tell whether `word` is twelve to twenty-four words of one list without spaces."""
    if not LEAST_LETTERS <= len(word) <= _MOST_LETTERS:
        return False
    counts = sum(1 << length for length in LENGTHS)
    return any(_counts(word, places_of(language), anywhere=False)[-1] & counts for language in WORDED)


def holds_phrase_in_kana(word: str) -> bool:
    """Tell whether some part of a run of kana is at least twelve words of the Japanese list."""
    word = word[: 4 * _MOST_LETTERS]
    return any(counts >> LENGTHS[0] for counts in _counts(word, places_of("japanese"), anywhere=True))


def _counts(word: str, places: dict[str, int], *, anywhere: bool) -> list[int]:
    """Return for each place in `word` the numbers of words that may end there, as bits."""
    counts = [0] * (len(word) + 1)
    counts[0], farthest = 1, 0
    for start in range(len(word)):
        if start > farthest and not anywhere:
            break  # no word ends from here on: most long words are none of these from their third letter
        counts[start] |= anywhere
        if counts[start]:
            for end in range(start + 2, min(start + 17, len(word)) + 1):
                if word[start:end] in places:
                    counts[end] |= counts[start] << 1 & 0x1FFFFFF
                    farthest = max(farthest, end)
    return counts
