import json
from pathlib import Path

import pytest

from triage.classifier import dataset
from triage.classifier.findings import examine
from triage.errors import ConfigError

GOOD = {
    "text": "hi there",
    "lang": "en",
    "nature": "request",
    "category": "account",
    "topic": "login",
    "urgency": "normal",
}


@pytest.fixture(scope="module")
def rows():
    return dataset.load()


def test_no_message_is_near_one_of_the_evaluation_sets():
    root = Path(__file__).parents[2]
    if not (root / "../shared/eval").exists():
        pytest.skip("../shared/eval is not here")
    _, findings = examine(sorted(dataset.CORPUS.glob("*.jsonl")), [root / "bench/measured", root / "../shared/eval"])
    assert findings[-1].faults == ()


@pytest.mark.parametrize(
    "change",
    [
        {"lang": "xx"},
        {"nature": "question"},
        {"category": "money"},
        {"topic": "theft"},
        {"urgency": "URGENT"},
        {"text": " "},
        {"text": 7},
        {"extra": "x"},
        {"nature": "spam"},
    ],
)
def test_a_wrong_row_is_named_with_file_and_line(tmp_path, change):
    path = tmp_path / "en.jsonl"
    path.write_text(json.dumps(GOOD) + "\n" + json.dumps(GOOD | change) + "\n", "utf-8")
    with pytest.raises(ConfigError, match=r"en\.jsonl:2"):
        dataset.load([path])


def test_a_text_stays_on_its_side_whatever_is_added(rows):
    _, measured = dataset.held_out(rows)
    _, fewer = dataset.held_out(rows[::2])
    assert {row.text for row in fewer} <= {row.text for row in measured}
