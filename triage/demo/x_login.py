"""How the stand-in for X knows who calls: OAuth 1 signatures, bearer tokens, and refresh tokens that are good once."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What X would have given us."""

    consumer_key: str = "demo-consumer"
    consumer_secret: str = "demo-consumer-secret"  # noqa: S105 - it opens nothing
    access_token: str = "99-demo"  # noqa: S105
    access_token_secret: str = "demo-token-secret"  # noqa: S105
    client_id: str = "demo-client"
    refresh_token: str = "demo-refresh-1"  # noqa: S105
    app_bearer: str = "demo-app"


class Login:
    """The one who may come in.

    Attributes:
        refresh_token: The only refresh token that is good now.
        bearer: The only user's access token that is good now; empty until the first renewal.
        renewals: How often tokens were renewed.
    """

    def __init__(self, keys: Keys) -> None:
        """Start as X does after the person said yes."""
        self.keys = keys
        self.refresh_token = keys.refresh_token
        self.bearer = ""
        self.renewals = 0

    def of(self, request: web.Request) -> str:
        """Return "user" or "app", whoever calls; empty for a stranger."""
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer":
            if value == self.keys.app_bearer:
                return "app"
            return "user" if self.bearer and hmac.compare_digest(value, self.bearer) else ""
        return "user" if scheme == "OAuth" and self._signed(request, value) else ""

    async def renew(self, request: web.Request) -> web.Response:
        """Answer to `POST /2/oauth2/token`: new tokens for the current refresh token, which is then used up."""
        form = await request.post()
        good = form.get("grant_type") == "refresh_token" and form.get("client_id") == self.keys.client_id
        if not good or form.get("refresh_token") != self.refresh_token:
            wrong = {
                "error": "invalid_request",
                "error_description": "Value passed for the token was invalid.",
            }
            return web.json_response(wrong, status=400)
        self.renewals += 1
        self.refresh_token = f"demo-refresh-{self.renewals + 1}"
        self.bearer = f"demo-access-{self.renewals}"
        tokens = {"token_type": "bearer", "expires_in": 7200, "scope": "tweet.read dm.read offline.access"}
        return web.json_response(tokens | {"access_token": self.bearer, "refresh_token": self.refresh_token})

    def _signed(self, request: web.Request, header: str) -> bool:
        """Return whether the signature is that of our keys (RFC 5849, HMAC-SHA1)."""
        pairs = [part.strip().partition("=") for part in header.split(",")]
        given = {name: unquote(value.strip('"')) for name, _, value in pairs}
        signature = given.pop("oauth_signature", "")
        if (given.get("oauth_consumer_key"), given.get("oauth_token")) != (
            self.keys.consumer_key,
            self.keys.access_token,
        ):
            return False
        query = parse_qsl(request.raw_path.partition("?")[2], keep_blank_values=True)
        parameters = sorted((_quoted(name), _quoted(value)) for name, value in [*query, *given.items()])
        address = f"{request.scheme}://{request.host}{request.path}"
        joined = "&".join(f"{name}={value}" for name, value in parameters)
        base = "&".join([request.method, _quoted(address), _quoted(joined)])
        key = f"{_quoted(self.keys.consumer_secret)}&{_quoted(self.keys.access_token_secret)}"
        wanted = base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()
        return hmac.compare_digest(signature, wanted)


def _quoted(text: str) -> str:
    return quote(text, safe="-._~")
