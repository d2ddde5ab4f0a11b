import shutil
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from triage.classifier.dataset import TOPICS
from triage.errors import ConfigError
from triage.replies import NAMES, PHRASES, load
from triage.rules.language import LANGUAGES, detect
from triage.rules.missing import ASKED, NEEDED

SHIPPED = Path(__file__).parents[1] / "config/replies"
FACTS = {"desk": "Acme Wallet", "number": "00A5-4Q2M9XRC", "wait": "WAIT"}
HOUR = 3600
ISOLATES_AND_MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e"


@pytest.fixture(scope="module")
def replies():
    return load(SHIPPED)


@pytest.fixture
def folder(tmp_path):
    for language in ("en", "es"):
        shutil.copytree(SHIPPED / language, tmp_path / "replies" / language)
    return tmp_path / "replies"


def all_of(replies, language, **facts):
    """Return each text of a language with everything in it, by name."""
    given = FACTS | {"missing": ASKED, "faq": "https://help.example/x", "stolen": True, "by": "BY"} | facts
    return {name: "\n".join(replies.render(name, language, **given)) for name in NAMES}


def test_every_language_that_is_recognised_has_every_text(replies):
    assert set(replies.languages) == set(LANGUAGES)


def test_the_folder_of_english_holds_every_text_and_no_other():
    assert {p.stem for p in (SHIPPED / "en").iterdir()} == {*NAMES, "phrases"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_in_its_language(replies, language):
    for name, text in all_of(replies, language).items():
        plain = text.replace("Acme Wallet", "").replace("00A5-4Q2M9XRC", "")
        assert name == "rated" or detect(plain) == language, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_acknowledgement_carries_number_and_waiting_time(replies, language):
    wait = replies.waiting(language, 0, 24 * HOUR)
    subject, text = replies.render("acknowledgement", language, **FACTS | {"wait": wait})
    assert "00A5-4Q2M9XRC" in subject
    assert "00A5-4Q2M9XRC" in text
    assert wait in text
    assert "24" in wait


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_missing_the_help_page_and_first_aid_are_told_only_if_there_is_something_to_tell(replies, language):
    _, bare = replies.render("acknowledgement", language, **FACTS)
    _, full = replies.render("acknowledgement", language, **FACTS, missing=ASKED, faq="https://help.example/x")
    assert full.count("\n- ") == len(ASKED)
    assert "https://help.example/x\n" in full  # nothing behind it that a mail program would take as its end
    assert "\n- " not in bare
    assert "http" not in bare
    _, stolen = replies.render("acknowledgement", language, **FACTS, stolen=True)
    assert len(stolen) > len(bare) + 30


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_about_a_case_says_what_never_to_send_anyone(replies, language):
    never = replies.render("start", language, **FACTS)[1].strip().rpartition("\n\n")[2]
    for name in ("acknowledgement", "still-in-line", "late", "start"):
        assert never in replies.render(name, language, **FACTS)[1], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_public_text_fits_a_post_and_has_no_facts(replies, language):
    secrets = {"desk": "SECRET-NAME", "number": "SECRET-NUMBER", "wait": "SECRET-TIME", "faq": "SECRET-PAGE"}
    _, text = replies.render("public", language, **secrets, missing=ASKED, stolen=True)
    assert "SECRET" not in text
    assert text.count("\n") == 1
    # As X counts: https://docs.x.com/fundamentals/counting-characters
    single = ((0, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
    assert sum(1 if any(a <= ord(c) <= b for a, b in single) else 2 for c in text.strip()) <= 270


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_state_of_a_case_is_told_in_other_words(replies, language):
    told = {
        s: replies.render("status", language, **FACTS, state=s)[1] for s in ("open", "late", "answered", "resolved")
    }
    assert len(set(told.values())) == 4
    assert ["WAIT" in text for text in told.values()] == [True, False, False, False]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_has_blank_paragraphs_stray_blanks_or_letters_that_nobody_sees(replies, language):
    for name, text in all_of(replies, language).items():
        assert "\n\n\n" not in text, name
        assert "  " not in text, name
        assert not any(line != line.strip() for line in text.split("\n")), name
        assert not set(text) & set(ISOLATES_AND_MARKS), name
        assert "{" not in text, name


def test_arabic_lines_begin_with_arabic_so_that_they_run_from_the_right(replies):
    for name, text in all_of(replies, "ar", faq="").items():
        for line in text.splitlines():
            first = next((c for c in line if c.isalpha()), "ش")
            assert "\u0600" <= first <= "\u06ff" or line == "/rate_1", (name, line)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_promised_money(replies, language):
    promise = {"en": "we will recover", "es": "recuperaremos", "de": "wir holen", "fr": "nous récupérerons"}
    everything = "\n".join(all_of(replies, language).values()).casefold()
    assert promise.get(language, "guarantee") not in everything


def test_a_language_without_a_text_is_refused_by_name(folder):
    (folder / "es/secret.txt").unlink()
    with pytest.raises(ConfigError, match=r'secret\.txt is missing: the language "es"'):
        load(folder)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Hello\n\n{{ customer_text }}", r"start\.txt, line 3: there is no \"customer_text\""),
        ("Subject: {{ customer }}\nHello", r"start\.txt, line 1: there is no \"customer\""),
        ("Hi\n{% if state == 'late' %}\n{{ nowhere }}\n{% endif %}", r"start\.txt, line 3: .*nowhere"),
        ("Hi\n{% if state %}", r"start\.txt, line 2: "),
        ("Hi\n\n{{ desk.__class__.__mro__ }}", r"start\.txt, line 3: .*cannot look into"),
        ("Hi\n{{ missing[0] }}", r"start\.txt, line 2: .*cannot look into"),
        ("Hi\n{{ range(9) }}", r"start\.txt, line 2: "),
        ("Subject: Hello\nHi\n{{ 1 / 0 }}", r"start\.txt, line 3: division"),
        ("{% if stolen %}Hi{% endif %}", r"start\.txt: nothing is left"),
    ],
)
def test_a_broken_text_is_refused_at_the_start_with_file_and_line(folder, text, says):
    (folder / "en/start.txt").write_text(text)
    with pytest.raises(ConfigError, match=says.replace(r"\"", '"')):
        load(folder)


