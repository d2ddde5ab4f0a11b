from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from triage.connectors.x.posts import read_direct, read_mention, unreadable
from triage.connectors.x.walk import id_at

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
ID = str(id_at(NOW))
ANN = {"7": {"id": "7", "name": "Ann", "username": "ann7"}}


def mention(**fields: Any) -> Any:
    raw = {"id": ID, "author_id": "7", "text": "@desk my coins are gone", "conversation_id": "55", "lang": "es"}
    return read_mention(raw | fields, ANN, "99", "wallet-x", NOW)


def direct(**fields: Any) -> Any:
    raw = {"id": ID, "event_type": "MessageCreate", "sender_id": "7", "text": "hi", "dm_conversation_id": "7-99"}
    return read_direct(raw | fields, ANN, "99", "wallet-x", NOW)


def test_a_mention_is_public_and_belongs_to_its_conversation():
    message = mention(referenced_tweets=[{"type": "replied_to", "id": "54"}, {"type": "quoted", "id": "12"}])
    assert message.public
    assert (message.external_id, message.known_as, message.refers_to) == (ID, (f"x:{ID}",), ("x:54",))
    assert (message.conversation, message.language_hint) == ("x:55", "es")
    assert (message.sender.key, message.sender.name, message.sender.handle) == ("x:7", "Ann", "ann7")
    assert message.sent_at == message.arrived_at == NOW
    assert message.reply_to == {"post": ID, "author": "7"}


def test_a_direct_message_is_private_and_ties_itself_to_the_post_that_came_with_it():
    message = direct(referenced_tweets=[{"id": "54"}])
    assert not message.public
    assert (message.conversation, message.refers_to) == ("x:dm:7-99", ("x:54",))
    assert message.reply_to == {"dm": "7-99", "author": "7"}


def test_our_own_words_reposts_and_comings_and_goings_are_no_messages():
    assert mention(author_id="99") is None
    assert mention(referenced_tweets=[{"type": "retweeted", "id": "54"}]) is None
    assert direct(sender_id="99") is None
    assert direct(event_type="ParticipantsJoin", text=None) is None


def test_the_whole_of_a_long_post_is_read():
    assert mention(note_tweet={"text": "y" * 25_000}).text == "y" * 25_000


def test_an_edited_post_is_a_version_of_the_earlier_one():
    message = mention(edit_history_tweet_ids=["54", ID])
    assert message.edited
    assert message.known_as == (f"x:{ID}", "x:54")


def test_three_characters_are_given_back_as_typed():
    assert mention(text="1 &lt; 2 &gt; 0 &amp;lt;").text == "1 < 2 > 0 &lt;"


@pytest.mark.parametrize(("said", "meant"), [("in", "id"), ("und", ""), ("qme", ""), ("zxx", ""), ("zh", "zh")])
def test_languages_have_their_usual_names(said, meant):
    assert mention(lang=said).language_hint == meant


def test_files_come_along():
    assert [file.name for file in mention(attachments={"media_keys": ["3_1", "3_2"]}).attachments] == ["3_1", "3_2"]
    assert direct(text="", attachments={"media_keys": ["3_1"]}).attachments


def test_a_lone_surrogate_is_no_poison():
    assert mention(text="a\ud800b").text == "a\ud800b"


@pytest.mark.parametrize(
    "fields", [{"text": None}, {"id": 5}, {"id": "abc"}, {"author_id": None}, {"author_id": "../1"}]
)
def test_poison_is_refused_and_its_reason_holds_nothing_of_it(fields):
    with pytest.raises(ValidationError) as caught:
        mention(**fields)
    kept = unreadable({"text": "my seed phrase"} | fields, caught.value, "wallet-x", NOW)
    assert kept.original
    assert "\n" not in kept.why
    assert "seed" not in kept.why


@pytest.mark.parametrize("fields", [{"dm_conversation_id": "../../x"}, {"sender_id": "7/8"}, {"text": 5}])
def test_nothing_but_numbers_becomes_part_of_an_address(fields):
    with pytest.raises(ValidationError):
        direct(**fields)
