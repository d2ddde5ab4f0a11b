"""The folder kind: files of mail and messages dropped into a folder, or a Maildir, read once each."""

from triage.connectors import Connector
from triage.connectors.folder.connector import Folder, Settings
from triage.connectors.folder.files import UnreadFile, read_file, read_stream

__all__ = ["Folder", "Settings", "UnreadFile", "connect", "read_file", "read_stream"]


def connect(name: str, settings: Settings) -> Connector:
    """Return the connector of one folder; nothing is read yet."""
    return Folder(name, settings)
