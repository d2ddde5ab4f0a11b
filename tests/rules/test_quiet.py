from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from triage.rules.quiet import Quiet

NIGHT = Quiet(start=time(22), end=time(7, 30), zone=ZoneInfo("Europe/Madrid"))
NOON = Quiet(start=time(12), end=time(14), zone=UTC)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (NIGHT, "2026-11-02T20:59", None),
        (NIGHT, "2026-11-02T21:00", "2026-11-03T06:30"),  # 22:00 in Madrid
        (NIGHT, "2026-11-03T03:00", "2026-11-03T06:30"),
        (NIGHT, "2026-11-03T06:30", None),
        (NIGHT, "2026-03-28T22:00", "2026-03-29T05:30"),  # the night an hour is left out
        (NIGHT, "2026-10-24T21:00", "2026-10-25T06:30"),  # the night an hour comes twice
        (NOON, "2026-11-02T11:59", None),
        (NOON, "2026-11-02T12:00", "2026-11-02T14:00"),
        (NOON, "2026-11-02T14:00", None),
    ],
)
def test_quiet_hours_end_by_the_clock_of_their_zone(quiet, now, until):
    assert quiet.until(at(now)) == (until and at(until))


def test_the_end_of_quiet_hours_is_never_before_now_and_less_than_a_day_away():
    for hour in range(24 * 14):
        now = datetime.fromtimestamp(1_774_000_000 + hour * 3600, UTC)
        end = NIGHT.until(now)
        assert end is None or 0 < (end - now).total_seconds() < 86400
