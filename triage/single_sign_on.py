"""Who may sign in by single sign-on: which user somebody is for whom the issuer vouches, and which role she has.

Her subject at the issuer is what binds her for ever; her verified address only counts the first time. Each function
works in the caller's transaction.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from triage.case import Role, User
from triage.errors import TriageError
from triage.settings.web import OidcSettings
from triage.store import Tx, subjects, users

BY = "single sign-on"
"""Who changes roles in the audit: the issuer's word does."""


class NotLetIn(TriageError):
    """The issuer knows her, this desk does not. Nothing was changed."""


def let_in(tx: Tx, settings: OidcSettings, subject: str, email: str, claims: Mapping[str, Any], now: datetime) -> User:
    """Return the user of a subject: bound before, or of this verified address, or new with her mapped role.

    A role that the mapping gives replaces the one she has. Raises `NotLetIn`.
    """
    role = role_of(settings, claims)
    user = subjects.user_of(tx, settings.issuer, subject) or _bound(tx, settings, subject, email, role, now)
    if user.disabled:
        raise NotLetIn("you may not sign in here: ask an administrator")
    if settings.roles and role is None:
        raise NotLetIn("no group of yours may sign in here: ask an administrator")
    return user if role is None else users.change(tx, user.name, BY, now, role=role)


def role_of(settings: OidcSettings, claims: Mapping[str, Any]) -> Role | None:
    """Return the highest role that the claim of groups gives, None when it gives none."""
    said = claims.get(settings.roles_claim)
    groups = said if isinstance(said, list) else [said]
    labels = {settings.roles[group] for group in groups if isinstance(group, str) and group in settings.roles}
    return max((role for role in Role if role.label in labels), default=None)


def _bound(tx: Tx, settings: OidcSettings, subject: str, email: str, role: Role | None, now: datetime) -> User:
    """Bind the subject to the user whose name is her verified address, or to a new one."""
    name = email.strip()
    if not name or len(name) > users.LONGEST_NAME or not name.isprintable():
        raise NotLetIn("the sign-in service told no verified address of yours: ask an administrator")
    user = next((one for one in users.everybody(tx) if one.name.casefold() == name.casefold()), None)
    if user is None:
        if role is None:
            raise NotLetIn("this desk does not know you: ask an administrator")
        user = users.add(tx, name, role, BY, now)
    if not subjects.bind(tx, settings.issuer, subject, user, now):
        raise NotLetIn("this address belongs to somebody else here: ask an administrator")
    return user
