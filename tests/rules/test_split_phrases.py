"""Pieces of a recovery phrase find each other; what people say one after another does not."""

import pytest
from mnemonic import Mnemonic

from triage.rules import split_phrases
from triage.rules.secrets import redact
from triage.rules.split_phrases import may_be_piece, without_pieces

WORDS = ["legal", "winner", "thank", "year", "wave", "sausage", "worth", "useful", "legal", "winner", "thank", "yellow"]
INVALID = [
    "ribbon",
    "velvet",
    "kitchen",
    "orbit",
    "lemon",
    "tiger",
    "anchor",
    "gossip",
    "hammer",
    "violin",
    "dolphin",
    "copper",
]


def test_two_halves_are_replaced_in_both():
    texts = ["how are you?", f"first: {' '.join(WORDS[:6])}", f"second: {' '.join(WORDS[6:])}"]
    assert without_pieces(texts) == ["how are you?", "first: [seed phrase removed]", "second: [seed phrase removed]"]


def test_a_word_that_counts_the_halves_stays():
    texts = [f"first: {' '.join(WORDS[:6])}", f"second: {' '.join(WORDS[6:])}"]
    assert without_pieces(texts) == ["first: [seed phrase removed]", "second: [seed phrase removed]"]


def test_one_word_a_message_is_a_phrase_in_the_end():
    assert without_pieces(WORDS[:-1]) is None
    assert without_pieces(WORDS) == ["[seed phrase removed]"] * 12


