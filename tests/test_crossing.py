import pickle
import pickletools
from dataclasses import FrozenInstanceError

import pytest
from builders import a_message, a_reading, a_verdict

from triage.case import Reason
from triage.message import Attachment, Message
from triage.store.waiting import Waiting
from triage.students import Prepared


def prepared() -> Prepared:
    picture = Attachment(name="屏幕.png", content_type="image/png", size=3)
    message = a_message(attachments=(picture,), refers_to=("<1@a>",), reply_to={"references": ["<1@a>"]})
    verdict = a_verdict(reasons=(Reason(code="word", text="stolen", weight=0.5),), likely=(("security/theft", 0.9),))
    waiting = Waiting(id=7, message=message, redacted=("seed phrase",), attempts=2)
    return Prepared(waiting=waiting, reading=a_reading(), verdict=verdict)


def test_what_crosses_to_another_process_is_the_same_there() -> None:
    assert pickle.loads(pickle.dumps([prepared()])) == [prepared()]


def test_what_crossed_is_still_frozen() -> None:
    crossed: Message = pickle.loads(pickle.dumps(a_message()))

    with pytest.raises(FrozenInstanceError):
        crossed.text = "other"  # type: ignore[misc]


def test_nothing_in_what_is_studied_crosses_the_slow_way() -> None:
    ways = {operation.name for operation, _, _ in pickletools.genops(pickle.dumps([prepared()]))}

    assert "BUILD" not in ways  # a dataclass by itself is made empty and then built
