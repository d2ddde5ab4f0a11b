"""One-time codes from a phone (RFC 6238): which step of time a code belongs to, and who needs one."""

import hmac
from datetime import datetime, timedelta

import pyotp

from triage.case import Role

STEP = timedelta(seconds=30)

SKEW = 1
"""Steps that a phone's clock may be behind or ahead."""

RECOVERY_LENGTH = 10
_LOOKALIKES = str.maketrans("ilo", "110", "- ")


def needed(rule: str, role: Role) -> bool:
    """Tell whether somebody of this role must have a second factor; `rule` is `[web] second_factor`."""
    _, named, least = rule.partition("required for ")
    return bool(named) and role >= next(one for one in Role if one.label == least)


def step_of(code: str, secret: str, now: datetime) -> int | None:
    """Return the step of time that a code of six digits was made for, None when it is no code of now."""
    made, at = pyotp.TOTP(secret), int(now.timestamp() / STEP.total_seconds())
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit()):
        return None
    near = range(at - SKEW, at + SKEW + 1)
    # Every step is compared, in the same time each: how long it takes says nothing.
    right = [step for step in near if hmac.compare_digest(made.generate_otp(step), digits)]
    return right[-1] if right else None


def address(secret: str, name: str, desk: str) -> str:
    """Return what the QR code says (Google's Key URI format, which every authenticator reads)."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=desk)


def recovery_of(typed: str) -> str:
    """Return a recovery code as it is compared, however it was typed; "" for what cannot be one."""
    plain = typed.strip().casefold().translate(_LOOKALIKES)
    return plain if len(plain) == RECOVERY_LENGTH and plain.isascii() and plain.isalnum() else ""
