from triage.case import Urgency
from triage.classifier import dataset, taxonomy
from triage.classifier.dataset import Row


def a_row(text, category, urgency=Urgency.NORMAL, topic="", **other):
    values = {"lang": "en", "nature": "request", "category": category, "topic": topic, "urgency": urgency}
    return Row(**({"text": text} | values | other))


def test_the_shipped_corpus_has_the_default_taxonomy_in_its_order():
    topics = taxonomy.topics_of(dataset.load())
    assert topics == [(category, topic) for category, names in dataset.TOPICS.items() for topic in names]
    assert taxonomy.categories_of(topics) == list(dataset.CATEGORIES)


def test_own_categories_stand_by_their_urgency_then_by_how_early_they_come():
    rows = [
        a_row("a", "billing"),
        a_row("b", "delivery"),
        a_row("c", "outage", Urgency.CRITICAL),
        a_row("d", "security", topic="theft"),
    ]
    assert taxonomy.categories_of(taxonomy.topics_of(rows)) == ["security", "outage", "billing", "delivery"]


def test_what_is_no_request_has_no_category():
    assert taxonomy.topics_of([a_row("buy now", "", nature="spam")]) == []
