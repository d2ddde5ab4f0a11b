"""The tables [web] and [web.oidc]: the desk in the browser, and who signs in to it by single sign-on."""

from urllib.parse import urlsplit

from pydantic import Field, field_validator

from triage.case import Role
from triage.credentials import Secret
from triage.settings.table import Table


class OidcSettings(Table):
    """Single sign-on by OpenID Connect; needs `triage[oidc]`."""

    issuer: str = Field(
        description='As the issuer writes it ("https://login.acme.example"); asked for what it is there.'
    )
    client_id: str = Field(min_length=1, description="What the issuer calls this desk.")
    client_secret: Secret = Field(description="What this desk proves itself by to the issuer.")
    scopes: tuple[str, ...] = Field(("openid", "email", "profile"), description="What the issuer is asked for.")
    roles_claim: str = Field("groups", description="The claim that names a user's groups.")
    roles: dict[str, str] = Field(
        default_factory=dict,
        description="A group's role (read-only, agent, lead, admin); the highest counts, each time. Who has none is "
        "not let in. Empty: roles are this desk's own, and only users who are there are let in.",
    )

    @field_validator("issuer")
    @classmethod
    def _has_tls(cls, value: str) -> str:
        parts = urlsplit(value)
        here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}
        if not (here or parts.scheme == "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError('the issuer must be an address that begins with "https://"')
        return value

    @field_validator("roles")
    @classmethod
    def _known_roles(cls, value: dict[str, str]) -> dict[str, str]:
        known = [role.label for role in Role]
        for group, label in value.items():
            if label not in known:
                raise ValueError(f'{group}: there is no role "{label}"; there are {", ".join(known)}')
        return value


class WebSettings(Table):
    """The desk in the browser."""

    listen: str = Field(
        "127.0.0.1:8420", description="HOST:PORT. Put a proxy with TLS before it; `localhost` needs none."
    )
    prefix: str = Field(
        "", pattern=r"^(/[a-z0-9_-]+)*$", description='The path under which the proxy shows it ("/triage").'
    )
    second_factor: str = Field(
        "optional",
        pattern="^(off|optional|required for (read-only|agent|lead|admin))$",
        description='Codes from a phone beside the password: "off" (none can be set up; who has one is asked for it), '
        '"optional", or "required for ROLE" and the roles above it.',
    )
    oidc: OidcSettings | None = Field(None, description="Single sign-on: a table of its own.")
