import time
from datetime import UTC, datetime
from typing import Any

import pytest
from builders import a_reply, an_address

from triage.connectors import module_of
from triage.connectors.x.text import weight
from triage.demo import x_api
from triage.errors import ChannelDown, ChannelRefused, SendRefused, SendUnknown
from triage.message import Reply

private = pytest.mark.parametrize("far", ["private"], indirect=True)
both = pytest.mark.parametrize("far", ["public", "private"], indirect=True)


def a_public_reply(post: str, text: str = "Please write to us privately.", author: str = "7", **other: Any) -> Reply:
    to = an_address(author, "x", handle=f"user{author}")
    reply_to = {"post": post, "author": author}
    return a_reply(text, channel="wallet-x", to=to, reply_to=reply_to, created_at=datetime.now(UTC), **other)


def a_private_reply(text: str = "We have your message, T7K.", **other: Any) -> Reply:
    reply_to = {"dm": "7-99", "author": "7"}
    return a_reply(
        text,
        channel="wallet-x",
        to=an_address("7", "x"),
        created_at=datetime.now(UTC),
        **({"reply_to": reply_to} | other),
    )


def a_reply_on(far: Any, **other: Any) -> Reply:
    return a_private_reply(**other) if far.private else a_public_reply(far.api.mention("@desk help"), **other)


async def test_a_mention_is_answered_under_it_and_by_name(far, api):
    post = api.mention("@desk help")
    sent = await far.connector().send(a_public_reply(post))
    assert api.posts[0]["reply"] == {"in_reply_to_tweet_id": post}
    assert api.posts[0]["text"] == "@user7 Please write to us privately."
    assert sent.known_as == (f"x:{api.posts[0]['id']}",)


async def test_the_same_sentence_reaches_every_customer(far, api):
    connector = far.connector()
    for author in ("7", "8", "9"):
        await connector.send(a_public_reply(api.mention("@desk help", author=author), author=author))
    assert len(api.posts) == 3


async def test_a_direct_message_is_answered_in_its_conversation(far, api):
    sent = await far.connector().send(a_private_reply())
    assert api.posts[0]["dm"] == "7-99"
    assert sent.known_as == (f"x:{api.posts[0]['id']}",)


async def test_a_person_without_a_message_gets_a_direct_one(far, api):
    await far.connector().send(a_private_reply(reply_to={}))
    assert api.posts[0]["dm"] == "7-99"


async def test_a_public_reply_fits_into_a_post(far, api):
    await far.connector().send(a_public_reply(api.mention("@desk"), "你好 " * 200))
    assert weight(api.posts[0]["text"]) <= 280


@both
async def test_accepted_and_then_dropped_is_found_again(far, api):
    connector = far.connector()
    reply = a_reply_on(far)
    api.faults.plan("dm" if far.private else "post", "drop after accepting")
    with pytest.raises(SendUnknown):
        await connector.send(reply)
    found = await connector.find_sent(reply)
    assert found is not None
    assert found.known_as == (f"x:{api.posts[0]['id']}",)


@both
async def test_dropped_before_it_was_accepted_is_known_not_to_have_gone_out(far, api):
    connector = far.connector()
    reply = a_reply_on(far)
    api.faults.plan("dm" if far.private else "post", "drop")
    with pytest.raises(SendUnknown):
        await connector.send(reply)
    assert await connector.find_sent(reply) is None
    assert await connector.send(reply)


@both
async def test_an_old_reply_with_the_same_words_is_not_taken_for_it(far, api):
    old = a_reply_on(far)
    connector = far.connector()
    await connector.send(old)
    other = a_private_reply(text="We have your message, ABC.") if far.private else a_public_reply(api.mention("again"))
    assert await connector.find_sent(other) is None


async def test_a_duplicate_after_a_lost_answer_means_that_it_was_posted(far, api):
    connector = far.connector()
    reply = a_public_reply(api.mention("@desk help"), attempts=2)
    api.faults.plan("post", "drop after accepting")
    with pytest.raises(SendUnknown):
        await connector.send(reply)
    sent = await connector.send(reply)
    assert sent.known_as == (f"x:{api.posts[0]['id']}",)
    assert len(api.posts) == 1


