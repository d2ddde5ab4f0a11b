import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from triage.classifier import dataset
from triage.classifier.folding import fold_text
from triage.errors import ConfigError

BIG = ("en", "es", "zh-Hans")
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


def shingles(text):
    folded = fold_text(text)
    return frozenset(folded[i : i + 4] for i in range(max(1, len(folded) - 3)))


def near(texts, others):
    """Return pairs of a text and another that share most of their 4-character pieces."""
    pieces = [shingles(text) for text in others]
    where = defaultdict(list)
    for place, piece in enumerate(pieces):
        for one in piece:
            where[one].append(place)
    for own, text in enumerate(texts):
        mine, shared = shingles(text), Counter()
        # Pieces that stand everywhere tell nothing and cost the most.
        for one in mine:
            if len(where[one]) < 400:
                shared.update(where[one])
        for place, count in shared.most_common(5):
            if (texts is not others or place < own) and count / (len(mine) + len(pieces[place]) - count) >= 0.75:
                yield text, others[place]


def test_no_message_stands_twice(rows):
    assert [text for text, n in Counter((row.lang, row.text) for row in rows).items() if n > 1] == []


def test_hardly_any_message_is_nearly_another(rows):
    texts = [row.text for row in rows if len(row.text) > 20]
    assert len(list(near(texts, texts))) <= len(rows) * 0.01


def test_no_message_is_one_of_the_evaluation_sets(rows):
    folder = Path(__file__).parents[2] / "../shared/eval"
    if not folder.exists():
        pytest.skip("../shared/eval is not here")
    lines = [line for path in folder.glob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    texts = [row.text for row in rows if len(row.text) > 12]
    assert list(near(texts, [json.loads(line)["text"] for line in lines])) == []


def test_every_topic_is_taught_in_every_big_language(rows):
    taught = Counter((row.lang, row.category, row.topic) for row in rows)
    for language in BIG:
        for category, topics in dataset.TOPICS.items():
            assert [topic for topic in topics if taught[language, category, topic] < 3] == []


def test_no_category_of_a_language_is_drowned_by_another(rows):
    cells = Counter((row.lang, row.category) for row in rows if row.category)
    for language in dataset.LANGUAGES:
        counts = [cells[language, category] for category in dataset.CATEGORIES]
        assert min(counts) * 4 >= max(counts), language


def test_every_language_has_what_asks_for_nothing_too(rows):
    natures = {(row.lang, row.nature) for row in rows}
    assert natures == {(language, nature) for language in dataset.LANGUAGES for nature in dataset.NATURES}


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
