"""The email kind: an IMAP mailbox that customers write to, and the SMTP server that our replies go through."""

from triage.connectors import Connector
from triage.connectors.email.connector import Email
from triage.connectors.email.settings import Settings

__all__ = ["Email", "Settings", "connect"]


def connect(name: str, settings: Settings) -> Connector:
    """Return the connector of one mail account; nothing is connected yet."""
    return Email(name, settings)
