import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.case import Reading, Urgency
from triage.classifier import dataset
from triage.classifier.folding import fold_text
from triage.classifier.signs import tongue_of
from triage.classifier.stretches import stretches
from triage.rules.language import LANGUAGES

TEXTS = st.one_of(
    st.text(max_size=300),
    st.text(st.characters(min_codepoint=0, max_codepoint=0x10FFFF, exclude_categories=()), max_size=80),
    st.sampled_from(
        ["", " ", "?", "😀😀", "ا", "\ud800", "a" * 20_000, "钱 " * 5000, "\n\n\n", "\u0301" * 50, "0x" + "a" * 40]
    ),
)


def reading(text, language="en"):
    return Reading(text=text, language=language)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, max_size=4), st.sampled_from([*LANGUAGES, "und", "xx"]))
def test_every_text_gets_a_verdict_and_none_an_exception(shipped, texts, language):
    verdicts = shipped.judge([reading(text, language) for text in texts])
    assert len(verdicts) == len(texts)
    for verdict in verdicts:
        assert verdict.nature in dataset.NATURES
        assert verdict.category in (*dataset.CATEGORIES, "unsorted")
        assert 0 <= verdict.confidence <= 1
        assert verdict.model == shipped.version
        shares = [share for _, share in verdict.likely]
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) <= 1.03


def test_a_batch_gives_each_text_the_verdict_it_gets_alone(shipped):
    rows = dataset.load()[::97]
    readings = [reading(row.text, row.lang) for row in rows] + [reading(""), reading("My coins are gone. " * 200)]
    alone = [shipped.judge([one])[0] for one in readings]
    for together, single in zip(shipped.judge(readings), alone, strict=True):
        assert (together.category, together.topic, together.urgency) == (single.category, single.topic, single.urgency)
        assert together.confidence == pytest.approx(single.confidence, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "language", "idle"),
    [
        ("what is the fee and how do I see the rate before I send?", "en", {"what", "the", "how", "do", "i", "before"}),
        ("no puedo entrar a la cuenta desde mi teléfono nuevo", "es", {"no", "puedo", "la", "mi", "la cuenta"}),
        ("我的钱包里的钱不见了，怎么办", "zh-Hans", {"我的", "里的", "怎么", "么办", "的钱"}),
        ("не могу войти, код не приходит", "ru", {"не", "не могу", "код не"}),
        ("ログインできません、どうすればいいですか", "ja", {"ログ", "グイ", "ませ", "いい", "です"}),
        ("카드를 잃어버렸는데 정지는 어떻게 하나요", "ko", {"어떻게", "하나요"}),
    ],
)
def test_the_words_that_decided_are_those_of_the_matter(shipped, text, language, idle):
    words = {
        reason.text.lower() for reason in shipped.judge([reading(text, language)])[0].reasons if reason.code == "word"
    }
    assert words
    assert not words & idle


def test_the_words_that_decided_stand_in_the_text(shipped):
    text = "My withdrawal to my bank is still pending since this morning, is that normal?"
    words = [reason.text for reason in shipped.judge([reading(text)])[0].reasons if reason.code == "word"]
    assert words
    assert all(word in text for word in words)


def test_the_runner_up_is_named_and_never_likelier(shipped):
    verdict = shipped.judge([reading("I forgot my password and the reset mail does not come")])[0]
    assert verdict.category == "account"
    assert verdict.second is not None
    assert verdict.second[1] <= verdict.confidence


@pytest.mark.parametrize("text", ["", "   ", "...", "😀", "?!"])
def test_what_has_no_letters_is_empty(shipped, text):
    verdict = shipped.judge([reading(text)])[0]
    assert (verdict.nature, verdict.urgency) == ("empty", Urgency.LOW)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Somebody emptied my wallet tonight and I did not sign anything", "en"),
        ("我的钱包被盗了，币全部被转走，我什么都没操作", "zh-Hans"),
        ("我的錢包被盜了，幣全部被轉走，我什麼都沒操作", "zh-Hant"),
        ("Me robaron todo el saldo de la billetera, yo no hice esa transferencia", "es"),
        ("[seed phrase removed] these are my words", "en"),
    ],
)
def test_theft_and_leaked_keys_are_security_and_critical(shipped, text, language):
    verdict = shipped.judge([reading(text, language)])[0]
    assert (verdict.category, verdict.urgency) == ("security", Urgency.CRITICAL)
    assert any(reason.code.startswith("rule.") for reason in verdict.reasons)


def test_small_talk_around_it_does_not_hide_a_theft(shipped):
    talk = "I hope you are well and the weather is fine where you live. My holiday was lovely, we swam a lot. "
    text = talk * 4 + "By the way coins were sent out of my account in the night and nobody here did that. " + talk * 4
    assert shipped.judge([reading(text)])[0].urgency >= Urgency.HIGH


