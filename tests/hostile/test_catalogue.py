"""Every row of the catalogue of hostile inputs: what it must become, and the harmless message after it.

The catalogue lies beside the repository and is no part of it: where it is absent, these tests are left out. What it
teaches is held by the other tests of this folder everywhere.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from effort import bounded
from hostility import Way, rows_of

from triage.case import Urgency

FOLDER = Path(__file__).parents[3] / "shared/hostile"
ROWS = list(rows_of(FOLDER / "catalogue.jsonl")) if FOLDER.is_dir() else []
pytestmark = pytest.mark.skipif(not ROWS, reason=f"the catalogue of hostile inputs is not there ({FOLDER})")
SECONDS = 5.0
"""Of the processor: a busy machine shortens nothing."""


def values_of(row: dict[str, str]) -> list[Any]:
    """What the row's generator makes; it is code, and comes with the catalogue."""
    names: dict[str, Any] = {}
    exec((FOLDER / "generators.py").read_text(), names)
    made = eval(row["gen"], names)
    return made if isinstance(made, list) else [made]


def send(way: Way, row: dict[str, str]) -> None:
    values = values_of(row)
    if row["channel"] == "any":
        for value in values:
            way.everywhere(value)
    elif row["channel"] == "email":
        way.mail(*values)
    elif row["channel"] == "telegram":
        way.update(*values)
    else:
        way.tweet(*values, me="OUR")


def answers(way: Way) -> int:
    return len(way.replies())


def machine(way: Way) -> None:
    assert {m.disposition for m in way.messages()} <= {"robot", "empty"}
    assert (len(way.messages()), len(way.cases()), answers(way)) == (1, 0, 0)


def unanswered_case(way: Way) -> None:
    assert (len(way.cases()), answers(way)) == (1, 0)


def unanswered(way: Way) -> None:
    assert answers(way) == 0


def one_case(way: Way) -> None:
    assert len(way.cases()) == 1


def stored(way: Way) -> None:
    assert len(way.messages()) >= 1
    assert way.totals.get("lost", 0) == 0


def redacted(way: Way) -> None:
    kinds = {kind for m in way.messages() for kind in json.loads(m.redacted)}
    assert kinds & {"seed phrase", "private key"}
    assert all(case.secret_exposed and case.verdict.urgency is Urgency.CRITICAL for case in way.cases())


def ours_only(way: Way) -> None:
    from email import message_from_bytes

    for raw in way.sent_mails():
        mail = message_from_bytes(raw)
        assert {"Bcc", "Cc", "X"}.isdisjoint(mail.keys())
        assert (mail["To"], len(mail.get_all("To", []))) == ("ann@example.net", 1)


def quarantined(way: Way) -> None:
    assert len(way.quarantined()) == 1
    assert way.messages() == []


def nothing(way: Way) -> None:
    assert (way.messages(), way.cases(), answers(way)) == ([], [], 0)


def kept_as_text(way: Way) -> None:
    assert len(way.messages()) == 8


def by_arrival(way: Way) -> None:
    stored(way)
    assert all(m.received_at is not None for m in way.messages())
    assert way.cases()[0].opened_at == way.room.now


def warned(way: Way) -> None:
    page = way.get(f"/cases/{way.case().number}").text
    assert "xn--" in page
    assert "other letters" in page


def attached(name: str) -> Callable[[Way], None]:
    def check(way: Way) -> None:
        assert name in json.loads(way.message().attachments)

    return check


def _flood(way: Way) -> None:
    assert len(way.messages()) == 1000
    assert len(way.cases()) <= 3
    assert answers(way) <= 2


BY_GROUP: dict[str, Callable[[Way], None]] = {
    "auto-mail": machine,
    "identity": unanswered_case,
    "header-injection": ours_only,
    "mime-size": stored,
    "ids-dates": by_arrival,
    "unicode": stored,
    "secret": redacted,
    "flood-ml": stored,
    "protocol": stored,
    "xss": kept_as_text,
    "injection": kept_as_text,
}


def _not_redacted(way: Way) -> None:
    assert json.loads(way.message().redacted) == []


def _masked(way: Way) -> None:
    assert "…" in way.message().text
    assert len(way.message().text) < 20


def _subject_cut(way: Way) -> None:
    assert 100 < len(way.message().subject) <= 1000


def _with_note(way: Way) -> None:
    assert "too big" in way.message().text


def _not_urgent(way: Way) -> None:
    assert all(case.verdict.urgency <= Urgency.NORMAL for case in way.cases())


def _critical(way: Way) -> None:
    assert way.case().verdict.urgency is Urgency.CRITICAL


def _two_cases(way: Way) -> None:
    assert len(way.cases()) == 2


def _one_message(way: Way) -> None:
    assert len(way.messages()) == 1


def _two_messages(way: Way) -> None:
    assert len(way.messages()) == 2


def _no_webhook(way: Way) -> None:
    """We pull: there is no address that anybody could post an update to."""
    for path in ("/", "/telegram", "/webhook", "/x", "/api/v1/telegram"):
        answer = way.client.post(path, json={"update_id": 1}, headers={"X-Telegram-Bot-Api-Secret-Token": "no"})
        assert answer.status_code in {401, 403, 404, 405}
    assert way.messages() == []


def _replaced(way: Way) -> None:
    assert "\ufffd" in way.message().text


def _whole_text(way: Way) -> None:
    assert len(way.message().text) == 25_000


BY_ID: dict[str, Callable[[Way], None]] = {
    "EM034": unanswered,
    "EM035": warned,
    "EM059": _subject_cut,
    "EM066": _with_note,
    "EM068": attached("passwd"),
    "EM069": attached("photognp.exe"),
    "EM075": one_case,
    "EM076": one_case,
    "EM079": _not_urgent,
    "EM139": _flood,
    "TE043": stored,
    "TE044": unanswered,
    "TE131": _not_redacted,
    "TE133": _masked,
    "TE142": _critical,
    "TE144": _two_cases,
    "TE148": _one_message,
    "TE149": _two_messages,
    "TE157": quarantined,
    "TE159": _no_webhook,
    "X045": nothing,
    "X046": unanswered,
    "X090": _replaced,
    "X153": _whole_text,
    "X156": quarantined,
    "X161": quarantined,
}
"""What a row is about where its group does not say it. X's CRC challenge belongs to webhooks, which we do not have."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_row_becomes_what_it_must_and_the_next_message_arrives(way, row):
    if row["group"] == "identity":
        way.room.desk = replace(way.room.desk, answer_unauthenticated=False)
    with bounded(SECONDS):
        send(way, row)
        BY_ID.get(row["id"], BY_GROUP[row["group"]])(way)
        way.next_one_arrives()
    assert way.totals.get("lost", 0) == 0


def test_every_output_is_safe_with_all_of_them_in_the_store(way):
    for row in ROWS:
        if row["id"] != "EM139":
            send(way, row)
    assert len(way.messages()) > 80
    way.check_outputs()
