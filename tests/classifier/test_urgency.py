import pytest

from triage.case import Reading, Urgency
from triage.classifier import dataset
from triage.classifier.heaps import without_heaps
from triage.classifier.situations import ALARMS, DENIALS, ENDINGS, FRAMES, PAST, PRESSING, SITUATIONS
from triage.classifier.urgency import RulesOnly, find_situations
from triage.rules.language import LANGUAGES


def codes(text, language="en"):
    return [situation.reason.code for situation in find_situations(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("I sent my recovery phrase to a man on telegram", "en", "rule.leaked-secret"),
        ("our coins were stolen on friday", "en", "rule.theft"),
        ("there is a transfer here I did not authorize", "en", "rule.theft"),
        ("somebody logged in from Peru", "en", "rule.suspicious-login"),
        ("they left me with nothing, my phone was snatched", "en", "rule.lost-device"),
        ("account frozen, all my money is inside", "en", "rule.locked-out-with-money"),
        ("my withdrawal is stuck for three weeks and still nothing", "en", "rule.money-stuck"),
        ("my lawyer will write to you", "en", "rule.legal-threat"),
        ("助记词被人看到了", "zh-Hans", "rule.leaked-secret"),
        ("助記詞被人看到了", "zh-Hant", "rule.leaked-secret"),
        ("我的币被转走了", "zh-Hans", "rule.theft"),
        ("me han robado los fondos", "es", "rule.theft"),
        ("コインが盗まれました", "ja", "rule.theft"),
        ("지갑이 해킹당했어요", "ko", "rule.theft"),
        ("у меня украли все монеты", "ru", "rule.theft"),
        ("roubaram meu dinheiro da carteira", "pt", "rule.theft"),
        ("Ví của tôi bị hack rồi", "vi", "rule.theft"),
        ("saldo saya dicuri", "id", "rule.theft"),
        ("hesabım boşaltıldı", "tr", "rule.theft"),
        ("on m'a volé mes fonds, compte piraté", "fr", "rule.theft"),
        ("meine Coins wurden gestohlen", "de", "rule.theft"),
        ("تم اختراق محفظتي", "ar", "rule.theft"),
    ],
)
def test_a_situation_is_found_in_its_language(text, language, code):
    assert code in codes(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("my account was not hacked, I only forgot the password", "en"),
        ("what happens if my coins are stolen one day", "en"),
        ("how do I prevent my wallet from being drained", "en"),
        ("I thought my coins were stolen, false alarm, they are in the other wallet", "en"),
        ("我的币没有被盗，只是想问手续费", "zh-Hans"),
        ("如果币被盗了怎么办", "zh-Hans"),
        ("no me robaron nada, solo pregunto", "es"),
        ("meine Coins wurden nicht gestohlen", "de"),
        ("how do I send USDT", "en"),
        ("URGENT!!! URGENT!!! change the colour of the button", "en"),
    ],
)
def test_what_is_denied_asked_or_over_is_no_situation(text, language):
    assert "rule.theft" not in codes(text, language)


def test_a_stolen_phone_is_a_lost_device_and_no_theft_of_money():
    assert codes("my phone was stolen on the tram") == ["rule.lost-device"]


def test_what_happened_long_ago_is_high_and_not_critical():
    assert find_situations("my coins were stolen last year", "en")[0].urgency == Urgency.HIGH


def test_rules_raise_the_models_urgency_and_never_lower_it(shipped):
    rows = dataset.load()[::17]
    readings = [Reading(text=row.text, language=row.lang) for row in rows]
    for one, verdict in zip(readings, shipped.judge(readings), strict=True):
        if verdict.nature == "request":
            told = find_situations(without_heaps(one.text, one.language, shipped.scorer.joins), one.language)
            assert all(verdict.urgency >= situation.urgency for situation in told)


def test_a_placeholder_of_a_redacted_key_is_a_leaked_secret():
    assert "rule.leaked-secret" in codes("please help [seed phrase removed] it says invalid")
    assert codes("my order [12] was removed") == []


def test_every_language_of_the_desk_has_its_guards_and_phrases():
    tongues = {language.split("-")[0] for language in LANGUAGES}
    assert set(DENIALS) == set(ENDINGS) == set(PAST) == set(ALARMS) == set(PRESSING) == tongues
    assert set(FRAMES["before"]) == set(FRAMES["behind"]) == tongues
    for kind in SITUATIONS:
        assert set(kind.phrases) <= tongues
        if kind.code != "rule.remote-control":
            assert set(kind.phrases) == tongues


def test_most_situations_that_fire_on_the_corpus_are_true():
    fired = [
        (row.urgency, situation.urgency)
        for row in dataset.load()
        if row.nature == "request"
        for situation in find_situations(row.text, row.lang)
    ]
    assert len(fired) > 150
    assert sum(truth >= said for truth, said in fired) / len(fired) > 0.8


def test_without_a_model_the_rules_sort_what_they_can_and_leave_the_rest():
    stolen, question, empty = RulesOnly().judge(
        [Reading(text=text, language="en") for text in ("someone stole my coins", "how do I swap", " ")]
    )
    assert (stolen.category, stolen.urgency, stolen.model) == ("security", Urgency.CRITICAL, "rules")
    assert (question.category, question.urgency) == ("unsorted", Urgency.NORMAL)
    assert (empty.nature, empty.urgency) == ("empty", Urgency.LOW)
