"""The telegram kind: a bot that customers write to, in private, in groups, and through business accounts."""

from triage.connectors import Connector
from triage.connectors.telegram.connector import Telegram
from triage.connectors.telegram.settings import Settings

__all__ = ["Settings", "Telegram", "connect"]


def connect(name: str, settings: Settings) -> Connector:
    """Return the connector of one bot; nothing is connected yet."""
    return Telegram(name, settings)
