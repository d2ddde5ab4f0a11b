"""Recovery phrases are found in every list and layout, and prose is none."""

import random
import unicodedata

import pytest
from effort import bounded
from mnemonic import Mnemonic

from triage.rules.secrets import NEAR, Redacted, redact
from triage.rules.word_lists import CHINESE, SHORTENED, WORDED

SENTENCES = {
    "english": "my wallet is gone, {} please help me today",
    "spanish": "hola perdí todo {} ayuda por favor ahora",
    "french": "bonjour voici {} merci beaucoup",
    "italian": "ciao {} grazie mille davvero",
    "portuguese": "olá {} obrigado desde já",
    "czech": "dobrý den {} děkuji moc vám",
    "turkish": "merhaba {} çok teşekkür ederim",
    "russian": "здравствуйте {} спасибо большое вам",
    "korean": "안녕하세요 {} 도와주세요 제발요",
    "japanese": "助けてください {} お願いします",
    "chinese_simplified": "请帮我看看，{}，为什么进不去",
    "chinese_traditional": "請幫我看看，{}，為什麼進不去",
}
LAYOUTS = {
    "blanks": " ".join,
    "ideographic blanks": "\u3000".join,
    "commas": ", ".join,
    "numbered lines": lambda words: "\n".join(f"{i}. {word}" for i, word in enumerate(words, 1)),
    "numbered in a line": lambda words: " ".join(f"{i}){word}" for i, word in enumerate(words, 1)),
    "circled numbers": lambda words: "".join(chr(0x2460 + i % 20) + word for i, word in enumerate(words)),
    "three a line": lambda words: "\n".join("  ".join(words[i : i + 3]) for i in range(0, len(words), 3)),
    "capitals": lambda words: " ".join(words).upper(),
    "decomposed": lambda words: unicodedata.normalize("NFD", " ".join(words)),
    "invisible characters": lambda words: " ".join(f"{word[:1]}\u200b{word[1:]}" for word in words),
    "dashes": " - ".join,
    "quoted": lambda words: " ".join(f'"{word}",' for word in words),
    "joined": "".join,
    "two swapped": lambda words: " ".join([words[1], words[0], *words[2:]]),
}
WORDED_LAYOUTS = {
    "without accents": lambda words: " ".join(map(plain, words)),
    "one missing": lambda words: " ".join(words[:3] + words[4:]),
    "one misspelt": lambda words: " ".join([*words[:4], words[4] + "x", *words[5:]]),
}


def plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not 0x300 <= ord(c) < 0x370)


def a_phrase(language: str, seed: int) -> list[str]:
    entropy = random.Random(f"{language} {seed}").randbytes((16, 20, 24, 28, 32)[seed % 5])
    phrase = Mnemonic(language).to_mnemonic(entropy)
    return unicodedata.normalize("NFC", phrase).replace("\u3000", " ").split()


def assert_removed(language: str, layout) -> None:
    for seed in range(5):
        words = a_phrase(language, seed)
        redacted = redact(SENTENCES[language].format(layout(words)))
        assert redacted.kinds == ("seed phrase",)
        left = [w for w in words if len(w) > 4 and w in redacted.text]
        assert left == []


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("language", [*WORDED, *CHINESE])
def test_a_phrase_is_found_in_every_list_and_layout(language, layout):
    assert_removed(language, LAYOUTS[layout])


@pytest.mark.parametrize("layout", WORDED_LAYOUTS)
@pytest.mark.parametrize("language", ["english", "spanish", "french", "korean"])
def test_a_phrase_with_a_slip_in_it_is_found(language, layout):
    assert_removed(language, WORDED_LAYOUTS[layout])


@pytest.mark.parametrize(
    "phrase",
    [
        "abandon " * 11 + "about",
        "zoo " * 11 + "wrong",
        "abandon " * 23 + "art",
        "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
        " ".join(["legal winner thank year wave sausage worth useful"] * 2 + ["legal will"]),
        "legal winner thank year wave sausage worth useful legal winner thank yellow " * 2,
    ],
)
def test_a_phrase_of_few_words_is_proved_by_its_checksum(phrase):
    redacted = redact(f"my wallet: {phrase.strip()} please")
    assert redacted.kinds == ("seed phrase",)
    assert not {"abandon", "zoo", "wave", "cage", "yellow", "art", "about"} & set(redacted.text.split())


