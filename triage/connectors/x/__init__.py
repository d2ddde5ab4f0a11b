"""The x kind: an account on X that customers mention, and write direct messages to."""

from triage.connectors import Connector
from triage.connectors.x.connector import X
from triage.connectors.x.settings import Settings

__all__ = ["Settings", "X", "connect"]


def connect(name: str, settings: Settings) -> Connector:
    """Return the connector of one account; nothing is connected yet."""
    return X(name, settings)
