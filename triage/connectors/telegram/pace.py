"""How fast one bot may speak: pure, the clock is the caller's."""

PER_CHAT = 1.0
"""Seconds between two messages in one private chat (https://core.telegram.org/bots/faq#broadcasting-to-users)."""

PER_GROUP = 3.0
"""Seconds between two messages in one group: at most 20 a minute."""

OVERALL = 1 / 25
"""Seconds between any two messages; Telegram allows about 30 a second."""


class Pace:
    """Remembers when each chat may be written to again."""

    def __init__(self) -> None:
        """Start with everything allowed."""
        self._free_at: dict[int, float] = {}
        self._next = 0.0

    def wait(self, chat: int, now: float) -> float:
        """Return the seconds to wait before writing to `chat`, and count that message as written then."""
        start = max(now, self._next, self._free_at.get(chat, 0.0))
        self._free_at = {other: free for other, free in self._free_at.items() if free > now}
        self._free_at[chat] = start + (PER_CHAT if chat > 0 else PER_GROUP)
        self._next = max(now, self._next) + OVERALL
        return start - now
