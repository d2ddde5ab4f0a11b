"""Where a secret of the configuration is read from: a file, the environment, or systemd. Never from the file itself.

And how one that a far side gives us is kept.
"""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator

from triage.errors import ConfigError


class Secret(BaseModel):
    """Names the place of one secret: `{ file = "/etc/triage/mail" }`, `{ env = "MAIL" }` or `{ credential = "mail" }`.

    `credential` is a systemd credential (`LoadCredential=`), a file under `$CREDENTIALS_DIRECTORY`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: Path | None = None
    env: str | None = None
    credential: str | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "Secret":
        if sum(x is not None for x in (self.file, self.env, self.credential)) != 1:
            raise ValueError("a secret names exactly one of file, env, credential")
        return self

    def read(self) -> str:
        """Return the secret without its trailing newline.

        Raises `ConfigError` with one line that names the place, never the secret.
        """
        if self.env is not None:
            value = os.environ.get(self.env, "")
            if not value:
                raise ConfigError(f"the environment variable {self.env} is not set")
            return value
        path = self.file or Path(os.environ.get("CREDENTIALS_DIRECTORY", "/run/credentials")) / str(self.credential)
        try:
            value = path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise ConfigError(f"the secret in {path} cannot be read: {reason}") from None
        if not value:
            raise ConfigError(f"the secret in {path} is empty")
        return value


def try_all(settings: BaseModel) -> None:
    """Read every secret that settings and their tables name; raises `ConfigError` for one that is not there."""
    for _, value in settings:
        if isinstance(value, Secret):
            value.read()
        elif isinstance(value, BaseModel):
            try_all(value)


def keep(path: Path, text: str) -> None:
    """Put what is secret on the disk, whole or not at all, for our eyes only; it is there when this returns.

    Raises `OSError`.
    """
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
