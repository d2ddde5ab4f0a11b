"""What is known of a person and her cases when a message comes, and the question where it belongs."""

from datetime import timedelta

from builders import NOW, a_case, a_reading, a_verdict

from triage.rules.followup import (
    Evidence,
    find_follow_up,
)

ADA = frozenset({"email:ada@example.org"})
LATER = NOW + timedelta(hours=3)


def evidence(case=None, *, said="My withdrawal is stuck since yesterday.", people=ADA, **places):
    case = case or a_case()
    return Evidence(
        **{name: [case] for name in places}, recent_texts={case.id: (said,)}, participants={case.id: people}
    )


def find(message, known, text="And now the app shows nothing at all, what should I do?", **verdict):
    return find_follow_up(message, a_reading(text), a_verdict(**verdict), known)
