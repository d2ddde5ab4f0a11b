"""What tests of several parts share: the real servers, each started once, and what happens when one is missing."""

from collections.abc import Iterator

import mailservers
import pytest
from dovecot import Dovecot
from postfix import Postfix


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A Dovecot for all tests; each takes accounts of its own with `user()`."""
    mailservers.needs("dovecot")
    with Dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    """A Postfix that delivers into `dovecot`."""
    mailservers.needs("postfix")
    with Postfix(dovecot) as server:
        yield server
