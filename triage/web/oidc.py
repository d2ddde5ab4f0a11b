"""The wire of OpenID Connect (Core 1.0, code flow with PKCE): asks the issuer who somebody is.

Authlib builds the requests, joserfc checks signatures and claims. Nothing here knows users or sessions. Each of
`begin`, `identity` and `farewell` runs under one deadline, discovery included.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from triage.errors import ConfigError, TriageError
from triage.settings.web import OidcSettings

DEADLINE = 10.0
"""Seconds for everything that one step asks of the issuer."""

LONGEST = 256 * 1024
"""Bytes of an answer of the issuer."""

SKEW = 60
SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that only the issuer's private key makes; "none" and shared secrets are not among them."""


def utc() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


class NotTrusted(TriageError):
    """What came back is not what this browser asked the issuer for. Nobody is signed in; `why` is for the log."""


class IssuerDown(TriageError):
    """The issuer does not answer in time, or not as OpenID Connect has it. Somebody tries again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom the issuer vouches for.

    Attributes:
        subject: The issuer's own id of her; never given to anybody else.
        email: "" unless the issuer verified it.
        claims: Everything else it said.
    """

    subject: str
    email: str
    claims: Mapping[str, Any]


class Issuer:
    """One issuer and what it published about itself, which is read when it is first needed."""

    def __init__(self, settings: OidcSettings, clock: Callable[[], datetime] = utc) -> None:
        """Take the configuration; raises `ConfigError` when the secret cannot be read or `triage[oidc]` is missing."""
        try:
            import authlib.integrations.httpx_client  # noqa: F401
            import joserfc  # noqa: F401
        except ImportError:
            raise ConfigError("[web.oidc] needs more packages: pip install 'triage[oidc]'") from None
        self.settings = settings
        self._secret = settings.client_secret.read()
        self._clock = clock
        self._known: dict[str, Any] = {}
        self._keys: dict[str, Any] = {}

    async def begin(self, redirect_uri: str) -> tuple[str, dict[str, str]]:
        """Return where the browser goes, and what it must carry back: state, nonce, verifier."""
        carried = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        async with self._client(redirect_uri) as client:
            known = await self._discover(client)
            address, _ = client.create_authorization_url(
                known["authorization_endpoint"],
                state=carried["state"],
                nonce=carried["nonce"],
                code_verifier=carried["verifier"],
            )
        return str(address), carried | {"back": redirect_uri}

    async def identity(self, answer: Mapping[str, str], carried: Mapping[str, str]) -> Identity:
        """Return whom the answer in the address is about; raises `NotTrusted` or `IssuerDown`."""
        if not secrets.compare_digest(answer.get("state", "").encode(), carried["state"].encode()):
            raise NotTrusted("state")
        async with self._client(carried["back"]) as client:
            known = await self._discover(client)
            self._check_issuer(answer, known)
            if answer.get("error") or not answer.get("code"):
                raise NotTrusted("refused")
            token = await self._exchange(client, known, answer["code"], carried["verifier"])
            claims = await self._claims(client, known, token, carried["nonce"])
        verified = claims.get("email_verified") is True and isinstance(claims.get("email"), str)
        return Identity(subject=claims["sub"], email=claims["email"] if verified else "", claims=claims)

    async def farewell(self, back: str) -> str:
        """Return where the browser ends the session at the issuer; "" when it has no such page, or does not answer."""
        from authlib.common.urls import add_params_to_uri

        try:
            async with self._client(back) as client:
                where = (await self._discover(client)).get("end_session_endpoint", "")
        except IssuerDown:
            return ""
        asked = [("client_id", self.settings.client_id), ("post_logout_redirect_uri", back)]
        return str(add_params_to_uri(where, asked)) if where else ""

    @asynccontextmanager
    async def _client(self, redirect_uri: str) -> AsyncIterator[Any]:
        """Offer a client for one step; whatever its library raises becomes ours here."""
        import httpx2
        from authlib.common.errors import AuthlibBaseError
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        client = AsyncOAuth2Client(
            self.settings.client_id,
            self._secret,
            scope=" ".join(self.settings.scopes),
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=DEADLINE,
            trust_env=False,
        )
        try:
            async with asyncio.timeout(DEADLINE), client:
                yield client
        except TimeoutError:
            raise IssuerDown("the issuer did not answer in time") from None
        except AuthlibBaseError as error:
            raise NotTrusted(f"token: {error.error}") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise IssuerDown(f"the issuer does not answer as it should: {type(error).__name__}") from None

    async def _discover(self, client: Any) -> dict[str, Any]:
        """Return what the issuer published; it must name itself exactly as the configuration does."""
        if not self._known:
            where = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = await _json(client, where)
            if found.get("issuer") != self.settings.issuer:
                raise IssuerDown("the issuer calls itself otherwise than [web.oidc] issuer")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                self._check_address(found.get(name))
            self._known = found
        return self._known

    def _check_address(self, address: object) -> None:
        """Refuse an address without TLS, unless the issuer itself has none, being on this machine."""
        parts, own = urlsplit(address if isinstance(address, str) else ""), urlsplit(self.settings.issuer)
        if parts.scheme != "https" and parts[:2] != own[:2]:
            raise IssuerDown("the issuer names an address without TLS, or none")

    def _check_issuer(self, answer: Mapping[str, str], known: Mapping[str, Any]) -> None:
        """Refuse an answer that another issuer sent this browser with (RFC 9207)."""
        named = answer.get("iss")
        must = known.get("authorization_response_iss_parameter_supported") is True
        if named != self.settings.issuer and (named is not None or must):
            raise NotTrusted("another issuer")

    async def _exchange(self, client: Any, known: Mapping[str, Any], code: str, verifier: str) -> str:
        """Return the ID token for a code."""
        methods = known.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = "client_secret_basic" in methods
        client.token_endpoint_auth_method = "client_secret_basic" if basic else "client_secret_post"
        given = await client.fetch_token(known["token_endpoint"], code=code, code_verifier=verifier)
        if not isinstance(token := given.get("id_token"), str):
            raise NotTrusted("no token")
        return token

    async def _claims(self, client: Any, known: Mapping[str, Any], token: str, nonce: str) -> dict[str, Any]:
        """Return the claims of a token that the issuer signed, for us, for this sign-in, and lately."""
        from joserfc import jws, jwt
        from joserfc.errors import JoseError

        try:
            header = jws.extract_compact(token.encode()).headers()
            if header.get("alg") not in SIGNED_BY:
                raise NotTrusted("signature")
            key = await self._key(client, known, str(header.get("kid", "")))
            claims = jwt.decode(token, key, algorithms=list(SIGNED_BY)).claims
            jwt.JWTClaimsRegistry(
                now=int(self._clock().timestamp()),
                leeway=SKEW,
                iss={"essential": True, "value": self.settings.issuer},
                aud={"essential": True, "value": self.settings.client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except JoseError as error:
            raise NotTrusted(f"token: {error}") from None  # names the claim, never its value
        except (ValueError, TypeError) as error:
            raise NotTrusted(f"token: {type(error).__name__}") from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", self.settings.client_id if not several else "") != self.settings.client_id:
            raise NotTrusted("meant for somebody else")
        return dict(claims)

    async def _key(self, client: Any, known: Mapping[str, Any], kid: str) -> Any:
        """Return the issuer's keys; asked for anew when a token names one that is not known yet."""
        from joserfc.jwk import KeySet

        if not self._keys or (kid and kid not in self._keys):
            found = (await _json(client, known["jwks_uri"])).get("keys", [])
            published = [one for one in found if isinstance(one, dict) and one.get("use", "sig") == "sig"]
            self._keys = {str(one.get("kid", "")): one for one in published}
        wanted = [self._keys[kid]] if kid in self._keys else [] if kid else list(self._keys.values())
        if not wanted:
            raise NotTrusted("unknown key")
        return KeySet.import_key_set({"keys": wanted})


async def _json(client: Any, address: str) -> dict[str, Any]:
    answer = await client.request("GET", address, withhold_token=True)
    answer.raise_for_status()
    if len(answer.content) > LONGEST or not isinstance(found := answer.json(), dict):
        raise ValueError("no object")
    return found
