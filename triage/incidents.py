"""Incidents: a burst is proposed by ourselves, a person says that it is one, one text answers all of its cases.

Each function works in the caller's transaction. `triage.incident_news` tells the customers.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from triage.case import Incident, IncidentStatus
from triage.desk import Desk
from triage.errors import TriageError, Word
from triage.rules import lifecycle, secrets, surges
from triage.rules.language import LANGUAGES
from triage.store import Tx, audit, cases, incidents, signs

MOST_PROPOSED = 5
"""Proposals that may wait for a person; more of them nobody would read."""

REST = timedelta(hours=12)
"""So long after an incident is over or dropped its sign proposes no other: its last cases still trickle in."""

LONGEST = 2_000
"""Characters of what an agent adds to the text."""


class NotAnIncident(TriageError):
    """What was asked for cannot be done with this incident; the text says why. Nothing was changed."""


def watch(tx: Tx, desk: Desk, now: datetime) -> list[Incident]:
    """Let later cases join the incidents there are, propose new ones, and return those."""
    for one in incidents.alive(tx):
        signs.join(tx, one.id, one.sign, one.first_hour, one.news or None)
    alive = incidents.alive(tx)
    room = MOST_PROPOSED - sum(one.status is IncidentStatus.PROPOSED for one in alive)
    if room <= 0 or not desk.surges.at_least:
        return []
    rested = {one.sign for one in alive} | incidents.ended_since(tx, now - REST)
    hour = signs.hour_of(now)
    window = range(hour - surges.SPAN + 1, hour + 1)
    members = signs.members(tx, window, desk.surges.at_least)
    found = surges.bursts(members, _usual(tx, members.keys(), window), desk.surges)
    fresh = [_proposal(burst, window[0], now) for burst in found if burst.sign not in rested][:room]
    by_sign = {burst.sign: burst.cases for burst in found}
    return [kept for one in fresh if (kept := _propose(tx, one, by_sign[one.sign], now)) is not None]


def confirm(tx: Tx, incident_id: int, who: str, now: datetime) -> Incident:
    """Say that it is an incident: what comes later joins it. Raises `NoSuchIncident`, `NotAnIncident`."""
    return _move(tx, incident_id, IncidentStatus.CONFIRMED, {IncidentStatus.PROPOSED}, who, now)


def drop(tx: Tx, incident_id: int, who: str, now: datetime) -> Incident:
    """Say that it is none: its cases are cases like others. Raises `NoSuchIncident`, `NotAnIncident`."""
    before = _move(tx, incident_id, IncidentStatus.DROPPED, {IncidentStatus.PROPOSED}, who, now)
    incidents.let_go(tx, incident_id)
    return replace(before, cases=0, to_tell=0)


def update(tx: Tx, desk: Desk, incident_id: int, who: str, texts: Mapping[str, str], now: datetime) -> Incident:
    """Let every customer of a confirmed incident be told, in her language, that we know of it; and `texts`.

    `texts` has what an agent adds, by language; a language without one gets the English one. It may be empty. Cases
    that join later are told the same. Raises `NoSuchIncident`, `NotAnIncident`, that too for what was told last.
    """
    before = incidents.locked(tx, incident_id)
    if before.news and dict(before.texts) == dict(texts):  # a request that is sent again, a button pressed twice
        raise NotAnIncident("its customers are told just this already")
    return _add_news(tx, desk, before, who, texts, now)


def resolve(tx: Tx, desk: Desk, incident_id: int, who: str, texts: Mapping[str, str], now: datetime) -> Incident:
    """Say that it is over, and let every customer of it be told so; raises as `update`."""
    _add_news(tx, desk, incidents.locked(tx, incident_id), who, texts, now)
    return _move(tx, incident_id, IncidentStatus.RESOLVED, {IncidentStatus.CONFIRMED}, who, now)


def _add_news(tx: Tx, desk: Desk, before: Incident, who: str, texts: Mapping[str, str], now: datetime) -> Incident:
    if before.status is not IncidentStatus.CONFIRMED:
        raise NotAnIncident(
            "incident %(id)s is %(state)s: confirm it first", id=before.id, state=Word(before.status.value)
        )
    _check(desk, texts)
    number = incidents.add_news(tx, before.id, texts)
    audit.record(tx, who, "incident.updated", 0, {"incident": before.id, "news": number, "texts": dict(texts)}, now)
    return incidents.get(tx, before.id)


def put(tx: Tx, incident_id: int, case_id: int, who: str, now: datetime) -> Incident:
    """Make a case one of an incident's, by hand; it is told the last news. Raises as `update`, or `NoSuchCase`."""
    cases.locked(tx, case_id)
    incident = incidents.locked(tx, incident_id)
    if incident.status not in (IncidentStatus.PROPOSED, IncidentStatus.CONFIRMED):
        raise NotAnIncident("incident %(id)s is %(state)s", id=incident_id, state=Word(incident.status.value))
    incidents.place(tx, case_id, incident_id, incident.news or None)
    audit.record(tx, who, "incident.case-put", case_id, {"incident": incident_id}, now)
    return incidents.get(tx, incident_id)


