"""What tests of several parts share: the real servers, each started once, and what happens when one is missing."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import mailservers
import pytest
import structlog
from dovecot import Dovecot
from hypothesis import HealthCheck, settings
from postfix import Postfix

from triage import log

# How long an example takes says how busy the machine is.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


UNWATCHED = (
    "classifier/test_corpus.py",
    "e2e/test_canaries.py",
    "e2e/test_kill9.py",
    "hostile/test_real_mails.py",
    "test_docs.py",
    "test_example_configuration.py",
    "web/test_sayings.py",
)
"""Tests of much data, or of processes that nobody watches: what they run is watched in others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Watch a rule on one database only: coverage costs as much again as what it watches."""
    for item in items:
        databases = getattr(item, "callspec", None) and item.callspec.params.get("store")
        if databases == "postgresql" or str(item.path).endswith(UNWATCHED):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Logging is set up for a whole process; a test that does so hands none of it on to the next."""
    root = logging.getLogger()
    level, raising = root.level, logging.raiseExceptions
    yield
    structlog.reset_defaults()
    for handler in root.handlers[:]:
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(handler)
    root.level, logging.raiseExceptions = level, raising


@pytest.fixture
def lines(logging_as_it_was: None) -> Callable[[], list[dict[str, Any]]]:
    """The log as the daemon writes it; call it for the lines so far."""
    stream = io.StringIO()
    log.configure(stream=stream, pretty=False)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


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
