"""Whose turn it is: who writes a thousand messages waits for their end herself, and nobody else does.

Every waiting message has a turn, given once: the one behind its sender's last, and never one of those that are being
handled. The lowest comes first. So a sender who has more than one message waiting gets one place in each round, her own
messages stay in their order, and no round grows once it has begun: nobody waits for ever.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from triage.message import Address


def line_of(sender: Address) -> int:
    """Return the line that a sender stands in: one for an address, whatever follows a "+" in it; 64 bits, signed."""
    value = sender.value.casefold()
    if sender.kind == "email":
        name, at, domain = value.rpartition("@")
        value = f"{name.partition('+')[0] or name}{at}{domain}"
    words = f"{sender.kind}:{value}".encode("utf-8", "surrogatepass")
    return int.from_bytes(sha256(words).digest()[:8], signed=True)


def given(lines: Sequence[int], last: Mapping[int, int], round_: int) -> list[int]:
    """Return the turns of messages that come in now, in order.

    Args:
        lines: Whose they are.
        last: The last turn that waits of each line of which something waits.
        round_: The lowest turn that waits; 0 when nothing does.
    """
    taken, turns = dict(last), []
    for line in lines:
        taken[line] = turn = max(taken.get(line, 0), round_) + 1
        turns.append(turn)
    return turns
