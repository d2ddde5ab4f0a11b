"""Ready answers for one case: found by a few letters, in the customer's language, filled with what we know."""

from itertools import groupby

from triage.case import Case
from triage.desk import Desk
from triage.rules.canned import fill
from triage.rules.language import nearest
from triage.rules.search_words import index_words
from triage.store import Tx, canned, lists
from triage.store.canned import Canned

MOST = 8
"""Ready answers that are offered at once."""


def offered(tx: Tx, desk: Desk, case: Case, who: str, text: str = "") -> list[tuple[Canned, str]]:
    """Return the ready answers that have every word of `text`, begun or whole, each with its text filled; `MOST`.

    Those that have them in their name come first. Of each there is one, in the language the customer reads best.
    """
    wanted = index_words(text)
    found = []
    for _, rows in groupby(canned.listing(tx), key=lambda one: one.name):
        by_language = {one.language: one for one in rows}
        one = by_language[nearest(case.language, tuple(by_language))]
        # What the agent types may be in any of its languages.
        said = " ".join(other.text for other in by_language.values())
        if _has(wanted, f"{one.name} {said}"):
            found.append((not _has(wanted, one.name), one.name, one))
    facts = _facts(tx, desk, case, who)
    return [(one, fill(one.text, facts)) for *_, one in sorted(found, key=lambda rank: rank[:2])[:MOST]]


def _has(wanted: list[str], text: str) -> bool:
    words = index_words(text)
    return all(any(word.startswith(one) for word in words) for one in wanted)


def _facts(tx: Tx, desk: Desk, case: Case, who: str) -> dict[str, str]:
    newest = lists.last_message(tx, case.id)
    return {
        "name": newest[0].sender.name if newest else "",
        "number": case.number,
        "agent": who,
        "desk": desk.name,
        "faq": desk.help_page(case.verdict.topic, case.language),
    }
