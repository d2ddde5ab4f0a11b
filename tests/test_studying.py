import gc
from collections.abc import Iterator

import pytest
from builders import a_message
from rooms import a_desk

from triage.classifier.urgency import RulesOnly
from triage.studying import Prepared, look_for_garbage_seldom, study


@pytest.fixture
def seldom() -> Iterator[None]:
    before = gc.get_threshold()
    look_for_garbage_seldom()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.usefixtures("seldom")
def test_a_batch_is_studied_without_a_look_for_garbage_at_every_message() -> None:
    messages = [a_message(external_id=f"folder/1/{n}") for n in range(64)]
    study(a_desk(), RulesOnly(), messages[:1])
    looks = sum(generation["collections"] for generation in gc.get_stats())

    studied = study(a_desk(), RulesOnly(), messages)

    assert all(isinstance(one, Prepared) for one in studied)
    assert sum(generation["collections"] for generation in gc.get_stats()) - looks < 3
