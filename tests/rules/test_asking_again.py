"""Words of somebody who wrote before, in every language that we answer in."""

import pytest

from triage.rules.asking_again import is_nudge, speaks_of_before


@pytest.mark.parametrize(
    "text",
    [
        "any news?", "Hello? Is anybody there?", "please answer me", "still waiting...", "¿Alguna novedad?",
        "Sigo esperando respuesta", "alguma novidade?", "toujours pas de réponse", "Gibt es etwas Neues?",
        "есть ли новости?", "haber var mı", "halo min, masih menunggu", "có tin gì chưa", "هل من جديد؟",
        "有消息吗？", "在嗎？請回覆", "その後いかがでしょうか？", "아직 답변 기다리고 있습니다",
    ],
)  # fmt: skip
def test_a_nudge_says_nothing_but_that_an_answer_is_waited_for(text):
    assert is_nudge(text)


@pytest.mark.parametrize(
    "text",
    [
        "any news on my refund?",
        "please close my account",
        "42",
        "???",
        "",
        "取消提现",
        "回复说我的账户被盗了",
        "help me log in",
    ],
)
def test_a_word_that_says_anything_else_makes_it_a_message_of_its_own(text):
    assert not is_nudge(text)


@pytest.mark.parametrize(
    "text",
    [
        "I already wrote about this", "As I told you before, it is gone", "This is my second message",
        "No answer from you!",
        "I’m still waiting", "Ya les escribí el lunes", "Sigo sin respuesta", "Já entrei em contato",
        "ainda sem resposta",
        "Je vous ai déjà écrit", "Ich habe Ihnen schon zweimal geschrieben", "noch keine Antwort", "Я уже писал вам",
        "никто не отвечает", "daha önce yazmıştım", "sudah pernah menghubungi", "belum ada balasan", "tôi đã liên hệ",
        "لا أحد يرد", "我之前已经写过了", "一直没人回", "昨天聯絡過客服", "先日もご連絡しました",
        "返信がまだありません",
        "이미 문의했는데", "아직 답변이 없어요",
    ],
)  # fmt: skip
def test_a_text_may_speak_of_an_earlier_message(text):
    assert speaks_of_before(text)


@pytest.mark.parametrize(
    "text",
    [
        "I already sent the coins", "the second time it failed", "my top up is still waiting",
        "cómo agrego un segundo correo",
        "第三次签名失败", "my last withdrawal is missing", "please answer soon",
    ],
)  # fmt: skip
def test_a_text_about_something_else_does_not(text):
    assert not speaks_of_before(text)


def test_a_text_without_end_takes_no_time():
    assert not speaks_of_before("already " * 100_000)
    assert not is_nudge("still " * 100_000)


@pytest.mark.parametrize("text", ["我一直在等提现到账", "还在等到账", "我一直在等你们退款", "一直在等回款"])
def test_who_waits_for_money_does_not_say_that_she_wrote_before(text):
    assert not speaks_of_before(text)


@pytest.mark.parametrize("text", ["我一直在等", "一直在等你们的回复", "还在等客服答复，已经三天", "我一直在等消息"])
def test_who_waits_for_an_answer_says_that_she_wrote_before(text):
    assert speaks_of_before(text)
