"""What the configuration says about a mail account."""

import datetime as dt
import re
import ssl
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from triage.connectors.email.addresses import wire
from triage.connectors.email.cursor import Account
from triage.credentials import Secret
from triage.errors import ConfigError

Tls = Literal["implicit", "starttls"]
_PORTS = {("imap", "implicit"): 993, ("imap", "starttls"): 143, ("smtp", "implicit"): 465, ("smtp", "starttls"): 587}


class _Server(BaseModel):
    """One mail server. There is no setting that leaves TLS or its check out."""

    model_config = ConfigDict(extra="forbid")

    host: str = Field(description="The server's name, as its certificate says it.")
    port: int = Field(0, ge=0, le=65535, description="0: the usual one (IMAP 993 or 143, SMTP 465 or 587).")
    tls: Tls = Field("implicit", description='"implicit", or "starttls" where the server offers only that.')
    ca_file: Path | None = Field(None, description="Certificate authority of an own server; else the system's.")
    deadline: float = Field(30.0, gt=0, le=55, description="Seconds within which one operation must end.")

    def context(self) -> ssl.SSLContext:
        """Return what TLS is checked by; raises `ConfigError` when the authority's file cannot be used."""
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"ca_file {self.ca_file} cannot be used: {error.strerror or error}") from None


class ImapServer(_Server):
    """Where mail comes in."""

    @property
    def at(self) -> tuple[str, int]:
        """Return host and port."""
        return self.host, self.port or _PORTS["imap", self.tls]


class SmtpServer(_Server):
    """Where replies go out."""

    login: bool = Field(True, description="false: the server takes our mail without a login.")
    connections: int = Field(2, ge=1, le=8, description="How many are used at once when many replies wait.")

    @property
    def at(self) -> tuple[str, int]:
        """Return host and port."""
        return self.host, self.port or _PORTS["smtp", self.tls]


class OAuth(BaseModel):
    """OAuth 2 instead of a password (XOAUTH2), with a refresh token that was granted once in a browser."""

    model_config = ConfigDict(extra="forbid")

    provider: Literal["google", "microsoft"] | None = Field(None, description="Whose token endpoint and scope to use.")
    token_url: str | None = Field(None, description="The token endpoint; needed for any other provider.")
    scope: str | None = Field(None, description="Asked for when refreshing.")
    client_id: str
    client_secret: Secret | None = None
    refresh_token: Secret = Field(description="The first one; the provider may replace it by and by.")
    state_file: Path = Field(description="Where a replaced refresh token is kept. Only the service may read it.")

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.provider is None and self.token_url is None:
            raise ValueError("oauth needs a provider or a token_url")
        return self


class Settings(BaseModel):
    """One mail account that customers write to."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(description="The account's mail address; replies come from it.")
    also_known_as: tuple[str, ...] = Field((), description="Other addresses that deliver here.")
    display_name: str = Field("", description="The name shown beside the address.")
    user: str = Field("", description="The login name; the address when empty.")
    password: Secret | None = None
    oauth: OAuth | None = None
    imap: ImapServer
    smtp: SmtpServer | None = Field(None, description="Without it the account only reads.")
    folders: tuple[str, ...] = Field(("INBOX",), min_length=1, description="Which folders are read.")
    mark: str = Field("seen", description='What is done with stored mail: "seen", "move:FOLDER" or "nothing".')
    start: dt.date | Literal["now", "all"] = Field("now", description="Where to begin in a folder that is new to us.")
    poll: float = Field(45.0, gt=0, le=55, description="Seconds at most between two looks, push or no push.")
    check_dkim: bool = Field(
        False, description="Check DKIM signatures ourselves, by DNS: for servers that write no Authentication-Results."
    )
    bounce_address: str = Field("", description="Envelope sender of automatic mail; empty is the null sender.")
    bcc_self: bool = Field(False, description="Send us a copy, so that a reply of unknown fate can be looked up.")
    sent_folder: str = Field("", description="The folder in which the server itself keeps what we sent.")
    answers_through: str | None = Field(None, description="The channel that sends the replies; this one by default.")

    @field_validator("mark")
    @classmethod
    def _known_mark(cls, value: str) -> str:
        if value not in {"seen", "nothing"} and not re.fullmatch(r"move:.+", value):
            raise ValueError('is none of "seen", "nothing", "move:FOLDER"')
        return value

    @field_validator("address", "also_known_as", "bounce_address")
    @classmethod
    def _plain_address(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for one in (value,) if isinstance(value, str) else value:
            if one and not re.fullmatch(r"[^\s<>,;:\"@]+@[^\s<>,;:\"@]+", one):
                raise ValueError(f"{one!r} is no mail address")
            wire(one)
        return value

    @model_validator(mode="after")
    def _one_login(self) -> Self:
        if not self.address:
            raise ValueError("address is empty")
        if (self.password is None) == (self.oauth is None):
            raise ValueError("name exactly one of password and oauth")
        return self

    @property
    def own(self) -> frozenset[str]:
        """Return our addresses in lower case."""
        return frozenset(a.lower() for a in (self.address, *self.also_known_as))

    @property
    def login_name(self) -> str:
        """Return the name to log in with."""
        return self.user or self.address

    @property
    def account(self) -> Account:
        """Return whose folders are read."""
        return Account(self.address.lower(), self.imap.host.lower(), self.login_name)
