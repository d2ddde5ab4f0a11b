"""Telling the customers of an incident what is new of it, in their language and on their channel.

It is done bit by bit, each in the caller's transaction: a case knows whether it waits for news, and the key of its
reply is unique for ever, so a process that dies in the middle goes on where it was.
"""

from dataclasses import replace
from datetime import datetime

from triage.case import Case, Incident, IncidentStatus, Status, Urgency
from triage.desk import Desk
from triage.message import Message, Reply
from triage.rules import acknowledge, lifecycle
from triage.store import Tx, audit, bounces, cases, incidents, lists, outbox

AT_ONCE = 50
"""Cases that are told in one transaction."""


def tell(tx: Tx, desk: Desk, now: datetime, limit: int = AT_ONCE) -> int:
    """Queue news for some of the cases that wait for it, and return how many were looked at; 0 when none waits.

    A case that is told counts as answered, and with the last news as resolved, unless it needs a person all the same.
    """
    waiting = incidents.waiting(tx, limit)
    known = {i: incidents.get(tx, i) for i in {incident_id for incident_id, _, _ in waiting}}
    for incident_id, case_id, _ in waiting:
        _tell(tx, desk, known[incident_id], case_id, now)
    incidents.told(tx, [case_id for _, case_id, _ in waiting])
    return len(waiting)


def _tell(tx: Tx, desk: Desk, incident: Incident, case_id: int, now: datetime) -> None:
    case = cases.locked(tx, case_id, merged=True)
    found = lists.last_message(tx, case_id)
    if case.status in (Status.RESOLVED, Status.MERGED) or found is None:
        return
    message = found[0]
    if _is_silent(desk, message) or bounces.dead_since(tx, [message.sender.key], now):
        return
    outbox.overtake(tx, case_id, now)
    outbox.queue(tx, [_news(desk, incident, case, message, now)], withheld=desk.dry_run)
    over = incident.status is IncidentStatus.RESOLVED
    after = case if _waits_for_more(case) else lifecycle.answered(case, incident.who, now, resolve=over)
    cases.rewrite(tx, [replace(after, assignee=case.assignee)])
    audit.record(tx, incident.who, "incident.told", case_id, {"incident": incident.id, "news": incident.news}, now)


def _waits_for_more(case: Case) -> bool:
    """Tell whether a case needs a person whatever we tell many: she wrote again after an answer, or it is critical."""
    again = case.status is Status.OPEN and case.answered_at is not None
    return again or case.verdict.urgency is Urgency.CRITICAL


def _is_silent(desk: Desk, message: Message) -> bool:
    """Tell whether nothing goes to who wrote this: nobody vouches for her, or everybody would read it.

    The same words under hundreds of posts are what X closes accounts for.
    """
    reading = desk.read(message)
    answerable = message.channel in desk.answers_through
    silent = acknowledge.silence(
        replace(message, edited=False, addressed=True),
        reading,
        answerable=answerable,
        answer_unauthenticated=desk.answer_unauthenticated,
    )
    return message.public or silent is not None


def _news(desk: Desk, incident: Incident, case: Case, message: Message, now: datetime) -> Reply:
    language = desk.replies.language_for(case.language)
    kind = "incident-over" if incident.status is IncidentStatus.RESOLVED else "incident"
    news = incident.texts.get(language) or incident.texts.get("en", "")
    return desk.reply(
        message,
        kind,
        key=f"{case.id}:incident:{incident.id}:{incident.news}",
        language=language,
        now=now,
        facts={"number": case.number, "news": news},
        case_id=case.id,
    )
