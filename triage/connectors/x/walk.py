"""Where we are in a timeline that X gives newest first, page by page: pure.

X's own advice, to remember the newest id, loses messages: newest of page 1 stored, crash, and pages 2 and 3
are never seen. So `since` stays where it is while we walk down, and moves only when the walk has reached it.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

EPOCH = 1288834974657
"""Milliseconds since 1970 at which X's ids begin; an id's upper bits count milliseconds from there."""

OVERLAP = 15 * 60
"""Seconds that each walk goes back beyond `since`: a post may appear in the timeline after newer ones did."""


def id_at(moment: datetime) -> int:
    """Return the smallest id that X gives at `moment`."""
    return max(0, int(moment.timestamp() * 1000) - EPOCH) << 22


def time_of(number: int) -> datetime:
    """Return when X gave an id."""
    return datetime.fromtimestamp(((number >> 22) + EPOCH) / 1000, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A place in one timeline.

    Attributes:
        floor: Older than this is of no interest, ever: where the first run began.
        since: Everything up to this id is stored.
        newest: The highest id seen on this walk; it becomes `since` when the walk ends.
        token: Names the next page down; empty between two walks.
    """

    floor: int = 0
    since: int = 0
    newest: int = 0
    token: str = ""

    @property
    def until(self) -> int:
        """Return the id down to which this walk goes; 0 for as far as X gives."""
        return max(self.floor, self.since - (OVERLAP * 1000 << 22), 0)

    def after(self, ids: Collection[int], token: str) -> "Walk":
        """Return the place after a page with these ids, which names `token` as the next."""
        newest = max(self.newest, self.since, *ids) if ids else max(self.newest, self.since)
        if token and not any(number <= self.until for number in ids):
            return replace(self, newest=newest, token=token)
        return Walk(floor=self.floor, since=newest, newest=newest)

    def again(self) -> "Walk":
        """Return the same walk from its top: X no longer knows the page's name."""
        return replace(self, token="")


def dump(walks: Mapping[str, Walk], day: str, spent: float) -> str:
    """Return the cursor: every walk, and what the day has cost, so that a restart does not double the budget."""
    return json.dumps({"day": day, "spent": spent} | {name: asdict(walk) for name, walk in walks.items()})


def load(cursor: str) -> tuple[dict[str, Walk], str, float]:
    """Return the walks by name, the day and its cost; raises `ValueError` when the cursor is not one of ours."""
    try:
        values = json.loads(cursor)
        walks = {name: Walk(**value) for name, value in values.items() if isinstance(value, dict)}
        return walks, str(values["day"]), float(values["spent"])
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a cursor of an X channel: {type(error).__name__}") from None
