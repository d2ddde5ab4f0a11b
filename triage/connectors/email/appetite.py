"""How much mail is asked for at once: less once the line was too slow for it, so that it always makes headway. Pure."""

from dataclasses import dataclass

from triage.connectors.mime import LARGEST

MOST = 32 * 1024 * 1024
BEGINNING = 256 * 1024
"""Bytes that are read of a mail that is too big."""

PATIENCE = 3
"""So often in a row must the line have been too slow before a mail is read in part that could be read whole."""


@dataclass(slots=True)
class Appetite:
    """How much one account is asked for.

    Attributes:
        most: Bytes of all the mails of one question.
        missed: How often in a row the answer did not come in time.
    """

    most: int = MOST
    missed: int = 0

    def too_much(self) -> None:
        """Ask for less: the answer did not come in time."""
        self.most = max(self.most // 4, BEGINNING)
        self.missed += 1

    def enough(self) -> None:
        """Ask for more again: the answer came."""
        self.most = min(self.most * 2, MOST)
        self.missed = 0

    def is_too_big(self, size: int) -> bool:
        """Tell whether only the beginning of a mail is read."""
        return size > LARGEST or (size > BEGINNING and self.missed >= PATIENCE)
