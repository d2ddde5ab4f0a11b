import time
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from connectors.contract import keys, opened, received, texts
from pydantic import ValidationError

from triage.connectors import Batch
from triage.connectors.x import Settings
from triage.connectors.x.budget import seconds_to_midnight
from triage.errors import ChannelDown, ChannelError, ChannelRefused

private = pytest.mark.parametrize("far", ["private"], indirect=True)


def limited(reset: float | None) -> tuple[int, str, str, dict[str, str]]:
    headers = {} if reset is None else {"x-rate-limit-reset": f"{reset:.0f}"}
    return 429, "Too Many Requests", "Too Many Requests", headers


async def looked(reader: AsyncGenerator[Batch, None], batches: int) -> list[str]:
    """The texts of the next so many batches."""
    return [text for _ in range(batches) for text in texts((await anext(reader)).items)]


class TestWalk:
    async def test_a_backlog_of_three_pages_comes_oldest_first(self, far, api):
        wanted = [f"mention {number}" for number in range(250)]
        for text in wanted:
            api.mention(text)
        items, _ = await received(far.connector(), 250)
        assert texts(items) == wanted

    @pytest.mark.parametrize("far", ["public", "private"], indirect=True)
    async def test_a_crash_after_every_batch_of_a_long_backlog_loses_nothing(self, far, api):
        for number in range(650):
            await far.say(f"number {number}")
        cursor, seen = None, set()
        for crash in range(30):
            connector = far.connector(budget_per_day=100)
            items, after = await received(connector, 1, cursor, stored=False)
            if crash % 3:  # two times of three it dies after the batch was stored, else before
                seen |= set(texts(items))
                cursor = after
            if len(seen) == 650:
                break
        assert len(seen) == 650

    async def test_what_arrives_while_we_walk_down_is_read_next(self, far, api):
        for number in range(350):
            api.mention(f"old {number}")
        reader = opened(far.connector())
        seen: list[str] = []
        while not seen:
            seen += await looked(reader, 1)
        assert len(seen) == 300
        api.mention("meanwhile")
        seen += await looked(reader, 20)
        assert len(seen) == 351
        assert seen[-1] == "meanwhile"
        await reader.aclose()

    async def test_a_post_that_shows_up_late_is_not_skipped(self, far, api):
        now = time.time()
        api.mention("on time", at=now - 60)
        reader = opened(far.connector())
        seen = await looked(reader, 6)
        api.mention("late", at=now - 600)
        assert seen + await looked(reader, 12) == ["on time", "late"]
        await reader.aclose()

    async def test_the_overlap_is_handed_over_once(self, far, api):
        api.mention("once")
        reader = opened(far.connector())
        assert await looked(reader, 12) == ["once"]
        assert api.calls.count("mentions") > 2
        await reader.aclose()

    async def test_a_restart_brings_the_overlap_again_under_the_same_keys(self, far, api):
        api.mention("once")
        first, cursor = await received(far.connector(), 1)
        again, _ = await received(far.connector(), 1, cursor)
        assert keys(first) == keys(again)

    async def test_a_page_whose_name_is_forgotten_is_walked_again_from_the_top(self, far, api):
        for number in range(450):
            api.mention(f"number {number}")
        first, cursor = await received(far.connector(), 1, stored=False)
        api.problems["mentions"] = [(400, "Invalid Request", "the token is over", {})]
        second, cursor = await received(far.connector(), 1, cursor, stored=False)
        third, _ = await received(far.connector(), 1, cursor, stored=False)
        assert len(set(texts([*first, *second, *third]))) == 450

    async def test_a_page_that_is_refused_twice_needs_a_person(self, far, api):
        for number in range(450):
            api.mention(f"number {number}")
        _, cursor = await received(far.connector(), 1, stored=False)
        for _ in range(4):
            api.problems.setdefault("mentions", []).append((400, "Invalid Request", "no", {}))
        with pytest.raises(ChannelRefused):
            await received(far.connector(), 200, cursor)
        assert api.calls.count("mentions") < 10

    async def test_only_what_comes_from_now_on_when_the_settings_say_so(self, far, api):
        api.mention("last week", at=time.time() - 7 * 86400)
        api.message("last week", at=time.time() - 7 * 86400)
        api.mention("five minutes ago", at=time.time() - 300)
        connector = far.connector(start="now")
        reader = opened(connector)
        await anext(reader)
        api.mention("now")
        assert await looked(reader, 9) == ["now"]
        await reader.aclose()

    @private
    async def test_an_old_direct_message_on_the_same_page_is_not_handed_over_again(self, far, api):
        api.message("last week", at=time.time() - 7 * 86400)
        api.message("today")
        _, cursor = await received(far.connector(), 2)
        reader = opened(far.connector(), cursor)
        assert await looked(reader, 6) == ["today"]
        await reader.aclose()

    async def test_what_we_said_ourselves_does_not_come_back(self, far, api):
        api.message("from us", sender=api.me)
        api.mention("RT", referenced_tweets=[{"type": "retweeted", "id": "5"}])
        api.message("from her")
        items, _ = await received(far.connector(), 1)
        assert texts(items) == ["from her"]

    async def test_a_foreign_cursor_is_refused(self, far):
        with pytest.raises(ChannelRefused):
            await received(far.connector(), 1, "1001")


