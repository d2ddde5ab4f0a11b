"""What can go wrong, sorted by what is done about it.

A class is an action: the daemon has one table from class to action (`daemon.ACTIONS`), the
command line one from class to exit code. The first line of a docstring is that action.
"""


class TriageError(Exception):
    """Root of every error that Triage raises on purpose; its text is one line for a person.

    Attributes:
        text: The line with places for the values ("%(n)s cases are marked"): what a page translates.
        values: What is put there; a `Word` of them is translated too.
    """

    def __init__(self, text: str = "", **values: object) -> None:
        """Say `text` with `values` in their places; without values it may hold what it likes."""
        super().__init__(text % values if values else text)
        self.text = text
        self.values = values


class Word(str):
    """A word of the house among the values of an error ("resolved"): said in the reader's language."""

    __slots__ = ()


class ConfigError(TriageError):
    """The configuration cannot be used. The program says why in one line and exits with 78."""


class InUse(TriageError):
    """Another process holds the lease this one needs. The program exits with 75 (try later)."""


class LeaseLost(TriageError):
    """Our lease was taken over while we worked. The transaction is undone and the process ends."""


class StoreDown(TriageError):
    """The store does not answer, or its disk is full. Pulling pauses and the work is tried again."""


class StoreOutdated(ConfigError):
    """The store's tables are of another version. `triage upgrade` brings them up to date."""


class ChannelError(TriageError):
    """Something went wrong with one channel; the other channels go on.

    Attributes:
        channel: The channel's name in the configuration.
    """

    def __init__(self, channel: str, why: str) -> None:
        """Name the channel and say in one line what happened."""
        super().__init__(f"{channel}: {why}")
        self.channel = channel
        self.why = why


class ChannelDown(ChannelError):
    """The channel does not answer now. It is tried again after `retry_after` seconds, or with backoff.

    Attributes:
        retry_after: Seconds the far side asked us to wait; None leaves it to the backoff.
    """

    def __init__(self, channel: str, why: str, retry_after: float | None = None) -> None:
        """As `ChannelError`, with the wait that the far side asked for."""
        super().__init__(channel, why)
        self.retry_after = retry_after


class SendLater(ChannelDown):
    """This one reply is not taken now (its mailbox is full). It is sent again later; the next one goes out."""


class ChannelRefused(ChannelError):
    """The far side refuses us (wrong password, revoked token). A person must act; it is tried slowly."""


class SendRefused(ChannelError):
    """This one reply is refused for good (no such mailbox, blocked). The row says so; nothing is repeated."""


class SendUnknown(ChannelError):
    """The reply may or may not have gone out. It is looked up, counted, and never blindly repeated.

    Attributes:
        known_as: The ids under which an answer would refer to the reply, if it did go out.
    """

    def __init__(self, channel: str, why: str, known_as: tuple[str, ...] = ()) -> None:
        """As `ChannelError`, with the ids the reply would be known by."""
        super().__init__(channel, why)
        self.known_as = known_as


class ModelUnusable(TriageError):
    """The model's files are damaged or not for this version. The last good one stays; else rules only."""