def test_a_russian_word_of_latin_letters_alone_does_not_part_a_phrase():
    for word in ("caxap", "ccopa", "xaoc"):
        words = a_phrase("russian", 1)
        words[5] = word
        text = " ".join(words)
        assert redact(f"{text} спасибо").text.count(words[4]) == 0, word


def test_a_latin_letter_does_not_hide_a_russian_phrase():
    text = " ".join(a_phrase("russian", 1)).replace("о", "o").replace("а", "a")
    assert redact(text).kinds == ("seed phrase",)


@pytest.mark.parametrize("language", SHORTENED)
def test_a_phrase_by_its_first_four_letters_is_found(language):
    for seed in range(5):
        text = " ".join(plain(word)[:4] for word in a_phrase(language, seed))
        assert redact(f"see: {text}").kinds == ("seed phrase",)


def test_letters_of_another_script_do_not_hide_a_phrase():
    text = " ".join(a_phrase("english", 1)).replace("o", "о").replace("a", "а")
    assert redact(text).kinds == ("seed phrase",)


def test_eight_words_are_enough_after_a_label():
    words = " ".join(a_phrase("english", 2)[:8])
    assert redact(f"my recovery phrase: {words}").kinds == ("seed phrase",)
    assert redact(f"I saw this: {words}") == Redacted(text=f"I saw this: {words}", kinds=(NEAR,))


def test_a_chinese_phrase_that_runs_on_from_its_label_is_found():
    for seed in range(5):
        phrase = "".join(a_phrase("chinese_simplified", seed))
        redacted = redact(f"我的助记词是{phrase}谢谢帮我看看")
        assert phrase not in redacted.text
        assert redacted.kinds == ("seed phrase",)


@pytest.mark.parametrize(
    "phrase",
    [
        "曰辟的乎驻吸留下硅右编发",
        "倒啊幫景詞旅技討戴有立了悟雄麼",
        "誼會津隙途要費劣闊之暢來",
        "诉 砖 客 胀 懂 得 心 板 荡 复 割 米",
    ],
)
def test_a_chinese_phrase_that_happens_to_hold_common_pairs_is_found(phrase):
    redacted = redact(f"请帮我看看，{phrase}，为什么进不去")
    assert redacted.kinds == ("seed phrase",)
    assert phrase not in redacted.text


@pytest.mark.parametrize(
    "text",
    [
        "请查收附件，并尽快安排付款，六位的付款密码想换成指纹。",
        "上網識個女仔教我入金炒幣",
        "我 真 的 不 知 道 该 怎 么 办 了 请 你 们 帮 帮 忙",
        "thank you " * 8,
        "I lost my seed phrase. Can you help me get it back? What should I do now to open my wallet again?",
        "You must make sure that they, too, receive or can get the source code. And you must show them these terms.",
        "我的助记词不能导入怎么办请你们帮我看看到底是什么问题谢谢",
        "提交后显示未满足审批要求，微信支付密码和短信验证码都收不到",
        "求 求 你 们 帮 帮 我 吧 我 的 钱 都 没 了",
        "No puedo entrar en mi cuenta desde ayer y nadie me ayuda, por favor respondan pronto a este mensaje.",
        "Where do I find the twelve words? I never wrote down my recovery phrase when I made the wallet.",
    ],
)
def test_prose_is_no_phrase(text):
    assert redact(text).text == text