class TestPace:
    async def test_direct_messages_are_asked_for_less_than_fifteen_times_in_fifteen_minutes(self, far, api):
        reader = opened(far.connector())
        for _ in range(500):
            if sum(far.slept) < 890:
                await anext(reader)
        assert api.calls.count("dm_events") <= 15
        assert api.calls.count("mentions") <= 31
        assert max(far.slept) <= 20
        await reader.aclose()

    @pytest.mark.parametrize(("reset", "waited"), [(None, 60), (-500, 60), (300, 300), (86400, 900)])
    async def test_a_limit_is_waited_for_within_reason_and_never_in_a_busy_loop(self, far, api, reset, waited):
        at = None if reset is None else time.time() + reset
        api.problems |= {"mentions": [limited(at)] * 9, "dm_events": [limited(at)] * 9}
        with pytest.raises(ChannelDown) as caught:
            await received(far.connector(), 1)
        assert caught.value.retry_after == pytest.approx(waited, abs=3)
        assert len(api.calls) <= 3

    async def test_a_limit_on_direct_messages_does_not_stop_the_mentions(self, far, api):
        api.problems["dm_events"] = [limited(time.time() + 600)]
        api.mention("I am heard")
        items, _ = await received(far.connector(), 1)
        assert texts(items) == ["I am heard"]

    async def test_when_the_limit_is_over_direct_messages_are_read_again(self, far, api):
        api.problems["dm_events"] = [limited(time.time() + 600)]
        api.message("patience")
        items, _ = await received(far.connector(), 1)
        assert texts(items) == ["patience"]
        assert sum(far.slept) >= 590

    async def test_a_server_that_never_answers_meets_our_deadline(self, far, api):
        connector = far.connector(deadline=0.5)
        api.faults.plan("mentions", "hang")
        with pytest.raises(ChannelDown, match="deadline"):
            await received(connector, 1)


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "error", "words"),
        [
            (401, ChannelRefused, "keys"),
            (402, ChannelRefused, "credits"),
            (403, ChannelRefused, "refuses"),
            (404, ChannelRefused, "refuses"),
            (503, ChannelDown, "trouble"),
        ],
    )
    async def test_each_status_says_who_must_act(self, far, api, status, error, words):
        api.problems["mentions"] = [(status, "Some Problem", "in X's words", {})]
        with pytest.raises(error, match=words) as caught:
            await received(far.connector(), 1)
        assert isinstance(caught.value, ChannelError)

    async def test_a_stranger_who_answers_as_x_is_not_followed(self, far, api):
        api.problems["mentions"] = [(302, "Found", "", {"location": "http://127.0.0.1:9/"})]
        with pytest.raises(ChannelRefused):
            await received(far.connector(), 1)

    def test_settings_without_keys_or_with_both_kinds_are_refused(self, far):
        with pytest.raises(ValidationError, match="either oauth1 or oauth2"):
            Settings()
        with pytest.raises(ValidationError, match="nothing to read"):
            Settings(**far.way_in(), mentions=False, direct_messages=False)


class TestBudget:
    async def test_reading_stops_at_nine_tenths_until_midnight_and_says_so(self, far, api):
        for number in range(60):
            api.mention(f"number {number}")
        connector = far.connector(budget_per_day=0.1)
        _, cursor = await received(connector, 60, stored=False)
        with pytest.raises(ChannelDown, match="budget") as caught:
            await received(far.connector(budget_per_day=0.07), 1, cursor)
        assert caught.value.retry_after == pytest.approx(seconds_to_midnight(far.now()), abs=5)
        far.skipped = timedelta(days=1)
        api.mention("the next day")
        items, _ = await received(far.connector(budget_per_day=0.07), 1, cursor)
        assert "the next day" in texts(items)

    async def test_a_restart_does_not_double_the_budget(self, far, api):
        for number in range(50):
            api.mention(f"number {number}")
        _, cursor = await received(far.connector(), 50)
        restarted = far.connector()
        await received(restarted, 1, cursor, stored=False)
        assert restarted._budget.spent >= 0.05

    @private
    async def test_a_message_that_is_read_again_the_same_day_costs_once(self, far, api):
        api.message("hello")
        connector = far.connector()
        reader = opened(connector)
        await looked(reader, 40)
        assert api.calls.count("dm_events") > 3
        assert connector._budget.spent == pytest.approx(0.010 + 0.010)  # who we are, and the message
        await reader.aclose()

    async def test_the_state_is_shown(self, far):
        connector = far.connector()
        line = await connector.check()
        assert line.startswith("@desk, 0.01 of 5.00 spent today in 1 requests")
        assert connector.status in line
