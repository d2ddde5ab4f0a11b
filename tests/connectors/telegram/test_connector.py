import asyncio
import logging
from typing import Any

import pytest
from builders import a_reply, an_address
from connectors.contract import opened, received, texts

from triage.connectors import module_of
from triage.demo.telegram_api import METHODS, Refusal, TelegramApi
from triage.errors import ChannelDown, ChannelRefused, SendRefused, SendUnknown
from triage.message import Message, Reply


def a_telegram_reply(text: str = "We have your message.", chat: int = 7, **other: Any) -> Reply:
    reply_to = {"chat": chat, "message": 1} | other
    return a_reply(text, channel="wallet-bot", to=an_address(str(chat), "telegram"), reply_to=reply_to)


class TestReading:
    async def test_an_update_is_confirmed_only_after_its_batch_is_stored(self, far, api):
        api.write("hello")
        connector = far.connector()
        reader = opened(connector)
        await anext(reader)
        assert api.waiting() == 1
        await anext(reader)
        assert api.waiting() == 0
        await reader.aclose()

    async def test_what_we_want_to_hear_is_said_with_every_question(self, far, api):
        api.push(channel_post=api.post("news"))
        api.push(message_reaction={})
        api.write("hello")
        items, _ = await received(far.connector(), 1)
        assert texts(items) == ["hello"]

    async def test_numbers_that_begin_anew_after_a_quiet_week_lose_nothing(self, far, api):
        api.push(update_id=10**9, message=api.post("before"))
        _, cursor = await received(far.connector(), 1)
        api.push(update_id=5, message=api.post("after"))
        items, cursor = await received(far.connector(), 1, cursor)
        assert texts(items) == ["after"]
        assert cursor == "777:6"
        assert api.waiting() == 0

    async def test_another_bot_under_the_same_name_begins_at_its_own_beginning(self, far, api):
        api.push(update_id=10, message=api.post("first"))
        items, cursor = await received(far.connector(), 1, "778:5000")
        assert texts(items) == ["first"]
        assert cursor == "777:11"

    async def test_a_cursor_from_before_it_named_the_bot_is_where_it_goes_on(self, far, api):
        api.push(update_id=10, message=api.post("handled"))
        api.push(update_id=11, message=api.post("new"))
        items, cursor = await received(far.connector(), 1, "11")
        assert texts(items) == ["new"]
        assert cursor == "777:12"

    async def test_a_second_reader_is_named(self, far):
        first = asyncio.ensure_future(received(far.connector(poll_seconds=50), 1))
        while far.api.calls.count("getupdates") < 1:
            await asyncio.sleep(0)
        second = asyncio.ensure_future(received(far.connector(poll_seconds=50), 1))
        with pytest.raises(ChannelDown, match="another program polls the same bot"):
            await first
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second

    async def test_a_webhook_is_named_and_not_touched(self, far, api):
        api.webhook = "https://old.example/hook"
        with pytest.raises(ChannelDown, match="webhook"):
            await received(far.connector(), 1)
        with pytest.raises(ChannelDown, match="webhook"):
            await far.connector().check()
        assert api.webhook

    @pytest.mark.parametrize("count", ["many", [], None])
    async def test_how_much_waits_may_be_told_oddly(self, far, monkeypatch, count):
        async def told(*_):
            return {"url": "", "pending_update_count": count}

        monkeypatch.setitem(METHODS, "getwebhookinfo", told)
        assert (await far.connector().check()).endswith(", 0 updates waiting")

    async def test_a_webhook_is_removed_when_the_settings_say_so_and_takes_no_message_with_it(self, far, api):
        api.webhook = "https://old.example/hook"
        api.write("while the hook was there")
        items, _ = await received(far.connector(delete_webhook=True), 1)
        assert texts(items) == ["while the hook was there"]
        assert not api.webhook

    async def test_a_cursor_of_another_channel_is_refused(self, far):
        with pytest.raises(ChannelRefused, match="cursor"):
            await received(far.connector(), 1, '{"since": 5}')

    @pytest.mark.parametrize(("asked", "waited"), [(7, 7), (86400, 900)])
    async def test_a_wait_that_is_asked_for_is_kept_within_reason(self, far, api, asked, waited):
        api.refusals["getupdates"] = [Refusal(429, f"Too Many Requests: retry after {asked}", retry_after=asked)]
        with pytest.raises(ChannelDown) as caught:
            await received(far.connector(), 1)
        assert caught.value.retry_after == waited

    @pytest.mark.parametrize("code", [401, 404])
    async def test_a_token_taken_back_while_we_read_needs_a_person(self, far, api, code):
        connector = far.connector()
        reader = opened(connector)
        await anext(reader)
        api.refusals["getupdates"] = [Refusal(code, "Unauthorized")]
        with pytest.raises(ChannelRefused, match="token"):
            await anext(reader)

    async def test_a_question_that_telegram_calls_bad_is_not_asked_for_ever(self, far, api):
        api.refusals["getupdates"] = [Refusal(400, "Bad Request: bad timeout")]
        with pytest.raises(ChannelRefused):
            await received(far.connector(), 1)

    async def test_a_server_that_never_answers_meets_our_deadline(self, far, api):
        api.write("still there")
        connector = far.connector(deadline=0.5)
        api.faults.plan("getupdates", "hang")
        with pytest.raises(ChannelDown):
            await received(connector, 1)
        items, _ = await received(far.connector(), 1)
        assert texts(items) == ["still there"]

    async def test_an_update_without_a_number_is_no_endless_loop(self, far, api):
        api._waiting.append({"update_id": None, "message": {}})
        api._confirm = lambda offset: None
        connector = far.connector()
        reader = opened(connector)
        assert (await anext(reader)).cursor is None
        with pytest.raises(ChannelDown, match="no number"):
            await anext(reader)

    async def test_an_album_is_waited_for(self, far, api):
        def photo(caption: str | None = None) -> None:
            api.write(None, caption=caption, media_group_id="A", photo=[{"file_size": 5}])

        async def rest(seconds: float) -> None:
            photo()
            photo()

        photo("look")
        connector = far.connector()
        connector._sleep = rest
        (message,), _ = await received(connector, 1, stored=False)
        assert isinstance(message, Message)
        assert (message.text, len(message.attachments)) == ("look", 3)

    async def test_nothing_of_what_is_said_and_no_token_is_logged(self, far, api, caplog):
        caplog.set_level(logging.INFO)
        caplog.set_level(logging.WARNING, "httpx")  # as the log module does: at INFO it prints the address
        api.write("abandon abandon about")
        for fault in ("truncated", "html with 200", "list"):
            api.faults.plan("getupdates", fault)
            with pytest.raises(ChannelDown) as caught:
                await received(far.connector(), 1)
            assert "abandon" not in str(caught.value)
        assert "abandon" not in caplog.text
        assert api.token not in caplog.text


