import pytest

from triage.classifier.heaps import without_heaps


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how do I swap coins? urgent stolen hacked", "en"),
        ("手续费是多少呢 紧急被盗被黑", "zh-Hans"),
        ("手續費是多少呢 緊急被盜被黑", "zh-Hant"),
        ("¿cómo cambio la moneda? urgente robado hackeado", "es"),
        ("Как поменять валюту? срочно украли взломали", "ru"),
    ],
)
def test_a_heap_is_blanked_and_every_other_word_stays_in_its_place(text, language):
    rest = without_heaps(text, language)
    assert len(rest) == len(text)
    assert rest.split() == text[: len(rest.rstrip())].split()
    assert rest != text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("my wallet was hacked and all coins were stolen", "en"),
        ("I was robbed, please help me", "en"),
        ("我的钱包被盗了怎么办", "zh-Hans"),
        ("urgent stolen hacked help", "en"),
        ("被盗 被黑", "zh-Hans"),
        ("", "xx"),
    ],
)
def test_what_is_told_or_is_all_there_is_stays(text, language):
    assert without_heaps(text, language) == text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how do I change the language of the menu, stolen", "en"),
        ("hacked how do I change the language of the page", "en"),
        ("Stolen! How do I change the language of the page?", "en"),
        ("怎样更换页面语言呢？ 被盗", "zh-Hans"),
        ("¿cómo se pone el idioma de la página? hackeado", "es"),
        ("как поменять язык страницы? взлом", "ru"),
    ],
)
def test_a_bare_alarming_word_is_blanked(text, language):
    rest = without_heaps(text, language)
    assert rest != text
    assert len(rest) == len(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("this morning my coins stolen from metamask", "en"),
        ("I think somebody hacked the account I opened in May", "en"),
        ("stolen funds, a transfer went out at night", "en"),
        ("昨天钱包被盗，里面的币都没了", "zh-Hans"),
        ("ayer me robaron el saldo de la billetera", "es"),
        ("вчера мой кошелёк взломали и вывели монеты", "ru"),
    ],
)
def test_an_alarming_word_that_makes_a_statement_stays(text, language):
    assert without_heaps(text, language) == text


@pytest.mark.parametrize(
    ("text", "language", "gone"),
    [
        ("where do hacked I find the statement for my stolen taxes", "en", ("hacked", "stolen")),
        ("cual robado seria el horario de mi hackeado sucursal", "es", ("robado", "hackeado")),
        ("怎样更换被盗页面的语言，字体被黑太小了", "zh-Hans", ("被盗", "被黑")),
        ("wie stelle gehackt ich die sprache der gestohlen seite hier um", "de", ("gehackt",)),
    ],
)
def test_alarming_words_sprinkled_over_a_calm_text_are_blanked(text, language, gone):
    rest = without_heaps(text, language)
    assert not any(word in rest for word in gone)
    assert len(rest) == len(text)


def test_a_word_that_parts_two_that_belong_together_was_thrown_in():
    text = "tell me where the money stolen that I sent is shown"
    assert without_heaps(text, "en", lambda left, right: (left, right) == ("money", "that")) == text.replace(
        "stolen", " " * 6
    )
    assert without_heaps(text, "en", lambda left, right: (left, right) == ("money", "stolen")) == text


def test_amid_a_clause_one_frame_is_chance_unless_the_neighbours_are_known():
    text = "warum muss ich mich gehackt hier noch einmal ausweisen"
    assert "gehackt" not in without_heaps(text, "de", lambda _left, _right: False)
    told = "ich frage mich gehackt womit ich immer bezahle"
    assert without_heaps(told, "de", lambda left, right: (left, right) == ("mich", "gehackt")) == told


def test_after_a_word_that_asks_for_it_an_alarming_one_is_said_whatever_follows():
    for text, language in (
        ("me han robado ayer sin que yo mirase", "es"),
        ("es wurde gehackt womit ich bezahle", "de"),
    ):
        assert without_heaps(text, language, lambda _left, _right: False) == text


def test_where_nothing_is_known_of_neighbours_one_frame_is_enough():
    text = "yesterday my wallet was hacked while I slept"
    assert without_heaps(text, "en") == text
    assert without_heaps("sie sind gehackt womit ich bezahle", "de") == "sie sind gehackt womit ich bezahle"


def test_words_framed_on_both_sides_are_believed_beside_one_that_was_called_out():
    rest = without_heaps("HACKED! somebody has stolen my coins, what can I do", "en")
    assert "somebody has stolen my coins" in rest


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("HACKED! thief stole my coins, please help", "en", "thief stole my coins"),
        ("URGENTE me hackearon, robaron todos mis bitcoin", "es", "me hackearon, robaron todos mis bitcoin"),
        ("Помогите! взломали, украли все монеты", "ru", "взломали, украли все монеты"),
        ("被盗了！黑客转走了我的币", "zh-Hans", "被盗了"),
        ("Hilfe! gehackt! Hacker haben meine Coins gestohlen", "de", "Hacker haben meine Coins gestohlen"),
    ],
)
def test_who_writes_in_a_panic_is_still_believed(text, language, said):
    assert said in without_heaps(text, language)
