import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from triage.connectors.telegram.updates import Reader, blocked, in_album, read
from triage.demo.telegram_api import BOT_ID, TelegramApi
from triage.message import Message, Unreadable

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
READER = Reader(channel="wallet-bot", bot_id=BOT_ID, username="deskbot")
GROUP = -100123
ANN = {"id": 7, "is_bot": False, "first_name": "Ann", "language_code": "zh-hans"}


def a_post(text: str | None = "My coins are gone", **fields: Any) -> dict[str, Any]:
    place = fields.pop("chat", None)
    if isinstance(place, dict):
        return TelegramApi().post(text, **({"message_id": 50} | fields)) | {"chat": place}
    return TelegramApi().post(text, chat=place, **({"message_id": 50} | fields))


def an_update(text: str | None = "My coins are gone", *, field: str = "message", **fields: Any) -> dict[str, Any]:
    return {"update_id": fields.pop("update_id", 9), field: a_post(text, **fields)}


def read_one(update: Any) -> Message:
    (item,) = read([update], READER, NOW)
    assert isinstance(item, Message)
    return item


def mention(text: str, name: str = "@deskbot") -> list[dict[str, Any]]:
    offset = len(text[: text.index(name)].encode("utf-16-le")) // 2
    return [{"type": "mention", "offset": offset, "length": len(name)}]


def test_a_private_message_says_who_wrote_what_where():
    message = read_one(an_update("我的币没有到账", **{"from": ANN}, date=1_790_000_000))
    assert message.text == "我的币没有到账"
    assert (message.sender.key, message.sender.name) == ("telegram:7", "Ann")
    assert message.known_as == (f"tg:bot{BOT_ID}/7:50",)
    assert message.conversation == "tg:7"
    assert message.language_hint == "zh-hans"
    assert message.sent_at == message.arrived_at == datetime.fromtimestamp(1_790_000_000, UTC)
    assert message.received_at == NOW
    assert (message.public, message.edited, message.command) == (False, False, "")
    assert message.reply_to == {"chat": 7, "message": 50}


def test_an_answer_refers_to_what_it_answers():
    answer = read_one(an_update(reply_to_message=a_post("earlier", message_id=40)))
    assert answer.refers_to == (f"tg:bot{BOT_ID}/7:40", "tg:7:40")


def test_message_7_of_one_bot_is_not_message_7_of_another():
    other = dataclasses.replace(READER, bot_id=778)
    post = {"update_id": 9, "message": a_post(message_id=7)}
    mine, theirs = (item for reader in (READER, other) for item in read([post], reader, NOW))
    assert isinstance(mine, Message)
    assert isinstance(theirs, Message)
    assert not set(mine.known_as) & set(theirs.known_as)
    assert mine.external_id != theirs.external_id


def test_everybody_counts_the_messages_of_a_supergroup_alike():
    text = "@deskbot hello"
    assert read_one(an_update(text, chat=GROUP, entities=mention(text))).known_as == (f"tg:{GROUP}:50",)


def test_what_was_stored_before_its_id_named_the_bot_is_found_when_it_is_answered_or_edited_and_never_twice():
    before = "tg:7:40"
    assert before in read_one(an_update(reply_to_message=a_post("earlier", message_id=40))).refers_to
    edited = read_one(an_update("b", field="edited_message", edit_date=1_790_000_001, message_id=40))
    assert edited.refers_to == (before,)
    assert before not in edited.known_as
    assert read_one(an_update(update_id=9, date=5)).content_key == "update:9:7:5"


def test_a_forum_topic_is_a_conversation_of_its_own_and_its_first_message_is_no_quotation():
    root = a_post(None, chat=GROUP, message_id=3, **{"from": {"id": BOT_ID, "is_bot": True}})
    fields = {"message_thread_id": 3, "is_topic_message": True, "reply_to_message": root}
    text = "@deskbot hello"
    message = read_one(an_update(text, chat=GROUP, entities=mention(text), **fields))
    assert message.conversation == f"tg:{GROUP}:3"
    assert message.refers_to == ()
    assert message.reply_to["thread"] == 3
    assert read([an_update("hello", chat=GROUP, **fields)], READER, NOW) == []


def test_an_edit_is_another_version_of_the_same_message():
    old = read_one(an_update("a", update_id=1))
    new = read_one(an_update("b", field="edited_message", edit_date=1_790_000_001, update_id=2))
    same_second = read_one(an_update("c", field="edited_message", edit_date=1_790_000_001, update_id=3))
    assert new.edited
    assert old.known_as == new.known_as
    assert len({old.external_id, new.external_id, same_second.external_id}) == 3


