"""The tables [webhooks.NAME]: who is told what happens."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from triage.credentials import Secret
from triage.errors import ConfigError
from triage.settings.table import Table
from triage.webhooks import Endpoint, check_secret, check_url

Pattern = Annotated[str, StringConstraints(pattern=r"^[a-z_.*]{1,60}$")]


class WebhookSettings(Table):
    """Somebody who is told what happens, by signed requests. Nobody is who has no such table."""

    url: str = Field(description="Where requests go: `https://`, with a certificate that can be believed.")
    secret: Secret = Field(description="What they are signed with. `triage webhook secret` makes one.")
    old_secret: Secret | None = Field(
        None, description="The one before it: while it stands here each request has both signatures."
    )
    events: tuple[Pattern, ...] = Field(
        ("message.*", "case.*", "incident.*"),
        min_length=1,
        description='Types that are told, `*` for any part of one ("case.answered", "message.*").',
    )
    private_network: bool = Field(
        False, description="Addresses of a network of your own, `http://` and this machine are allowed."
    )
    ca_file: Path | None = Field(None, description="Who vouches for its certificate. Default: those the system has.")

    @model_validator(mode="after")
    def _can_be_sent_to(self) -> "WebhookSettings":
        try:
            check_url(self.url, private=self.private_network)
        except ValueError as error:
            raise ValueError(f"url: {error}") from None
        return self

    def endpoint(self, name: str) -> Endpoint:
        """Return whom this table is about; raises `ConfigError` when a secret cannot be read or cannot sign."""
        try:
            secrets = [check_secret(one.read()) for one in (self.secret, self.old_secret) if one is not None]
        except ConfigError as error:
            raise ConfigError(f"[webhooks.{name}] {error}") from None
        if self.ca_file is not None and not self.ca_file.is_file():
            raise ConfigError(f"[webhooks.{name}] ca_file: {self.ca_file} cannot be read")
        return Endpoint(
            name=name,
            url=self.url,
            secrets=tuple(secrets),
            wanted=self.events,
            private=self.private_network,
            ca_file=self.ca_file,
        )
