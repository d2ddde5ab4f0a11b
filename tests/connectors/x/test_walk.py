from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.connectors.x.walk import OVERLAP, Walk, dump, id_at, load, time_of

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
MINUTE = 60_000 << 22


def a_page(timeline: list[int], walk: Walk, size: int) -> tuple[list[int], str]:
    """What X gives: newest first, above the walk's end, below its token."""
    below = int(walk.token) if walk.token else 1 << 63
    left = sorted((number for number in timeline if walk.until < number < below), reverse=True)
    return left[:size], str(left[size - 1]) if len(left) > size else ""


@given(
    arrivals=st.lists(st.integers(0, 30), max_size=12),
    size=st.integers(1, 5),
    crashes=st.sets(st.integers(0, 60)),
    overlap_seen=st.booleans(),
)
def test_no_arrival_page_size_or_crash_skips_a_post(arrivals, size, crashes, overlap_seen):
    timeline = list(range(1000 * MINUTE, 1020 * MINUTE, MINUTE))
    cursor = dump({"mentions": Walk()}, "2026-11-02", 0.0)
    seen: set[int] = set()
    walk = load(cursor)[0]["mentions"]
    for step in range(400):
        if arrivals and step % 2:
            timeline += [max(timeline) + MINUTE + n for n in range(arrivals.pop())]
        ids, token = a_page(timeline, walk, size)
        if step in crashes:
            walk = load(cursor)[0]["mentions"]  # the page was not stored
            continue
        seen |= set(ids)
        walk = walk.after(ids, token)
        cursor = dump({"mentions": walk}, "2026-11-02", 0.0)
        if not arrivals and not walk.token and walk.since == max(timeline):
            break
    assert seen == set(timeline)


def test_what_is_older_than_the_end_ends_the_walk():
    walk = Walk(since=id_at(NOW), floor=id_at(NOW))
    assert walk.after([id_at(NOW + timedelta(hours=1)), id_at(NOW - timedelta(hours=1))], "more").token == ""


def test_the_end_moves_only_when_the_walk_is_over():
    walk = Walk(since=id_at(NOW), newest=id_at(NOW))
    new = id_at(NOW + timedelta(hours=1))
    going = walk.after([new], "more")
    assert (going.since, going.newest) == (walk.since, new)
    assert going.after([new - 1], "").since == new


def test_a_walk_goes_back_a_little_beyond_what_is_stored_but_never_beyond_the_start():
    stored = id_at(NOW)
    assert time_of(Walk(since=stored).until) == NOW - timedelta(seconds=OVERLAP)
    assert Walk(since=stored, floor=stored).until == stored


@pytest.mark.parametrize("cursor", ["", "1001", "[]", "{}", '{"day": 1, "spent": "x"}', '{"mentions": {"a": 1}}'])
def test_a_foreign_cursor_is_refused(cursor):
    with pytest.raises(ValueError):  # noqa: PT011 - json's own error is one
        load(cursor)