def test_an_edit_that_changes_no_words_says_nothing():
    moved = an_update(None, field="edited_message", edit_date=1_790_000_001, location={"latitude": 1, "longitude": 2})
    assert read([moved], READER, NOW) == []


@pytest.mark.parametrize(
    ("text", "command", "rest"),
    [
        ("/start", "start", ""),
        ("/start ref42", "start", "ref42"),
        ("/status T7K-4Q2M9XRC", "status", "T7K-4Q2M9XRC"),
        ("/status@deskbot T7K-4Q2M9XRC", "status", "T7K-4Q2M9XRC"),
        ("/STATUS@DeskBot x", "status", "x"),
        ("/start@otherbot ref", "", "/start@otherbot ref"),
        ("please /start", "", "please /start"),
        ("/", "", "/"),
    ],
)
def test_a_command_is_cut_from_the_text(text, command, rest):
    message = read_one(an_update(text))
    assert (message.command, message.text) == (command, rest)


def test_in_a_group_only_what_is_meant_for_the_bot_is_heard():
    own = a_post("how can I help", message_id=40, chat=GROUP, **{"from": {"id": BOT_ID, "is_bot": True}})
    by_name = {"type": "text_mention", "offset": 0, "length": 4, "user": {"id": BOT_ID}}
    heard = [
        an_update("😀 @DeskBot help", chat=GROUP, entities=mention("😀 @DeskBot help", "@DeskBot")),
        an_update("and now?", chat=GROUP, reply_to_message=own),
        an_update("/status X", chat=GROUP),
        an_update(None, chat=GROUP, caption="@deskbot", caption_entities=mention("@deskbot"), photo=[{"file_size": 9}]),
        an_update("Desk help", chat=GROUP, entities=[by_name]),
    ]
    unheard = [
        an_update("talk among ourselves", chat=GROUP),
        an_update("@deskbotter hi", chat=GROUP, entities=mention("@deskbotter hi", "@deskbotter")),
        an_update("/status@otherbot X", chat=GROUP),
        an_update("thanks", chat=GROUP, reply_to_message=a_post("you owe me", message_id=41, chat=GROUP)),
    ]
    items = read([*heard, *unheard], READER, NOW)
    assert len(items) == len(heard)
    assert all(isinstance(item, Message) and item.public and item.addressed for item in items)


def test_channel_posts_service_messages_and_our_own_words_are_not_customers():
    channel = {"id": -5, "type": "channel", "title": "News"}
    updates = [
        an_update("@deskbot", **{"chat": channel, "from": None, "sender_chat": channel}, entities=mention("@deskbot")),
        an_update("@deskbot", chat=GROUP, is_automatic_forward=True, sender_chat=channel, entities=mention("@deskbot")),
        an_update(None, new_chat_members=[ANN]),
        an_update(None, pinned_message=a_post("x")),
        an_update("me", **{"from": {"id": BOT_ID, "is_bot": True}}),
        {"update_id": 1, "poll_answer": {}},
    ]
    assert read(updates, READER, NOW) == []


def test_a_bot_is_known_as_one():
    assert read_one(an_update("loop", **{"from": {"id": 9, "is_bot": True, "first_name": "b"}})).sender.is_bot


def test_an_anonymous_administrator_writes_as_his_group():
    group = {"id": GROUP, "type": "supergroup", "title": "Wallet talk"}
    message = read_one(
        an_update("/status X", chat=GROUP, sender_chat=group, **{"from": {"id": 1087968824, "is_bot": True}})
    )
    assert (message.sender.value, message.sender.name, message.sender.is_bot) == (str(GROUP), "Wallet talk", False)


def test_an_album_is_one_message_with_all_its_files():
    photos = [
        an_update(None, message_id=50 + n, media_group_id="A", photo=[{"file_size": 1}, {"file_size": n}], update_id=n)
        for n in range(1, 4)
    ]
    photos[0]["message"]["caption"] = "see the three screenshots"
    first, between, last = photos
    items = read([first, between, an_update("other", update_id=8), last], READER, NOW)
    album, other = items
    assert isinstance(album, Message)
    assert isinstance(other, Message)
    assert (album.text, other.text) == ("see the three screenshots", "other")
    assert [file.size for file in album.attachments] == [1, 2, 3]
    assert {f"tg:bot{BOT_ID}/7:{n}" for n in (51, 52, 53)} < set(album.known_as)
    assert in_album(last)
    assert not in_album(an_update())


def test_parts_of_an_album_that_came_apart_find_each_other():
    one = read_one(an_update(None, message_id=51, media_group_id="A", caption="look", photo=[{"file_size": 1}]))
    two = read_one(an_update(None, message_id=52, media_group_id="A", photo=[{"file_size": 1}]))
    assert set(two.refers_to) & set(one.known_as)


