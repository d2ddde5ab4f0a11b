import json

import pytest

from triage.case import Urgency
from triage.classifier import labelled
from triage.errors import ConfigError


def a_line(text, category="billing", **other):
    return json.dumps({"text": text, "category": category} | other, ensure_ascii=False)


def own(count=labelled.FEWEST, category="billing", **other):
    return [a_line(f"message number {n} about {category}", category, **other) for n in range(count)]


@pytest.fixture
def load(tmp_path):
    def write(*lines):
        path = tmp_path / "own.jsonl"
        path.write_text("".join(line + "\n" for line in lines), "utf-8")
        return labelled.load([path])

    return write


GOOD = [*own(), *own(category="delivery")]


def test_any_names_are_categories_and_what_is_left_out_is_filled_in(load):
    rows, told = load(*GOOD, a_line("我的包裹在哪里", "delivery", lang="zh", urgency="high", topic="late"))
    assert {row.category for row in rows} == {"billing", "delivery"}
    assert (rows[0].nature, rows[0].urgency, rows[0].topic, rows[0].lang) == ("request", Urgency.NORMAL, "", "en")
    assert (rows[-1].lang, rows[-1].urgency, rows[-1].topic) == ("zh-Hans", Urgency.HIGH, "late")
    assert told == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"text": NaN, "category": "billing"}', "NaN"),
        ('{"text": "hi", "category": Infinity}', "Infinity"),
        ('{"text": 7, "category": "billing"}', "text is 7"),
        ('{"category": "billing"}', "text"),
        (a_line(" "), "text"),
        (a_line("hi", ""), "category"),
        (a_line("hi", "unsorted"), "unsorted"),
        (a_line("hi", "a\nb"), "category"),
        (a_line("hi", "x" * 61), "category"),
        (a_line("hi", urgency="URGENT"), "URGENT"),
        (a_line("hi", nature="question"), "nature"),
        (a_line("x" * 1_000_001), "text"),
    ],
)
def test_a_wrong_line_is_named_with_its_file(load, line, told):
    with pytest.raises(ConfigError, match=r"own\.jsonl:11: ") as error:
        load(*GOOD, line)
    assert told in str(error.value)
    assert len(str(error.value)) < 300


def test_an_unknown_label_is_named_with_the_known_ones(load):
    with pytest.raises(ConfigError, match=r"own\.jsonl:11: the category 'biling' has 1 .* typing error\? .* delivery"):
        load(*GOOD, a_line("where is my invoice", "biling"))


def test_an_unknown_topic_of_a_known_category_is_named(load):
    known = [a_line(f"{n} cannot sign in", "account", topic="login") for n in range(5)]
    with pytest.raises(ConfigError, match=r"own\.jsonl:16: the topic 'logn' of account"):
        load(*GOOD, *known, a_line("cannot get in", "account", topic="logn"))


def test_an_id_that_stands_twice_is_named_with_both_places(load):
    with pytest.raises(ConfigError, match=r"own\.jsonl:12: the id 7 stands at own\.jsonl:11"):
        load(*GOOD, a_line("a", id=7), a_line("b", id=7))


def test_one_category_alone_teaches_nothing(load):
    with pytest.raises(ConfigError, match="only the category 'billing'"):
        load(*own())


def test_a_file_from_a_spreadsheet_begins_with_a_mark_and_is_read(tmp_path):
    path = tmp_path / "own.jsonl"
    path.write_text("\r\n".join(GOOD), "utf-8-sig")
    assert len(labelled.load([path])[0]) == len(GOOD)


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xff\xfe\x00"])
def test_a_file_without_messages_is_refused(tmp_path, data):
    path = tmp_path / "own.jsonl"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"own\.jsonl"):
        labelled.load([path])


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        labelled.load([tmp_path / "nowhere.jsonl"])


def test_of_contradicting_labels_the_last_counts_and_it_is_said(load):
    last = a_line("MESSAGE number 0  about billing", "delivery")
    rows, told = load(*GOOD, a_line("where is the bill"), last)
    assert len(rows) == len(GOOD) + 1
    assert rows[0].category == "delivery"
    [line] = told
    assert line.startswith("own.jsonl:12 contradicts own.jsonl:1")
