"""An OpenID provider on loopback that is faithful on the wire: discovery, codes used once, PKCE, RS256, keys by id.

What it may be told to do wrong is what somebody would do who stands between, or owns another client or issuer.
"""

import asyncio
import secrets
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import unquote, urlencode

from fastapi import FastAPI, Form, Header
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

from triage.web import server

CLIENT, SECRET = "triage-desk", "s3cret/with+signs"


@cache
def _first_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


@dataclass
class Provider:
    """Who is signed in there (`person`); what it does wrong: `claims`, `token`, `answer`, `published`, `silent`."""

    issuer: str
    now: Any
    person: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    token: Any = None
    answer: dict[str, str] = field(default_factory=dict)
    published: dict[str, Any] = field(default_factory=dict)
    silent: threading.Event | None = None
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: RSAKey = field(default_factory=_first_key)

    def anew(self, now: Any) -> None:
        """Be as a provider that was just made: one server does for all tests."""
        if self.silent is not None:
            self.silent.set()
        vars(self).update(vars(Provider(issuer=self.issuer, now=now)))

    def id_token(self, nonce: str) -> str:
        at = int(self.now().timestamp())
        said = (
            {"iss": self.issuer, "aud": CLIENT, "iat": at, "exp": at + 300, "nonce": nonce} | self.person | self.claims
        )
        said = {name: value for name, value in said.items() if value is not None}
        if self.token is not None:
            return self.token(self, said)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, said, self.key)


def _app(p: Provider) -> FastAPI:
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    def discover() -> dict[str, Any]:
        p.asked.append("discovery")
        if p.silent is not None:
            p.silent.wait(30)
        return {
            "issuer": p.issuer,
            "authorization_endpoint": f"{p.issuer}/authorize",
            "token_endpoint": f"{p.issuer}/token",
            "jwks_uri": f"{p.issuer}/keys",
            "end_session_endpoint": f"{p.issuer}/leave",
            "authorization_response_iss_parameter_supported": True,
            "code_challenge_methods_supported": ["S256"],
        } | p.published

    @app.get("/authorize")
    def authorize(
        response_type: str, client_id: str, redirect_uri: str, scope: str, state: str, nonce: str,
        code_challenge: str, code_challenge_method: str,
    ) -> RedirectResponse:  # fmt: skip
        assert (response_type, client_id, code_challenge_method) == ("code", CLIENT, "S256")
        assert "openid" in scope.split()
        code = secrets.token_urlsafe(16)
        p.codes[code] = {"challenge": code_challenge, "redirect_uri": redirect_uri, "nonce": nonce}
        back = {"code": code, "state": state, "iss": p.issuer} | p.answer
        return RedirectResponse(f"{redirect_uri}?{urlencode({k: v for k, v in back.items() if v})}", 302)

    @app.post("/token")
    def token(
        code: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
        grant_type: Annotated[str, Form()],
        authorization: Annotated[str, Header()],
    ) -> JSONResponse:
        p.asked.append("token")
        who, _, secret = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if (unquote(who), unquote(secret)) != (CLIENT, SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        known = p.codes.pop(code, None)
        challenge = urlsafe_b64encode(sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        wanted = {"challenge": challenge, "redirect_uri": redirect_uri}
        if grant_type != "authorization_code" or known is None or known | wanted != known:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": p.id_token(known["nonce"])})

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        p.asked.append("keys")
        return {"keys": [p.key.as_dict(private=False)]}

    return app


@contextmanager
def running() -> Iterator[Provider]:
    door = server.listen("127.0.0.1:0")
    provider = Provider(issuer=f"http://127.0.0.1:{door.getsockname()[1]}", now=None)
    ends: list[Any] = []
    begun = threading.Event()

    async def run() -> None:
        halt, loop = asyncio.Event(), asyncio.get_running_loop()
        ends.append(lambda: loop.call_soon_threadsafe(halt.set))
        begun.set()
        await server.serve(_app(provider), door, halt)

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    begun.wait()
    try:
        yield provider
    finally:
        ends[0]()
        thread.join()