@pytest.mark.parametrize("language", ["english", "spanish", "japanese", "korean", "russian"])
@pytest.mark.parametrize("size", [128, 256])
def test_thirds_are_found_in_every_language(language, size):
    words = Mnemonic(language).to_mnemonic(bytes(range(7, 7 + size // 8))).split()
    third = len(words) // 3
    texts = [" ".join(words[at : at + third]) for at in range(0, len(words), third)]
    assert all(map(may_be_piece, texts))
    assert without_pieces(texts) == ["[seed phrase removed]"] * 3


def test_chinese_halves_are_found():
    characters = Mnemonic("chinese_simplified").to_mnemonic(bytes(range(50, 66))).replace(" ", "")
    assert without_pieces([characters[:6], " ".join(characters[6:])]) == ["[seed phrase removed]"] * 2


def test_chinese_halves_are_found_behind_what_they_are_called():
    characters = Mnemonic("chinese_simplified").to_mnemonic(bytes(range(50, 66))).replace(" ", "")
    texts = [f"前六个：{characters[:6]}", f"后六个：{' '.join(characters[6:])}"]
    assert without_pieces(texts) == ["前六个：[seed phrase removed]", "后六个：[seed phrase removed]"]


@pytest.mark.parametrize(
    "form",
    [
        "我的助记词，前半部分：{0}\n后半部分：{1}",
        "助记词前面是{0}，后面是{1}，请帮我",
        "助记词 1) {0}\n2) {1}",
        "助记词第一部分 {0} 第二部分 {1}",
    ],
)
@pytest.mark.parametrize("between", ["", " ", "，"])
def test_chinese_halves_in_one_text_are_found(form, between):
    characters = Mnemonic("chinese_simplified").to_mnemonic(bytes(range(50, 66))).replace(" ", "")
    text = form.format(between.join(characters[:6]), between.join(characters[6:]))
    redacted = redact(text)
    assert redacted.kinds == ("seed phrase",)
    assert not set(characters) & set(redacted.text)


def test_half_a_chinese_phrase_whose_characters_stand_one_by_one_goes_at_once():
    characters = Mnemonic("chinese_simplified").to_mnemonic(bytes(range(50, 66))).split()
    assert redact(f"后六个：{' '.join(characters[6:])}").text == "后六个：[seed phrase removed]"
    assert redact("、".join(characters[:6])).kinds == ("seed phrase",)


@pytest.mark.parametrize(
    "text",
    ["驱纳砖蛙扰", "驱 纳 砖", "求 求 你 们 帮 我", "钱 没 有 到 账", "客 服 在 不 在", "加 油 中 国 队 赢 了"],
)
def test_what_else_is_said_in_chinese_stays(text):
    assert redact(text).text == text


def test_three_words_that_are_counted_go_at_once():
    assert redact("5. ribbon\n6. velvet\n7. kitchen").kinds == ("seed phrase",)
    assert redact("1) болото 2) болтать 3) бомба").kinds == ("seed phrase",)


@pytest.mark.parametrize(
    "text",
    [
        "ribbon velvet kitchen",
        "1. login\n2. deposit\n3. card",
        "3 ribbon 1 velvet 2 kitchen",
        "1. apple 2. phone 3. bank",
    ],
)
def test_words_that_are_not_counted_or_are_everyday_ones_stay(text):
    assert redact(text).text == text


def test_a_phrase_with_a_wrong_order_is_found_where_nothing_else_is_said():
    assert without_pieces([" ".join(INVALID[:6]), " ".join(INVALID[6:])]) is not None
    beside = ["the thing I bought was called by them ", "and what I mean is that other brand "]
    assert without_pieces([beside[0] + " ".join(INVALID[:6]), beside[1] + " ".join(INVALID[6:])]) is None


@pytest.mark.parametrize(
    "texts",
    [
        ["hello", "are you there", "please help me", "I can wait", "thank you very much", "good day"],
        ["my wallet is empty", "what happened to it", "no answer yet", "this is urgent", "please help"],
        ["你好", "在吗", "我的钱没到账", "请帮我看看", "谢谢"],
        ["no puedo entrar", "hola", "ayuda por favor", "todo igual"],
        ["ok", "yes", "no", "thanks", "ok", "wait", "yes", "sure", "ok", "fine", "good", "ok"],
    ],
)
def test_what_people_say_is_no_phrase(texts):
    assert all(without_pieces(texts[: n + 1]) is None for n in range(1, len(texts)))


def test_a_long_text_is_no_piece():
    assert not may_be_piece("legal winner " * 100)
    assert not may_be_piece("")


@pytest.mark.parametrize(
    "text", ["legal winner thank year wave sausage", "second: worth useful legal", "驱 纳 砖 蛙 扰"]
)
def test_what_may_be_a_piece_is_left_out_of_backups(text):
    assert split_phrases.is_doubtful(text)


@pytest.mark.parametrize(
    "text", ["你好，请问我的提现到账了吗", "My withdrawal of 20 USDT has not arrived yet.", "[seed phrase removed]", ""]
)
def test_what_people_say_is_not(text):
    assert not split_phrases.is_doubtful(text)


@pytest.mark.parametrize(
    "language",
    ["english", "spanish", "french", "italian", "portuguese", "czech", "turkish", "russian", "korean", "japanese"],
)
def test_half_a_phrase_that_says_nothing_else_goes_at_once(language):
    words = Mnemonic(language).to_mnemonic(bytes(range(30, 46))).replace("\u3000", " ").split()
    for half in (words[:6], words[6:]):
        assert redact(" ".join(half)).text == "[seed phrase removed]"
        assert redact("and " + " ".join(half)).kinds == ("seed phrase",)
    assert redact(" ".join(words[:5])).kinds == ("seed phrase",)
    assert redact(" ".join(words[:4])).kinds == ()


@pytest.mark.parametrize(
    "text",
    [
        "wrong network deposit address problem",
        "account balance wrong after update",
        "phone lost two factor code reset",
        "loan balance payment total wrong",
        "token swap fail gas fee lost",
        "please cancel order exchange",
        "How long will this card payment stay pending?",
        "cuenta pago tarjeta error saldo",
        "retiro pendiente cuatro dias ayuda",
        "virement argent erreur adresse client",
        "still no answer, ribbon velvet kitchen orbit lemon tiger is the name of the shop",
    ],
)
def test_a_subject_line_of_listed_words_stays(text):
    assert redact(text).text == text


def test_what_came_before_and_after_half_a_phrase_goes_too():
    gone = "[seed phrase removed]"
    assert without_pieces([gone, "anchor gossip hammer"]) == [gone, gone]
    assert without_pieces([gone, "hello?", "then: anchor gossip hammer violin"]) == [gone, "hello?", f"then: {gone}"]
    assert without_pieces(["anchor gossip hammer violin", "hello?", gone]) == [gone, "hello?", gone]
    assert without_pieces([gone, "please help now"]) is None
    assert without_pieces([gone, "is that all you need from me?"]) is None
    assert without_pieces(["hello", "anchor gossip hammer"]) is None
