from builders import a_verdict

from triage.classifier.evaluate import first_choice
from triage.classifier.predict import _unsure


def test_the_first_choice_of_an_unsorted_message_is_known_whatever_its_category_is_called():
    for category in ("account", "billing, refunds", "yes, but only on Mondays"):
        unsorted = a_verdict(category="unsorted", reasons=(_unsure(category, 0.31),))
        assert first_choice(unsorted) == category