def test_the_kind_is_found_by_its_name(far):
    settings = far.connector()._settings
    connector = module_of("telegram").connect("wallet-bot", settings)
    assert (connector.name, connector.kind, connector.answers_through) == ("wallet-bot", "telegram", "wallet-bot")
    silent = settings.model_copy(update={"answers_through": ""})
    assert module_of("telegram").connect("wallet-bot", silent).answers_through == ""


class TestSending:
    async def test_a_reply_goes_to_the_place_and_message_it_answers(self, far, api):
        sent = await far.connector().send(a_telegram_reply(chat=-100, message=4, thread=3, business="bc"))
        (message,) = api.sent
        given = message["arguments"]
        assert (message["chat"]["id"], given["message_thread_id"], given["business_connection_id"]) == (-100, "3", "bc")
        assert given["reply_parameters"] == {"message_id": 4, "allow_sending_without_reply": True}
        assert "parse_mode" not in given
        assert sent.known_as == (f"tg:bc/-100:{message['message_id']}",)

    async def test_an_answer_to_a_person_without_a_message_goes_to_her_private_chat(self, far, api):
        reply = a_reply("hello", channel="wallet-bot", to=an_address("7", "telegram"))
        sent = await far.connector().send(reply)
        assert api.sent[0]["chat"]["id"] == 7
        assert sent.known_as == (f"tg:bot777/7:{api.sent[0]['message_id']}",)

    async def test_what_the_bot_says_is_found_by_who_answers_it(self, far, api):
        sent = await far.connector().send(a_telegram_reply())
        said = api.sent[0]
        api.push(message=api.post("failed now", reply_to_message={k: v for k, v in said.items() if k != "arguments"}))
        (answer,), _ = await received(far.connector(), 1)
        assert isinstance(answer, Message)
        assert sent.known_as[0] in answer.refers_to

    async def test_a_reply_to_nowhere_is_refused(self, far):
        with pytest.raises(SendRefused):
            await far.connector().send(a_reply(channel="wallet-bot", to=an_address("ada@example.org")))

    async def test_a_customer_who_blocked_the_bot_is_not_tried_again(self, far, api):
        api.blocked.add(7)
        with pytest.raises(SendRefused, match="blocked"):
            await far.connector().send(a_telegram_reply())

    async def test_a_block_that_was_seen_saves_the_call(self, far, api):
        chat = {"id": 7, "type": "private"}
        connector = far.connector()
        reader = opened(connector)
        api.push(my_chat_member={"chat": chat, "new_chat_member": {"status": "kicked"}})
        await anext(reader)
        with pytest.raises(SendRefused):
            await connector.send(a_telegram_reply())
        assert "sendmessage" not in api.calls
        api.push(my_chat_member={"chat": chat, "new_chat_member": {"status": "member"}})
        await anext(reader)
        assert await connector.send(a_telegram_reply())
        await reader.aclose()

    async def test_a_group_that_moved_is_found_in_its_new_place(self, far, api):
        api.migrated[-5] = -1005
        sent = await far.connector().send(a_telegram_reply(chat=-5))
        assert api.sent[0]["chat"]["id"] == -1005
        assert sent.known_as[0].startswith("tg:-1005:")

    async def test_a_group_that_moves_in_circles_is_given_up(self, far, api):
        api.migrated = {-5: -6, -6: -5}
        with pytest.raises(SendRefused, match="moved"):
            await far.connector().send(a_telegram_reply(chat=-5))

    async def test_an_answer_that_does_not_say_what_was_sent_is_unknown(self, far, api):
        async def odd(self: TelegramApi, arguments: dict[str, Any]) -> dict[str, Any]:
            return {"odd": arguments}

        connector = far.connector()
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(METHODS, "sendmessage", odd)
            with pytest.raises(SendUnknown, match="does not say"):
                await connector.send(a_telegram_reply())

    async def test_a_bad_request_is_refused_and_not_repeated_for_ever(self, far, api):
        api.refusals["sendmessage"] = [Refusal(400, "Bad Request: chat not found")]
        with pytest.raises(SendRefused, match="Chat not found"):
            await far.connector().send(a_telegram_reply())

    async def test_a_wait_that_is_asked_for_means_it_did_not_go_out(self, far, api):
        api.refusals["sendmessage"] = [Refusal(429, "Too Many Requests: retry after 3", retry_after=3)]
        with pytest.raises(ChannelDown) as caught:
            await far.connector().send(a_telegram_reply())
        assert caught.value.retry_after == 3

    async def test_accepted_and_then_dropped_is_unknown_and_went_out_once(self, far, api):
        api.faults.plan("sendmessage", "drop after accepting")
        with pytest.raises(SendUnknown):
            await far.connector().send(a_telegram_reply())
        assert len(api.sent) == 1

    async def test_a_hanging_send_is_unknown_within_the_deadline(self, far, api):
        api.faults.plan("sendmessage", "hang")
        with pytest.raises(SendUnknown, match="deadline"):
            await far.connector(deadline=0.5).send(a_telegram_reply())

    @pytest.mark.parametrize("text", ["你" * 4096, "😀" * 2048, "word " * 2000, "😀" * 5000, "a\n\nb" * 3000])
    async def test_a_long_reply_goes_out_whole_in_parts_that_telegram_takes(self, far, api, text):
        sent = await far.connector().send(a_telegram_reply(text))
        assert "".join("".join(far.delivered()).split()) == "".join(text.split())
        assert len(sent.known_as) == len(api.sent)

    async def test_when_only_the_first_part_went_out_it_is_not_sent_again(self, far, api):
        api.refusals["sendmessage"] = []
        connector = far.connector()
        reply = a_telegram_reply("word " * 2000)

        async def refuse_the_next(seconds: float) -> None:
            if api.sent:
                api.refusals["sendmessage"].append(Refusal(429, "Too Many Requests", retry_after=3))

        connector._sleep = refuse_the_next
        with pytest.raises(SendUnknown, match="only a part") as caught:
            await connector.send(reply)
        assert len(caught.value.known_as) == 1

    async def test_one_chat_hears_at_most_one_message_a_second(self, far):
        connector = far.connector()
        for _ in range(3):
            await connector.send(a_telegram_reply())
        assert sum(far.slept) == pytest.approx(2.0)

    async def test_different_chats_do_not_wait_for_each_other(self, far):
        connector = far.connector()
        for chat in range(1, 11):
            await connector.send(a_telegram_reply(chat=chat))
        assert sum(far.slept) < 0.5
