import numpy as np
import pytest

from triage.case import Reading, Urgency
from triage.classifier import predict, signs
from triage.classifier.folding import fold_text
from triage.classifier.sign_head import SignHead


def found(text, tongue="en"):
    return set(signs.find_signs(fold_text(text), tongue))


def columns_of(text, tongue="en"):
    return {signs.columns()[place] for place in signs.together(signs.find_signs(fold_text(text), tongue))}


@pytest.mark.parametrize("tongue", sorted(signs.languages()))
def test_every_language_has_words_for_every_sign(tongue):
    assert set(signs._words(tongue)) == set(signs.names())
    assert all(signs._words(tongue).values())


def test_every_language_of_the_desk_has_signs():
    assert signs.languages() == {"zh", "en", "es", "ja", "ko", "ru", "pt", "vi", "id", "tr", "fr", "de", "ar"}


@pytest.mark.parametrize(
    ("text", "tongue"),
    [
        ("a transfer left at dawn, it was not me", "en"),
        ("凌晨有一笔转出，不是我操作的", "zh"),
        ("凌晨有一筆轉出，不是我操作的", "zh"),
        ("salió una transferencia y no fui yo", "es"),
        ("saiu uma transferência e não fui eu", "pt"),
        ("un virement est parti, ce n'est pas moi", "fr"),
        ("eine Überweisung ging raus, die war nicht von mir", "de"),
        ("ушёл перевод, это был не я", "ru"),
        ("tiền bị chuyển đi, không phải tôi làm", "vi"),
        ("ada transfer keluar, bukan saya", "id"),
        ("bir transfer çıkmış, ben yapmadım", "tr"),
        ("خرج تحويل وأنا لم أقم به", "ar"),
        ("知らないうちに送金されて、身に覚えがない", "ja"),
        ("출금이 됐는데 제가 한 게 아니에요", "ko"),
    ],
)
def test_money_that_went_out_unasked_is_seen_in_every_language(text, tongue):
    assert "out+notme" in columns_of(text, tongue)


@pytest.mark.parametrize(
    ("text", "tongue"),
    [
        ("typed my seed phrase into a form", "en"),
        ("我把助记词输入到一个网站了", "zh"),
        ("puse mi frase semilla en una página", "es"),
        ("digitei minha frase semente num site", "pt"),
        ("j'ai saisi ma phrase secrète sur un site", "fr"),
        ("meine Seed auf einer Seite eingegeben", "de"),
        ("ввёл сид фразу на сайте", "ru"),
        ("mình nhập cụm từ khôi phục vào trang web lạ", "vi"),
        ("saya memasukkan frasa pemulihan di situs", "id"),
        ("kurtarma kelimelerimi bir siteye girdim", "tr"),
        ("كتبت عبارة الاسترداد في موقع", "ar"),
        ("サイトに復元フレーズを入力してしまった", "ja"),
        ("사이트에 복구 구문을 입력했어요", "ko"),
    ],
)
def test_a_secret_handed_over_is_seen_in_every_language(text, tongue):
    assert {"secret+gave", "secret+where"} <= columns_of(text, tongue)


def test_signs_far_apart_do_not_belong_together():
    text = "a transfer " + "and then the weather was fine " * 8 + "not me"
    assert {"out", "notme"} <= found(text)
    assert "out+notme" not in columns_of(text)


def test_a_sign_counts_once_however_often_it_is_repeated():
    once, _ = signs.matrix(signs.signs_of(["stolen coins"], ["en"]))
    often, _ = signs.matrix(signs.signs_of(["stolen coins " * 10], ["en"]))
    assert np.array_equal(once[0].toarray(), often[0].toarray())


def test_a_word_is_a_sign_only_as_a_whole_word():
    assert "theft" not in found("the hackathon was fun")
    assert "theft" in found("my account got hacked")


def test_small_talk_around_it_hides_no_sign():
    talk = "how lovely it would be to see the garden of my friend in the spring, " * 6
    rows, owner = signs.matrix(signs.signs_of([talk + "a transfer I never made, " + talk], ["en"]))
    alone, _ = signs.matrix(signs.signs_of(["a transfer I never made"], ["en"]))
    assert "wish" in found(talk) or "maybe" in found(talk)
    assert any((rows[row] != alone[0]).nnz < (rows[0] != alone[0]).nnz for row in range(1, len(owner)))


def test_without_a_known_language_the_letters_suggest_it():
    assert signs.tongue_of(fold_text("钱没了"), "und") == "zh"
    assert signs.tongue_of(fold_text("деньги"), "") == "ru"
    assert signs.tongue_of("my money", "xx") == "en"
    assert signs.tongue_of("", "und") == "en"


def test_a_model_that_learned_other_signs_is_used_as_far_as_they_are_known():
    columns = ["out+notme", "a sign of tomorrow"]
    head = SignHead(np.ones((2, 3)), np.zeros(3), columns)
    odds, found = head.worst(signs.signs_of(["a transfer I never made"], ["en"]))
    assert odds[0].tolist() == [1, 1, 1]
    assert head.told(found, 0) == "money going out and not having done it"


@pytest.mark.parametrize("damage", ["short", "nan"])
def test_weights_that_do_not_fit_are_refused(damage):
    weights = np.ones((1, 3)) if damage == "short" else np.full((2, 3), np.nan)
    with pytest.raises(ValueError, match="do not fit"):
        SignHead(weights, np.zeros(3), ["out", "notme"])


def test_a_model_says_which_signs_spoke_for_its_urgency(small_models):
    judge = predict.current(small_models)
    text = "Two withdrawals went out at night, I was asleep and did not make them, my coins are gone"
    verdict = judge.judge([Reading(text=text, language="en")])[0]
    assert verdict.urgency >= Urgency.HIGH
    assert any("speaks of" in reason.text for reason in verdict.reasons if reason.code == "model.urgency")
