import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.case import Reading, Urgency
from triage.classifier import dataset

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
@given(st.lists(TEXTS, max_size=4), st.sampled_from([*dataset.LANGUAGES, "und", "xx"]))
def test_every_text_gets_a_verdict_and_none_an_exception(shipped, texts, language):
    verdicts = shipped.judge([reading(text, language) for text in texts])
    assert len(verdicts) == len(texts)
    for verdict in verdicts:
        assert verdict.nature in dataset.NATURES
        assert verdict.category in (*dataset.CATEGORIES, "unsorted")
        assert 0 <= verdict.confidence <= 1
        assert verdict.model == shipped.version


def test_a_batch_gives_each_text_the_verdict_it_gets_alone(shipped):
    rows = dataset.load()[::97]
    readings = [reading(row.text, row.lang) for row in rows] + [reading(""), reading("My coins are gone. " * 200)]
    alone = [shipped.judge([one])[0] for one in readings]
    for together, single in zip(shipped.judge(readings), alone, strict=True):
        assert (together.category, together.topic, together.urgency) == (single.category, single.topic, single.urgency)
        assert together.confidence == pytest.approx(single.confidence, abs=1e-3)


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
    assert right / len(rows) > 0.9
