"""What tests of several parts share: the real servers, each started once, and what happens when one is missing."""

from collections.abc import Iterator

import mailservers
import pytest


@pytest.fixture(scope="session")
def dovecot() -> Iterator[mailservers.Dovecot]:
    """A Dovecot for all tests; each takes accounts of its own with `user()`."""
    mailservers.needs("dovecot")
    with mailservers.Dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def postfix(dovecot: mailservers.Dovecot) -> Iterator[mailservers.Postfix]:
    """A Postfix that delivers into `dovecot`."""
    mailservers.needs("postfix")
    with mailservers.Postfix(dovecot) as server:
        yield server
