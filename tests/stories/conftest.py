"""Every story is told on both databases, at a desk whose mail server says who may be believed."""

from dataclasses import replace

import pytest
import rooms
from rooms import *  # noqa: F403

from triage.desk import Desk


@pytest.fixture(scope="session")
def desk() -> Desk:
    through = {"support-mail": "support-mail", "second-mail": "support-mail", "bot": "bot", "x": "x"}
    return replace(rooms.a_desk(), trusted=("mx.wallet.example",), answers_through=through)
