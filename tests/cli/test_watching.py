"""`triage cases --watch`."""

import pytest

from triage.cli import watching
from triage.errors import StoreDown


class Looks:
    """A store that is looked at a few times; what happens between two looks is named."""

    def __init__(self, *between):
        self.between = list(between)
        self.down = False

    def sleep(self, seconds):
        if not self.between:
            raise KeyboardInterrupt
        self.between.pop(0)()

    def read(self):
        if self.down:
            raise StoreDown("gone away")
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


@pytest.fixture
def reads(monkeypatch):
    version = [0, 0]
    monkeypatch.setattr(watching.lists, "version", lambda _: tuple(version))
    return version


def test_the_list_is_read_again_only_when_something_happened_or_the_store_was_away(reads):
    def happens():
        reads[0] += 1

    def goes():
        store.down = True

    def comes():
        store.down = False

    store, seen = Looks(lambda: None, happens, lambda: None, goes, comes), []
    watching.watch(store, lambda _: seen.append(reads[0]) or [], store.sleep)
    assert seen == [0, 1, 1]


def test_the_command_shows_the_list_and_ends_with_the_keyboard(triage, home, a_file, monkeypatch):
    triage("ingest", a_file("Someone stole my account, my coins are being sent away now!"))
    [case] = triage("cases", "--json").objects

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(watching.watch, "__defaults__", (interrupt,))
    shown = triage("cases", "--watch")
    assert shown.code == 0
    assert case["number"] in shown.out