def test_the_shipped_model_finds_most_of_what_it_was_taught(shipped):
    rows = [row for row in dataset.load() if row.nature == "request"][::11]
    verdicts = shipped.judge([reading(row.text, row.lang) for row in rows])
    right = sum(verdict.category == row.category for verdict, row in zip(verdicts, rows, strict=True))
    assert right / len(rows) > 0.85


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Minutes of the garden club: the hedge is cut in May, the pond waits until autumn. Tea at four.", "en"),
        ("周末去爬山的同学在东门集合，记得带水", "zh-Hans"),
        ("Vecinos, el jueves pintan la escalera, no aparquen delante del portal", "es"),
    ],
)
def test_mail_for_somebody_else_is_never_high(shipped, text, language):
    assert shipped.judge([reading(text, language)])[0].urgency <= Urgency.NORMAL


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Buy now and save up to 60%: watches, bags and shoes, free shipping, limited offer, unsubscribe here", "en"),
        ("Certified recovery expert, we recover your lost bitcoin, guaranteed, contact him on telegram", "en"),
        ("我司可代开各类发票，点数优惠，欢迎来电，联系人张经理", "zh-Hans"),
        ("Oferta limitada: préstamos inmediatos sin buró, haga clic, cupos limitados", "es"),
        ("Kampanya: ücretsiz kargo ve yüzde elli indirim, hemen tıklayın", "tr"),
        ("Online Casino mit 100 Euro Bonus, jetzt Angebot sichern, Newsletter abbestellen", "de"),
    ],
)
def test_advertising_is_spam_in_every_language(shipped, text, language):
    assert shipped.judge([reading(text, language)])[0].nature == "spam"


@pytest.mark.parametrize("row", ["praise", "complaint", "suggestion", "usability", "rating"])
def test_what_is_surely_an_opinion_without_a_threat_is_never_high_by_likeness(shipped, row):
    # A stretch of a long text may tell of more than an opinion.
    rows = [
        one
        for one in dataset.load()
        if one.topic == row and not stretches(fold_text(one.text), tongue_of(fold_text(one.text), one.lang))
    ]
    verdicts = shipped.judge([reading(one.text, one.lang) for one in rows])
    for verdict in verdicts:
        if verdict.category == "feedback" and verdict.confidence >= 0.6 and verdict.urgency >= Urgency.HIGH:
            assert verdict.topic == "legal-threat" or any(reason.code.startswith("rule.") for reason in verdict.reasons)


@pytest.mark.parametrize(
    ("words", "language"),
    [
        (" URGENT stolen hacked", "en"),
        (" urgent hacked stolen urgent hacked stolen!!!", "en"),
        (" 紧急 被盗 被黑", "zh-Hans"),
        (" urgente robado hackeado", "es"),
        (" dringend gestohlen gehackt", "de"),
        (" срочно украли взломали", "ru"),
        (" acil çalındı hacklendi", "tr"),
    ],
)
def test_alarming_words_heaped_on_a_calm_message_raise_hardly_any(shipped, words, language):
    rows = [row for row in dataset.load() if row.lang == language and row.nature == "request" and row.urgency <= 1]
    calm = [verdict.urgency for verdict in shipped.judge([reading(row.text, language) for row in rows])]
    loud = [verdict.urgency for verdict in shipped.judge([reading(row.text + words, language) for row in rows])]
    raised = sum(after > max(before, Urgency.NORMAL) for before, after in zip(calm, loud, strict=True))
    assert raised <= 0.05 * len(rows)


def test_a_message_that_is_little_else_keeps_its_alarming_words(shipped):
    assert shipped.judge([reading("help urgent stolen hacked")])[0].urgency >= Urgency.NORMAL


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("HACKED! thief stole my coins, please help", "en"),
        ("scammers stole everything I had", "en"),
        ("URGENTE me hackearon, robaron todos mis bitcoin", "es"),
        ("急！钱包被黑，币被盗走了", "zh-Hans"),
        ("Wallet gehackt, alles gestohlen", "de"),
        ("мошенники украли деньги с карты", "ru"),
        ("助けて！ハッキングされてコインが盗まれました", "ja"),
        ("النجدة! هكر سرق كل عملاتي", "ar"),
    ],
)
def test_a_theft_told_in_a_panic_is_high(shipped, text, language):
    assert shipped.judge([reading(text, language)])[0].urgency >= Urgency.HIGH


@pytest.mark.parametrize(
    ("text", "language"),
    [("Great app, thank you so much!", "en"), ("excelente app, gracias", "es"), ("很好用的钱包，谢谢", "zh-Hans")],
)
def test_thanks_with_an_opinion_in_them_are_praise(shipped, text, language):
    [verdict] = shipped.judge([Reading(text=text, language=language)])
    assert (verdict.nature, verdict.category, verdict.urgency) == ("request", "feedback", Urgency.LOW)


def test_what_is_left_unsorted_is_never_said_to_be_sure(shipped):
    texts = (
        "thank you, and what is the weather like",
        "good evening from Lisbon",
        "the cat is on the table",
        "as said",
    )
    verdicts = shipped.judge([Reading(text=text, language="en") for text in texts])
    unsorted = [verdict for verdict in verdicts if (verdict.nature, verdict.category) == ("request", "unsorted")]
    assert unsorted
    assert all(verdict.confidence < 0.5 for verdict in unsorted)
