"""What tests of several parts share: the real servers, each started once, and what happens when one is missing."""

import os
from collections.abc import Iterator

import mailservers
import pytest


def needs(*programs: str) -> None:
    """Skip the test, naming what is missing; with CI=true leaving anything out is a failure."""
    why = mailservers.missing(*programs)
    if why is None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"left out for want of {why}")
    pytest.skip(f"needs {why}")


@pytest.fixture(scope="session")
def dovecot() -> Iterator[mailservers.Dovecot]:
    """A Dovecot for all tests; each takes accounts of its own with `user()`."""
    needs("dovecot")
    with mailservers.Dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def postfix(dovecot: mailservers.Dovecot) -> Iterator[mailservers.Postfix]:
    """A Postfix that delivers into `dovecot`."""
    needs("postfix")
    with mailservers.Postfix(dovecot) as server:
        yield server
