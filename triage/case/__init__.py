"""What we make of messages: readings, verdicts, cases and their place in the list. Values only, no I/O."""

from triage.case.history import Entry, Note, Said
from triage.case.incident import Incident, IncidentStatus
from triage.case.matter import MAYBE_NEW, Case, Disposition, FollowUp, Kept, Part, Place, Promise, Status
from triage.case.users import Role, User
from triage.case.verdict import Reading, Reason, References, Urgency, Verdict

__all__ = [
    "MAYBE_NEW", "Case", "Disposition", "Entry", "FollowUp", "Incident",
    "IncidentStatus", "Kept", "Note", "Part", "Place", "Promise", "Reading",
    "Reason", "References", "Role", "Said", "Status", "Urgency", "User", "Verdict",
]  # fmt: skip
