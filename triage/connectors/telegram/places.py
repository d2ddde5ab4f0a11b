"""By what name a chat goes in the ids of its messages: one that no other bot and no other account shares."""

COMMON = "supergroup"
"""The kind of chat whose messages have one number for everybody; in all others each bot counts its own."""


def place(chat: int, kind: str, *, bot: int, business: str = "") -> str:
    """Return the name of a chat of this kind; a business account numbers its messages apart from the bot's own."""
    return f"{business}/{chat}" if business else unnamed(chat) if kind == COMMON else f"bot{bot}/{chat}"


def unnamed(chat: int, business: str = "") -> str:
    """Return the name that a chat went by before the bot was a part of it: what is stored under it must be found."""
    return f"{business}/{chat}" if business else str(chat)
