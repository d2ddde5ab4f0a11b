from triage.classifier import dataset
from triage.classifier.adverts import count_adverts
from triage.classifier.folding import fold_text
from triage.rules.language import LANGUAGES


def test_each_word_of_advertising_counts_once():
    assert count_adverts(fold_text("Free shipping! FREE SHIPPING! Unsubscribe."), "en") == 2
    assert count_adverts(fold_text("代开发票，代开发票"), "zh-Hans") == 2


def test_customers_hardly_ever_write_words_of_advertising():
    rows = [row for row in dataset.load() if row.nature == "request"]
    counts = [count_adverts(fold_text(row.text), row.lang) for row in rows]
    assert sum(count >= 1 for count in counts) <= 0.05 * len(rows)
    assert sum(count >= 2 for count in counts) <= 0.002 * len(rows)


def test_every_language_has_words_of_advertising():
    for language in LANGUAGES:
        spam = [row.text for row in dataset.load() if row.lang == language and row.nature == "spam"]
        assert sum(count_adverts(fold_text(text), language) > 0 for text in spam) >= 0.6 * len(spam), language
