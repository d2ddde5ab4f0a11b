"""Where a case stands in the list, on both databases."""

from datetime import timedelta

import pytest
from builders import NOW, a_case, an_address

from triage.case import Place, Status
from triage.store import Store, cases, people, standing
from triage.store.cases import Changes, Filters


def a_list(store: Store, *keys: int, **last: object) -> list[int]:
    """Open a case for each key; the last is as `last` says. Return their ids in that order."""
    with store.begin() as tx:
        person = people.resolve(tx, [an_address("ada@example.org")], NOW)["email:ada@example.org"]
        new = []
        for number, key in enumerate(keys, 1):
            other = last if number == len(keys) else {}
            place = Place(due_at=NOW, order_key=key, parts=())
            new.append(a_case(number, person_id=person, place=place, **other))
        cases.save(tx, Changes(opened=new), NOW)
    return [case.id for case in new]


def places(store: Store) -> list[int]:
    with store.read() as tx:
        return [standing.standing(tx, case, NOW) for case in cases.top(tx, Filters())]


def test_cases_are_counted_as_the_list_shows_them(store: Store) -> None:
    a_list(store, 30, 10, 20, 10, 40)
    assert places(store) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "last",
    [
        {"snoozed_until": NOW + timedelta(hours=1)},
        {"status": Status.RESOLVED, "resolved_at": NOW},
        {"status": Status.ANSWERED, "answered_at": NOW},
    ],
    ids=["put off", "resolved", "answered"],
)
def test_what_does_not_wait_has_no_place_and_takes_none(store: Store, last: dict[str, object]) -> None:
    first, second, gone = a_list(store, 10, 20, 5, **last)
    with store.read() as tx:
        found = [cases.present(tx, case_id) for case_id in (first, second, gone)]
        assert [standing.standing(tx, one, NOW) for one in found] == [1, 2, 0]


def test_a_long_way_back_is_not_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "MOST", 2)
    a_list(store, 10, 20, 30, 40, 50)
    assert places(store) == [1, 2, 3, 3, 3]