def test_files_are_named_and_typed():
    pdf = read_one(
        an_update(
            None, document={"file_name": "id.pdf", "mime_type": "application/pdf", "file_size": 8}, caption="my id"
        )
    )
    assert (pdf.text, pdf.attachments[0].name, pdf.attachments[0].size) == ("my id", "id.pdf", 8)
    voice = read_one(an_update(None, voice={"mime_type": "audio/ogg", "duration": 3}))
    assert (voice.text, voice.attachments[0].name) == ("", "voice.ogg")
    sticker = read_one(an_update(None, sticker={"emoji": "😡"}))
    assert (sticker.text, sticker.attachments[0].name) == ("", "sticker 😡")
    gif = read_one(an_update(None, animation={"file_name": "a.mp4"}, document={"file_name": "a.mp4"}))
    assert len(gif.attachments) == 1


def test_what_has_neither_text_nor_file_is_still_a_message():
    message = read_one(an_update(None, location={"latitude": 1.0, "longitude": 2.0}))
    assert message.text == ""
    assert message.attachments


def test_a_forwarded_text_is_marked_as_not_the_senders_own():
    assert read_one(an_update(forward_origin={"type": "channel", "date": 1})).headers == (
        ("Forwarded-From", "channel"),
    )


class TestBusinessAccount:
    def test_a_customer_is_answered_through_the_account(self):
        message = read_one(an_update(field="business_message", business_connection_id="bc1"))
        assert message.reply_to == {"chat": 7, "message": 50, "business": "bc1"}

    def test_its_numbers_are_not_those_of_the_bots_own_chat_with_her(self):
        own = read_one(an_update())
        through = read_one(an_update(field="business_message", business_connection_id="bc1"))
        assert own.external_id != through.external_id
        assert not set(own.known_as) & set(through.known_as)

    def test_its_owner_and_its_bot_are_no_customers(self):
        owner = {"id": 3, "is_bot": False, "first_name": "Owner"}
        chat = {"id": 7, "type": "private"}
        fields: dict[str, Any] = {"field": "business_message", "business_connection_id": "bc1", "chat": chat}
        updates = [
            an_update("I will look", **fields, **{"from": owner}),
            an_update("auto", **fields, **{"from": ANN}, sender_business_bot={"id": BOT_ID, "is_bot": True}),
        ]
        assert read(updates, READER, NOW) == []

    def test_a_slash_is_no_command_there(self):
        message = read_one(an_update("/status X", field="business_message", business_connection_id="bc1"))
        assert (message.command, message.text) == ("", "/status X")


@pytest.mark.parametrize(
    "poison",
    [
        {"update_id": 2, "message": {"text": "no chat"}},
        {"update_id": 2, "message": {"message_id": 1, "date": "noon", "chat": {"id": 7, "type": "private"}}},
        {"update_id": "12", "message": {"text": 5, "date": 1e308}},
        {"update_id": 2, "message": [1]},
        {"message": a_post()},
        {"update_id": 2, "message": a_post(date=-1)},
        {"update_id": 2, "message": a_post(date=10**30)},
        {"update_id": 2, "edited_message": a_post(edit_date=-(2**63))},
        {"update_id": 2, "message": a_post(entities=[{"type": "mention", "offset": -3, "length": 10**40}])},
        ["not an update"],
        "text",
        None,
    ],
)
def test_poison_is_kept_whole_and_hides_nothing(poison):
    before, kept, after = read([an_update("a"), poison, an_update("b", message_id=51)], READER, NOW)
    assert isinstance(before, Message)
    assert isinstance(after, Message)
    assert isinstance(kept, Unreadable)
    assert kept.original
    assert "\n" not in kept.why


def test_the_reason_for_poison_holds_nothing_of_what_was_said():
    (kept,) = read([{"update_id": 2, "message": {"text": ["seed phrase"], "message_id": 1}}], READER, NOW)
    assert isinstance(kept, Unreadable)
    assert "seed phrase" not in kept.why


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "שלום", "\u3164 \u00a0", "a\uffff\U0010ffff", "😀" * 2048])
def test_odd_characters_are_no_poison(text):
    assert read_one(an_update(text)).text == text


def test_who_blocked_the_bot_is_noticed():
    chat = {"id": 7, "type": "private"}
    updates = [
        {"update_id": n, "my_chat_member": {"chat": chat, "new_chat_member": {"status": status}}}
        for n, status in enumerate(["kicked", "member"])
    ]
    assert list(blocked([*updates, None, {"update_id": 1, "my_chat_member": 5}])) == [(7, True), (7, False)]
