import pytest
from builders import NOW, a_message, an_address

from triage.message import Attachment
from triage.rules.automatic import Own
from triage.rules.missing import ASKED, MOST, NEEDED, missing
from triage.rules.reading import read

TX = "0x9f2c1e7ab0c34d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6"
PICTURE = Attachment(name="screen.png", content_type="image/png")


def ask(topic, text, **other):
    message = a_message(text, **{"kind": "telegram", "sender": an_address("42", "telegram")} | other)
    return missing(topic, message, read(message, own=Own()))


def test_who_tells_nothing_is_asked_for_the_most_useful_facts():
    assert ask("pending", "My withdrawal does not arrive") == ("transaction", "coin", "network", "amount")


def test_a_transaction_id_tells_everything_else_about_a_transfer():
    assert ask("not-arrived", f"Where is my money? The txid is {TX}") == ()


def test_what_is_told_is_not_asked_for():
    assert ask("not-arrived", "I sent 700 USDT over TRON yesterday and nothing came") == ("transaction",)


def test_a_picture_is_a_screenshot():
    assert "screenshot" in ask("app-fault", "the app closes")
    assert "screenshot" not in ask("app-fault", "the app closes", attachments=(PICTURE,))


def test_who_writes_by_mail_is_not_asked_for_an_address():
    assert ask("password", "I forgot my password") == ("email", "time")
    assert ask("password", "I forgot my password", kind="email", sender="ada@example.org") == ("time",)
    assert "email" not in ask("password", "I forgot my password, my mail is ada@example.org")


@pytest.mark.parametrize(
    "text",
    [
        "It happened yesterday", "3 hours ago", "on 12 March", "Nov 3", "2026-11-02", "at 14:30", "ayer por la tarde",
        "hace 2 horas", "昨天转的", "两小时前", "11月2日", "昨日送金しました", "어제 보냈어요", "вчера вечером",
        "2 дня назад", "ontem à noite", "hôm qua", "kemarin malam", "dün akşam", "hier soir", "gestern",
        "vor 2 Tagen", "منذ أمس",
    ],
)  # fmt: skip
def test_a_time_is_known_in_every_language(text):
    assert "time" not in ask("login", text) + ask("code-not-received", text)


@pytest.mark.parametrize(
    "text", ["version 8.2.1", "v7.30", "Android 14", "版本 8.2", "バージョン8", "버전 3.1", "версия 5.1"]
)
def test_a_version_is_known(text):
    assert "version" not in ask("app-fault", f"it crashes, {text}")


@pytest.mark.parametrize("topic", [*NEEDED, "praise", "", "a-topic-of-another-model"])
def test_never_more_than_a_few_things_are_asked_for_and_never_one_twice(topic):
    asked = ask(topic, "help me please")
    assert len(asked) <= MOST
    assert len(set(asked)) == len(asked)
    assert set(asked) <= set(ASKED)


def test_praise_and_strange_topics_are_asked_for_nothing():
    assert ask("praise", "I love it") == ask("something-new", "hm") == ()


def test_the_message_may_be_edited_or_empty():
    assert ask("pending", "", received_at=NOW, edited=True)