async def test_words_that_x_does_not_take_twice_are_refused(far, api):
    connector = far.connector()
    await connector.send(a_public_reply(api.mention("@desk help")))
    with pytest.raises(SendRefused, match="once a day"):
        await connector.send(a_public_reply(api.mention("@desk help again")))


@both
@pytest.mark.parametrize(
    ("problem", "error"),
    [
        ((403, "Forbidden", "Reply to this conversation is not allowed"), SendRefused),
        ((403, "Unsupported Authentication", "App-only is forbidden"), ChannelRefused),
        ((400, "Invalid Request", "One or more parameters"), SendRefused),
        ((402, "Payment Required", "credits"), ChannelRefused),
        ((429, "Too Many Requests", "wait"), ChannelDown),
        ((503, "Service Unavailable", "over capacity"), SendUnknown),
    ],
)
async def test_each_refusal_says_what_becomes_of_the_reply(far, api, problem, error):
    api.problems["dm" if far.private else "post"] = [(*problem, {})]
    with pytest.raises(error):
        await far.connector().send(a_reply_on(far))
    assert not api.posts


async def test_a_hanging_send_is_unknown_within_the_deadline(far, api):
    api.faults.plan("post", "hang")
    with pytest.raises(SendUnknown, match="deadline"):
        await far.connector(deadline=0.5).send(a_public_reply(api.mention("@desk help")))


async def test_the_budget_stops_replies_too_and_says_until_when(far, api):
    connector = far.connector(budget_per_day=0.02)
    await connector.send(a_private_reply())
    with pytest.raises(ChannelDown, match="budget"):
        await connector.send(a_private_reply("another"))
    assert len(api.posts) == 1


async def test_an_agents_long_direct_message_is_cut_to_what_x_takes(far, api):
    await far.connector().send(a_private_reply("word " * 4000))
    assert len(api.posts[0]["text"]) == 10_000


@pytest.mark.parametrize("far", ["oauth2"], indirect=True)
@pytest.mark.parametrize("fault", ["html", "truncated", "drop", "list"])
async def test_without_an_access_token_nothing_went_out(far, api, fault):
    api.faults.plan("token", fault)
    with pytest.raises(ChannelDown, match="access token"):
        await far.connector().send(a_private_reply())
    assert not api.posts


async def test_too_many_posts_since_then_to_tell(far, api):
    connector = far.connector(budget_per_day=100)
    post = api.mention("@desk help")
    for number in range(101):
        await connector.send(a_public_reply(post, f"reply {number}"))
    with pytest.raises(SendUnknown, match="too much"):
        await connector.find_sent(a_public_reply(post, "never sent"))


async def test_an_unanswered_look_up_is_tried_again(far, api):
    api.faults.plan("timeline", "html")
    with pytest.raises(ChannelDown):
        await far.connector().find_sent(a_public_reply(api.mention("@desk help")))


@pytest.mark.parametrize("others", [None, "none", [None], [{"type": "replied_to"}]])
async def test_a_post_that_says_oddly_what_it_answers_is_not_taken_for_the_reply(far, api, monkeypatch, others):
    connector, reply = far.connector(), a_public_reply(api.mention("@desk help"))
    await connector.send(reply)
    monkeypatch.setattr(x_api, "_answered", lambda _: {"referenced_tweets": others})
    assert await connector.find_sent(reply) is None


def test_the_kind_is_found_by_its_name(far):
    connector = module_of("x").connect("wallet-x", far.connector()._settings)
    assert (connector.name, connector.kind, connector.answers_through) == ("wallet-x", "x", "wallet-x")


@private
async def test_a_direct_message_behind_more_than_a_page_of_others_may_have_gone_out(far, api):
    connector, reply = far.connector(), a_private_reply()
    await connector.send(reply)
    for number in range(60):
        api.message(f"hello? {number}")
    with pytest.raises(SendUnknown):
        await connector.find_sent(reply)


@private
async def test_a_direct_message_that_is_not_among_those_since_it_was_written_did_not_go_out(far, api):
    for number in range(60):
        api.message(f"long ago {number}", at=time.time() - 86400)
    assert await far.connector().find_sent(a_private_reply()) is None