def leave_out(tx: Tx, case_id: int, who: str, now: datetime) -> None:
    """Say that a case belongs to no incident, whatever its signs say; raises `NoSuchCase`, `NotAnIncident`."""
    cases.locked(tx, case_id)
    before = incidents.of_case(tx, case_id)
    if not before:
        raise NotAnIncident("the case belongs to no incident")
    incidents.place(tx, case_id, None, None)
    audit.record(tx, who, "incident.case-left-out", case_id, {"incident": before}, now)


def _check(desk: Desk, texts: Mapping[str, str]) -> None:
    for language, text in texts.items():
        if language not in LANGUAGES:
            raise NotAnIncident(
                'there is no language "%(language)s"; there are %(known)s',
                language=language,
                known=", ".join(LANGUAGES),
            )
        if not text.strip() or len(text) > LONGEST:
            raise NotAnIncident(
                "the text in %(language)s may have 1 to %(most)s characters; it has %(n)s",
                language=language,
                most=LONGEST,
                n=len(text),
            )
        if lifecycle.exposed(secrets.redact(text, desk.guarding.own).kinds):
            raise NotAnIncident(
                "the text in %(language)s contains a secret, and nobody must send one", language=language
            )
    if texts and "en" not in texts and set(desk.replies.languages) - texts.keys():
        raise NotAnIncident("a text in English is needed: it goes to whom no other one is for")


def _move(
    tx: Tx, incident_id: int, to: IncidentStatus, allowed: set[IncidentStatus], who: str, now: datetime
) -> Incident:
    before = incidents.locked(tx, incident_id)
    if before.status is to:
        return before
    if before.status not in allowed:
        raise NotAnIncident(
            "incident %(id)s is %(state)s: it cannot become %(wanted)s",
            id=incident_id,
            state=Word(before.status.value),
            wanted=Word(to.value),
        )
    incidents.set_status(tx, incident_id, to, who, now)
    audit.record(tx, who, f"incident.{to.value}", 0, {"incident": incident_id, "sign": before.sign}, now)
    return incidents.get(tx, incident_id)


def _usual(tx: Tx, wanted: Collection[str], window: range) -> dict[str, float]:
    """Return how many cases each sign is to be expected to have in these hours."""
    first = signs.first_hour(tx)
    if not wanted or first is None:
        return {}
    weeks = [k for k in range(1, surges.WEEKS + 1) if window[0] - k * surges.WEEK >= first]
    day = range(max(first, window[0] - 24), window[0]) if window[0] - first >= 24 else range(0)
    hours = {hour - k * surges.WEEK for k in weeks for hour in window} | set(day)
    counted = signs.counts(tx, wanted, hours) if hours else {}
    return {
        sign: surges.usual(
            [sum(counted.get(sign, {}).get(hour - k * surges.WEEK, 0) for hour in window) for k in weeks],
            sum(counted.get(sign, {}).get(hour, 0) for hour in day) if day else None,
        )
        for sign in wanted
    }


def _proposal(burst: surges.Burst, first_hour: int, now: datetime) -> Incident:
    return Incident(
        id=0,
        sign=burst.sign,
        title=surges.title(burst.sign),
        status=IncidentStatus.PROPOSED,
        count=len(burst.cases),
        expected=round(burst.expected, 2),
        first_hour=first_hour,
        since=now,
        status_at=now,
    )


def _propose(tx: Tx, one: Incident, of_it: frozenset[int], now: datetime) -> Incident | None:
    kept = incidents.propose(tx, one, of_it)
    if kept is not None:
        details = {"incident": kept.id, "sign": kept.sign, "cases": kept.cases, "expected": kept.expected}
        audit.record(tx, "triage", "incident.proposed", 0, details, now)
    return kept
