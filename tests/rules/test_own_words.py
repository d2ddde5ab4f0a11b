"""Our own canned replies are known again; people who quote them are people."""

from pathlib import Path

import pytest

from triage import replies
from triage.rules.language import LANGUAGES
from triage.rules.own_words import OwnWords

FOLDER = Path(__file__).parents[2] / "config/replies"
WORDS = OwnWords(replies.sources(FOLDER, LANGUAGES))
REPLIES = replies.load(FOLDER)
FACTS = {"desk": "Other Exchange", "number": "00B7-5Q2M9XRD", "wait": "1-3 hours", "state": "open", "news": ""}
MAILED = ("acknowledgement", "secret", "still-in-line", "status", "late", "rating", "incident", "incident-over")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", MAILED)
def test_what_another_desk_of_our_make_says_is_known(language, name):
    for more in ({}, {"missing": ("transaction", "coin", "time"), "by": "5 PM", "faq": "https://help.example/x"}):
        _, text = REPLIES.render(name, language, **{**FACTS, **more})
        assert WORDS.says(text)
        assert WORDS.says(text.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    "said",
    [
        (
            "My withdrawal of 700 USDT is still pending, what is going on? It is two days now and nobody tells me "
            "anything. I sent it to my own address, and the app says that it was sent."
        ),
        (
            "我的提现还是没有到账，已经三天了，你们到底什么时候处理？我提供了所有的信息，交易哈希也发给你们了，请尽快回复我。"
            "我在币安提现到你们钱包的，网络是波场，金额是七百个泰达币，手续费也扣了，可是余额一直没有变化，真的很着急。"
        ),
    ],
)
def test_a_person_who_quotes_it_without_a_mark_is_a_person(said):
    _, ack = REPLIES.render("still-in-line", "zh-Hans" if ord(said[0]) > 255 else "en", **FACTS)
    assert not WORDS.says(said)
    assert not WORDS.says(f"{said}\n\n{ack}")
    assert not WORDS.says(f"{ack}\n{said}")
