"""The language of a message, however short."""

import json
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from triage.rules.language import LANGUAGES, detect, remembered

EVAL = Path(__file__).parents[2] / "../shared/eval"

SENTENCES = {
    "zh-Hans": "您好，我昨天提现的钱还没有到账，请帮忙看看。",
    "zh-Hant": "您好，我昨天提現的錢還沒有到帳，請幫忙看看。",
    "en": "Hello, my withdrawal has not arrived since yesterday.",
    "es": "Hola, mi retiro no ha llegado desde ayer.",
    "ja": "昨日出金したお金がまだ届いていません。",
    "ko": "어제 출금한 돈이 아직 도착하지 않았습니다.",
    "ru": "Здравствуйте, мой вывод не пришёл со вчерашнего дня.",
    "pt": "Olá, meu saque não chegou desde ontem.",
    "vi": "Xin chào, tôi rút tiền từ hôm qua mà chưa nhận được.",
    "id": "Halo, penarikan saya belum masuk sejak kemarin.",
    "tr": "Merhaba, dünkü para çekme işlemim hâlâ gelmedi.",
    "fr": "Bonjour, mon retrait n'est pas arrivé depuis hier.",
    "de": "Hallo, meine Auszahlung ist seit gestern nicht angekommen.",
    "ar": "مرحبا، لم يصل السحب الخاص بي منذ أمس.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_of_the_desk_is_known(language):
    assert detect(SENTENCES[language]) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("提现失败", "zh-Hans"),
        ("提現失敗", "zh-Hant"),
        ("3分鐘沒有到帳", "zh-Hant"),
        ("gracias", "es"),
        ("merhaba", "tr"),
        ("merci", "fr"),
        ("obrigado", "pt"),
        ("USDT stuck", "en"),
        ("URGENT MY ACCOUNT WAS HACKED", "en"),
        ("我的 USDT withdrawal 卡住了", "zh-Hans"),
        ("出金できない", "ja"),
    ],
)
def test_a_few_words_are_enough(text, language):
    assert detect(text) == language


SHORT = tomllib.loads((Path(__file__).parents[1] / "data/short_texts.toml").read_text("utf-8"))


def test_there_are_short_texts_of_every_language():
    assert set(SHORT) == set(LANGUAGES)
    assert all(len(set(texts)) >= 10 for texts in SHORT.values())


@pytest.mark.parametrize("hint", [False, True])
def test_two_to_eight_words_tell_their_language(hint):
    pairs = [(language, text) for language, texts in SHORT.items() for text in texts]
    wrong = [pair for pair in pairs if detect(pair[1], hint=pair[0] if hint else "") != pair[0]]
    assert len(wrong) <= (0 if hint else 0.03 * len(pairs)), wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_hint_seldom_overrules_short_words(language):
    """A phone set to English says little of who writes Spanish on it."""
    other = "en" if language != "en" else "es"
    wrong = [text for text in SHORT[language] if detect(text, hint=other) != language]
    assert len(wrong) <= 0.25 * len(SHORT[language]), wrong


def test_the_hint_tells_japanese_without_kana_from_chinese():
    assert detect("電話番号変更方法", hint="ja") == "ja"
    assert detect("怎么还没到账这么久", hint="ja") == "zh-Hans"


def test_what_is_no_language_does_not_count():
    text = "no me llega https://example.com/withdrawal/status the.help@example.com TXID USDT 0xdeadbeef"
    assert detect(text) == "es"


@pytest.mark.parametrize(
    "text", ["", "123", "USDT?", "https://example.com/x", "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE", "😀"]
)
def test_nothing_to_read_is_undetermined(text):
    assert detect(text) == "und"


@pytest.mark.parametrize(("hint", "language"), [("es", "es"), ("zh-tw", "zh-Hant"), ("in", "id"), ("xx", "und")])
def test_the_platforms_hint_decides_when_the_text_does_not(hint, language):
    assert detect("USDT?", hint=hint) == language


def test_the_hint_settles_how_chinese_is_written_when_characters_do_not():
    assert detect("你好", hint="zh-hant") == "zh-Hant"
    assert detect("你好") == "zh-Hans"


def test_the_hint_never_overrules_a_clear_text():
    assert detect(SENTENCES["es"], hint="en") == "es"


def test_a_language_the_desk_does_not_answer_in_is_undetermined():
    assert detect(SENTENCES["fr"], allowed=("en", "es")) == "und"


def test_one_way_to_write_chinese_stands_for_both():
    assert detect(SENTENCES["zh-Hant"], allowed=("zh-Hans", "en")) == "zh-Hans"


def test_a_neighbour_in_the_same_script_is_not_taken_for_ours():
    assert detect("Допоможіть мені, гроші зникли") == "und"
    assert detect("پول من گم شده است، لطفا کمک کنید") == "und"


def test_threads_agree():
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(detect, [SENTENCES["pt"]] * 200)) == {"pt"}


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("wallet_users.jsonl", 1.0),
        ("zh_bank_questions.jsonl", 0.97),
        ("en_nlupp.jsonl", 0.99),
        ("en_clinc150.jsonl", 0.99),
    ],
)
def test_real_messages_are_recognised(name, share):
    if not (EVAL / name).exists():
        pytest.skip(f"the evaluation set {name} is not here")
    rows = [json.loads(line) for line in (EVAL / name).read_text().splitlines()]
    hits = sum(detect(row["text"]).startswith(row["lang"]) for row in rows)
    assert hits >= share * len(rows)


@pytest.mark.parametrize(
    ("text", "before", "told"),
    [
        ("ok", "fr", "fr"),
        ("saldo", "pt", "pt"),
        ("銀行", "ja", "ja"),
        ("提款", "zh-Hant", "zh-Hant"),
        ("help, my card is lost", "es", "en"),
        ("提款一直没有到账", "zh-Hant", "zh-Hans"),
        ("saldo", "und", "und"),
        ("The transfer that I made on Monday is still pending and my landlord is waiting", "es", "en"),
    ],
)
def test_what_the_writer_used_before_counts_in_a_short_text(text, before, told):
    assert remembered(text, detect(text), before) == told


def test_what_the_writer_used_before_is_no_language_of_a_desk_that_does_not_answer_in_it():
    assert remembered("my card", "en", "es", allowed=("en", "de")) == "en"
