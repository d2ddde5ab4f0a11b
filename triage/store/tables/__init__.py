"""The tables, written once for SQLite and PostgreSQL. Nothing but `triage.store` knows them."""

from sqlalchemy import Table

from triage.store.columns import Row
from triage.store.tables.access import (
    InvitationRow,
    RecoveryCodeRow,
    SessionRow,
    SubjectRow,
    TokenRow,
    UserRow,
    ViewRow,
)
from triage.store.tables.hunting import PitchRow, SightingRow
from triage.store.tables.incoming import Attempt, Cursor, Inbox, Quarantine, Seen
from triage.store.tables.matters import CaseRow, CorrectionRow, MessageRow, NoteRow, Participant, Thread
from triage.store.tables.outgoing import BounceRow, DeadAddressRow, OutboxRow, PaceRow
from triage.store.tables.people import AddressRow, Person
from triage.store.tables.running import AuditHead, AuditRow, Counter, HealthRow, LeaseRow
from triage.store.tables.surges import IncidentCaseRow, IncidentRow, SignRow
from triage.store.tables.telling import WebhookRetry, WebhookRow
from triage.store.tables.texts import CannedRow


def _table(row: type[Row]) -> Table:
    return Row.metadata.tables[str(row.__tablename__)]


inbox, attempts, seen, cursors, quarantine = (_table(row) for row in (Inbox, Attempt, Seen, Cursor, Quarantine))
persons, addresses, participants = (_table(row) for row in (Person, AddressRow, Participant))
cases, messages, threads = (_table(row) for row in (CaseRow, MessageRow, Thread))
corrections, outbox, audit, notes = (_table(row) for row in (CorrectionRow, OutboxRow, AuditRow, NoteRow))
pace, bounces, dead_addresses = (_table(row) for row in (PaceRow, BounceRow, DeadAddressRow))
case_signs, incidents, incident_cases = (_table(row) for row in (SignRow, IncidentRow, IncidentCaseRow))
users, sessions, invitations, tokens = (_table(row) for row in (UserRow, SessionRow, InvitationRow, TokenRow))
recovery_codes, subjects = _table(RecoveryCodeRow), _table(SubjectRow)
views, audit_head, canned = (_table(row) for row in (ViewRow, AuditHead, CannedRow))
sightings, pitches = _table(SightingRow), _table(PitchRow)
webhooks, webhook_retries = _table(WebhookRow), _table(WebhookRetry)
leases, channel_health, counters = (_table(row) for row in (LeaseRow, HealthRow, Counter))