def test_a_text_may_count_and_name_what_it_repeats(folder):
    (folder / "en/start.txt").write_text("{% for one in missing %}{{ loop.index }}. {{ one }}\n{% endfor %}Hi")
    assert load(folder).render("start", "en", missing=("coin",))[1].startswith("1. which coin")


@pytest.mark.parametrize(
    ("phrases", "says"),
    [
        ("never: no", r'phrases\.txt: the language "en" needs a line "at-most'),
        ("# a comment\n\nsize: how big", r'phrases\.txt, line 3: "size"'),
        ("never: no\nnever: no", r'phrases\.txt, line 2: "never"'),
        ("never:", r'phrases\.txt, line 1: "never"'),
        ("never: {{ who }}", r'phrases\.txt, line 1: there is no "who"'),
    ],
)
def test_a_broken_phrase_is_refused_at_the_start_with_file_and_line(folder, phrases, says):
    (folder / "en/phrases.txt").write_text(phrases)
    with pytest.raises(ConfigError, match=says):
        load(folder)


def test_every_fact_that_is_asked_for_has_a_phrase_and_every_topic_exists():
    topics = {topic for some in TOPICS.values() for topic in some}
    assert set(NEEDED) <= topics
    assert {fact for facts in NEEDED.values() for fact in facts} <= set(ASKED) <= set(PHRASES)


def test_an_unknown_language_falls_back_to_english_and_a_script_to_its_neighbour():
    some = load(SHIPPED, ("en", "zh-Hans"))
    assert some.language_for("ko") == "en"
    assert some.language_for("zh-Hant") == "zh-Hans"


@pytest.mark.parametrize(
    ("low", "high", "language", "words"),
    [
        (0, 900, "en", "up to 15 minutes"),
        (0, 7200, "en", "up to 2 hours"),
        (0, 86400, "zh-Hans", "最长24小时"),
        (0, 172800, "es", "48 horas como máximo"),
        (7200, 20000, "en", "2–6 hours"),
        (7200, 20000, "ru", "2–6 часов"),
        (7200, 20000, "ar", "2 إلى 6 ساعات"),
        (3600, 7200, "ar", "ساعتان كحد أقصى"),  # two is a word without a digit
        (1750, 5000, "en", "25–85 minutes"),
        (7200, 20000, "ja", "2～6時間"),
        (100, 400000, "en", "up to 5 days"),
        (200000, 400000, "de", "2–5 Tage"),
        (0, 0, "en", "up to 1 minute"),
        (-5, 30, "en", "up to 1 minute"),
    ],
)
def test_a_waiting_time_is_a_range_in_the_customers_words_rounded_outwards(replies, low, high, language, words):
    assert replies.waiting(language, low, high).replace("\xa0", " ") == words


@pytest.mark.parametrize(
    ("hours", "language", "words"),
    [
        (8, "zh-Hans", "11月26日 18:05 UTC+8"),
        (5.5, "en", "November 26, 3:35 PM UTC+5:30"),
        (-3, "pt", "26 de novembro 07:05 UTC-3"),
        (0, "de", "26. November, 10:05 UTC"),
        (9, "ko", "11월 26일 19:05 UTC+9"),
    ],
)
def test_a_point_in_time_is_in_the_customers_zone_and_words(replies, hours, language, words):
    at = datetime(2026, 11, 26, 10, 5, tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))
    assert replies.moment(language, at) == words
