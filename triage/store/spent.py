"""What was said to an address by ourselves lately: what the limits count, in the transaction that queues the next."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, literal_column, select

from triage.rules.mail_domains import domain_of
from triage.store.columns import digest
from triage.store.tables import outbox

COMMANDS = ("start", "status", "status-unknown", "rated")
AGENTS = ("rating", "incident", "incident-over")
"""What an agent set off: the question after her work, news of an incident and its end."""


def _one_of(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


# "kind <> 'answer'" is what the index of automatic replies asks for; SQLite does not conclude it from NOT IN.
UNASKED: ColumnElement[bool] = literal_column(f"kind <> 'answer' AND kind NOT IN ({_one_of(COMMANDS + AGENTS)})")
_COMMAND: ColumnElement[bool] = literal_column(f"kind <> 'answer' AND kind IN ({_one_of(COMMANDS)})")
_OF_DOMAIN: ColumnElement[bool] = literal_column("domain_hash IS NOT NULL")
_AT = outbox.c.created_at
_LATELY = (outbox.c.state != "refused", bindparam("since", type_=_AT.type) <= _AT)

# Made once: to build a statement costs more than to run it.
_TO_ADDRESS = (
    select(outbox.c.to_hash, outbox.c.kind, _AT)
    .where(outbox.c.to_hash.in_(bindparam("hashes", expanding=True)), UNASKED, *_LATELY)
    .order_by(_AT)
)
_TO_DOMAIN = (
    select(outbox.c.domain_hash, func.count())
    .where(outbox.c.domain_hash.in_(bindparam("hashes", expanding=True)), _OF_DOMAIN, *_LATELY)
    .group_by(outbox.c.domain_hash)
)


def is_unasked(kind: str) -> bool:
    """Tell whether a reply of this kind is one that we send by ourselves, without being asked."""
    return kind not in ("answer", *COMMANDS, *AGENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lately:
    """When automatic replies were queued, oldest first.

    Attributes:
        to_address: By `Address.key`: all but answers to commands, which nobody gets without asking, and what an
            agent set off.
        warnings: Those of them that warn of a secret that was sent.
        to_domain: How many went to each mail domain within the shorter span of domains.
    """

    to_address: dict[str, list[datetime]] = field(default_factory=dict)
    warnings: dict[str, list[datetime]] = field(default_factory=dict)
    to_domain: dict[str, int] = field(default_factory=dict)


def lately(tx: Connection, address_keys: Collection[str], since: datetime, since_for_domains: datetime) -> Lately:
    """Return what was queued to addresses since then, and to their domains; refused replies do not count."""
    wanted = {digest(key): key for key in address_keys}
    times: defaultdict[str, list[datetime]] = defaultdict(list)
    warnings: defaultdict[str, list[datetime]] = defaultdict(list)
    if wanted:
        for row in tx.execute(_TO_ADDRESS, {"hashes": list(wanted), "since": since}):
            times[wanted[bytes(row.to_hash)]].append(row.created_at)
            if row.kind == "secret":
                warnings[wanted[bytes(row.to_hash)]].append(row.created_at)
    domains = {digest(domain): domain for key in address_keys if (domain := domain_of(key))}
    counted = tx.execute(_TO_DOMAIN, {"hashes": list(domains), "since": since_for_domains}) if domains else ()
    to_domain = {domains[bytes(hash_)]: count for hash_, count in counted}
    return Lately(to_address=dict(times), warnings=dict(warnings), to_domain=to_domain)


def asked(tx: Connection, address_keys: Collection[str], since: datetime) -> dict[str, int]:
    """Return how many commands of each address were answered since then; addresses without any are left out."""
    wanted = {digest(key): key for key in address_keys}
    query = select(outbox.c.to_hash, func.count()).where(
        outbox.c.to_hash.in_(list(wanted)), _COMMAND, outbox.c.created_at >= since
    )
    return {wanted[bytes(row[0])]: row[1] for row in tx.execute(query.group_by(outbox.c.to_hash))} if wanted else {}
