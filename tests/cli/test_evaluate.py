import json

import pytest

ROWS = [
    {"text": "someone stole my coins while I slept", "lang": "en", "category": "security", "urgency": "critical"},
    {"text": "我的提现一直没有到账", "lang": "zh", "category": "transaction", "urgency": "high", "source": "told"},
    {"text": "no puedo entrar en mi cuenta", "category": "account"},
    {"text": "best wallet I ever had, five stars", "lang": "en", "category": "feedback", "urgency": "low"},
]


@pytest.fixture
def questions(tmp_path, monkeypatch):
    """A file of labelled messages, in a folder without configuration and store."""
    monkeypatch.chdir(tmp_path)

    def write(*rows, name="questions.jsonl"):
        path = tmp_path / name
        lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
        path.write_text("".join(line + "\n" for line in lines), "utf-8")
        return path

    return write


def test_a_model_is_measured_without_configuration_and_store(triage, questions):
    [figures] = triage("evaluate", "--data", questions(*ROWS), "--json").objects
    assert figures["n"] == 4
    assert {"category_accuracy", "category_macro_f1", "coverage_80_accuracy", "ece"} <= figures.keys()
    assert figures["per_language"].keys() == {"en", "zh", "und"}
    assert figures["per_category"].keys() == {"account", "feedback", "security", "transaction"}
    assert figures["critical_recall"] == 100.0
    assert figures["critical_precision"] > 0
    assert figures["urgency_within_one"] > 0
    assert figures["high_or_critical_recall"] > 0


def test_without_labels_of_urgency_there_are_no_figures_on_it(triage, questions):
    [figures] = triage("evaluate", "--data", questions(ROWS[2]), "--json").objects
    assert not [key for key in figures if "urgency" in key or "critical" in key]


def test_the_figures_are_shown_as_tables(triage, questions):
    shown = triage("evaluate", "--data", questions(*ROWS)).out
    assert "category accuracy" in shown
    assert "Taken for" in shown


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "not JSON"),
        ('{"category": "account"}', "text"),
        ('{"text": NaN, "category": "account"}', "text"),
        ('{"text": "hi", "category": 7}', "category"),
        ('{"text": "hi", "category": "account", "urgency": "URGENT"}', "URGENT"),
        ('{"text": "hi", "category": "account", "lang": 3}', "lang"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_wrong_line_is_named_with_its_file(triage, questions, line, told):
    outcome = triage("evaluate", "--data", questions(ROWS[0], line), "--json")
    assert outcome.code == 78
    assert "questions.jsonl:2" in outcome.err
    assert told in outcome.err


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xff\xfe\x00"])
def test_a_file_without_messages_is_refused(triage, questions, data):
    path = questions()
    path.write_bytes(data)
    assert triage("evaluate", "--data", path).code == 78


def test_categories_that_the_model_does_not_know_are_said(triage, questions):
    outcome = triage("evaluate", "--data", questions({"text": "hi there", "category": "billing"}), "--json")
    assert "does not know billing" in outcome.err
    assert outcome.objects[0]["category_accuracy"] == 0.0


@pytest.mark.parametrize("version", ["1999.1.1", "../models", ".", "a/b", "\0"])
def test_a_version_that_is_not_there_is_refused_and_the_others_are_named(triage, questions, version):
    outcome = triage("evaluate", "--data", questions(*ROWS), "--model", version)
    assert outcome.code == 1
    assert "there is no model" in outcome.err