KEYS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏ,ㅐ,ㅑ,ㅒ,ㅓ,ㅔ,ㅕ,ㅖ,ㅗ,ㅗㅏ,ㅗㅐ,ㅗㅣ,ㅛ,ㅜ,ㅜㅓ,ㅜㅔ,ㅜㅣ,ㅠ,ㅡ,ㅡㅣ,ㅣ"
ENDS = ",ㄱ,ㄲ,ㄱㅅ,ㄴ,ㄴㅈ,ㄴㅎ,ㄷ,ㄹ,ㄹㄱ,ㄹㅁ,ㄹㅂ,ㄹㅅ,ㄹㅌ,ㄹㅍ,ㄹㅎ,ㅁ,ㅂ,ㅂㅅ,ㅅ,ㅆ,ㅇ,ㅈ,ㅊ,ㅋ,ㅌ,ㅍ,ㅎ"


def by_keys(word: str) -> str:
    places = [ord(syllable) - 0xAC00 for syllable in word]
    vowels, ends = VOWELS.split(","), ENDS.split(",")
    return "".join(KEYS[at // 588] + vowels[at % 588 // 28] + ends[at % 28] for at in places)


@pytest.mark.parametrize("written", [by_keys, lambda word: unicodedata.normalize("NFD", word)], ids=["keys", "parts"])
def test_a_korean_phrase_letter_by_letter_is_found(written):
    for seed in range(20):
        words = [written(word) for word in a_phrase("korean", seed)]
        redacted = redact(f"안녕하세요 {' '.join(words)} 도와주세요 제발요")
        assert redacted.kinds == ("seed phrase",)
        assert not [word for word in words if word in redacted.text]


@pytest.mark.parametrize(
    "phrase",
    [
        "큰어머니 무릎 책상 단골 단체 술병 이렇게 계단 무심관 강제 대학 진찰 야옹 소나기 기혼",
        "간장 엉덩이 지출 북부 한복 확장 부용작 담임 바늘 접촉 큰일 행동 실천 상금 추측",
    ],
)
def test_two_syllables_exchanged_do_not_hide_a_korean_phrase(phrase):
    assert redact(f"안녕하세요 {phrase} 도와주세요 제발요").text == "안녕하세요 [seed phrase removed] 도와주세요 제발요"


@pytest.mark.parametrize("language", WORDED)
@pytest.mark.parametrize("places", [(0, 11), (4, 5), (2, 8), (10, 11), (0, 6)])
def test_two_misspelt_words_do_not_hide_a_phrase(language, places):
    for seed in (0, 5, 10):  # of twelve words
        words = a_phrase(language, seed)
        for at in places:
            words[at] += words[at][-1]
        text = SENTENCES[language].format(" ".join(words))
        assert redact(text).kinds == ("seed phrase",)
        assert not set(words) & set(redact(text).text.replace("[seed phrase removed]", "").split())


@pytest.mark.parametrize(
    "text",
    [
        "copy_file_range): Remove. All uses now simply call copy_file_range",
        "Split dbus-common into -session-bus-common and -system-bus-common. This",
        "lib-mail: test-message-address - Add TEST_MESSAGE_ADDRESS_FLAG_SKIP_LIST",
    ],
)
def test_names_of_programs_are_no_misspelt_phrase(text):
    assert redact(text).text == text


def test_a_word_of_three_letters_that_lost_one_does_not_hide_a_phrase():
    words = "exotic segment canal swallow shuffle orange sausage axis fruit gn pizza utility office hazard stone"
    assert redact(f"my wallet is gone, {words} please help").kinds == ("seed phrase",)
    twelve = "carry profit meadow sentence foil predict gn mad suit dawn moon slice"
    assert redact(twelve).text == "[seed phrase removed]"


def test_a_little_word_between_listed_ones_makes_no_phrase_of_a_sentence():
    text = "the nation of power and the history of music, a picture of a river of gold in the city of angels"
    assert redact(text).kinds == ()


@pytest.mark.parametrize(
    "text",
    [
        "a b c d e f g h i "
        + "ribbon velvet kitchen orbit lemon zebrra tiger anchor gossip hammer violin zebrra " * 1_700,
        "a b c d e f g h i " + "ribbon velvet kitchen orbit lemon tiger anchor gossip qqqq wwww " * 2_200,
    ],
    ids=["misspelt", "far"],
)
def test_a_long_text_of_listed_words_takes_a_moment(text):
    with bounded(seconds=2):
        redact(text)
