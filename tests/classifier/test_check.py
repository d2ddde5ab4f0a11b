import json

import pytest

from triage.classifier import check, dataset
from triage.classifier.findings import examine
from triage.classifier.likeness import near_any, near_pairs

STORY = "yesterday evening I moved the savings of my mother from one wallet to the other and nothing has come in yet"


def a_line(text, **labels):
    good = {"lang": "en", "nature": "request", "category": "account", "topic": "login", "urgency": "normal"}
    return json.dumps({"text": text} | good | labels, ensure_ascii=False)


def finding(path, what, *measured):
    _, findings = examine([path], measured)
    return next(each for each in findings if each.what == what)


@pytest.fixture
def corpus(tmp_path):
    def write(*lines):
        path = tmp_path / "en.jsonl"
        path.write_text("".join(line + "\n" for line in lines), "utf-8")
        return path

    return write


def test_a_text_with_one_word_changed_is_nearly_the_same():
    texts = [STORY, "something else altogether", STORY.replace("mother", "father")]
    assert [(pair.one, pair.other) for pair in near_pairs(texts)] == [(0, 2)]


def test_chinese_texts_are_compared_too():
    texts = [
        "我昨天晚上把钱从一个钱包转到另一个钱包，到现在还没有到账",
        "我昨天晚上把钱从一个钱包转到另一个钱包，现在还没有到账啊",
    ]
    assert len(near_pairs(texts)) == 1


def test_texts_of_one_subject_are_not_nearly_the_same():
    assert near_pairs(["my transfer has not arrived yet", "where is the transfer I made to my own wallet"]) == []


@pytest.mark.parametrize("texts", [[], [""], ["", " ", "!"]])
def test_texts_without_words_are_compared_without_a_fault(texts):
    assert len(near_pairs(texts)) <= 3
    assert near_any(texts, []) == []


def test_every_wrong_line_is_named_not_only_the_first(corpus):
    path = corpus("{", a_line("hi"), a_line("hello", urgency="URGENT"), a_line("hola", lang="es"))
    assert [fault.split(":")[1] for fault in finding(path, "schema").faults] == ["1", "3", "4"]


def test_a_file_that_is_no_text_is_named(tmp_path):
    path = tmp_path / "en.jsonl"
    path.write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in finding(path, "schema").faults[0]


def test_a_text_that_stands_twice_is_named_with_both_places(corpus):
    path = corpus(a_line("Cannot sign in!"), a_line("other"), a_line("cannot sign in", topic="password"))
    [fault] = finding(path, "no text twice").faults
    assert fault.startswith("en.jsonl:3 repeats en.jsonl:1 with other labels")


def test_too_many_near_duplicates_fail(corpus):
    path = corpus(*(a_line(STORY + f" number {n}") for n in range(4)))
    assert len(finding(path, "near-duplicates").faults) == 6


def test_a_text_of_an_evaluation_set_fails(corpus, tmp_path):
    measured = tmp_path / "eval"
    measured.mkdir()
    (measured / "set.jsonl").write_text(json.dumps({"text": STORY}) + "\n", "utf-8")
    path = corpus(a_line("nothing of the kind"), a_line(STORY.upper()))
    [fault] = finding(path, "nearness to evaluation sets", measured).faults
    assert fault.startswith("en.jsonl:2 is 100% set.jsonl:1")


def test_without_evaluation_sets_it_is_said_that_nothing_was_compared(corpus, tmp_path):
    told = finding(corpus(a_line(STORY)), "nearness to evaluation sets", tmp_path / "nowhere")
    assert "not checked" in told.figure
    assert not told.faults


def test_a_topic_that_is_missing_in_a_big_language_is_named(corpus):
    faults = finding(corpus(a_line("hi")), "topics in zh-Hans, en, es").faults
    assert "zh-Hans security/theft: 0 of 8; write 8 more" in faults


def test_the_report_ends_with_1_when_something_is_to_be_done(corpus, capsys):
    assert check.main([str(corpus(a_line("hi")))]) == 1
    assert "write 5999 more" in capsys.readouterr().out


def test_every_language_has_every_category_in_balance_and_what_asks_for_nothing():
    _, findings = examine(sorted(dataset.CORPUS.glob("*.jsonl")))
    faults = {each.what: each.faults for each in findings if each.what != "enough messages"}
    assert faults == dict.fromkeys(faults, ())
