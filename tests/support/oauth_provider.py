"""A small OpenID Connect provider on loopback, with real keys: it checks what we send, and lies where told to."""

from __future__ import annotations

import hashlib
import socket
from base64 import b64decode, urlsafe_b64encode
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from shared.clock import real_now
from shared.ids import new_secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

PLACE, SECRET = "the-place", "s3cret/with?signs"


@dataclass
class FakeProvider:
    """Whom it vouches for, and what of its word is changed before it is signed."""

    issuer: str = ""
    return_url: str = "http://place/sign-in/openid"
    claims: dict[str, Any] = field(default_factory=lambda: {"email": "peer@group.example", "email_verified": True})
    header: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: ECKey.generate_key("P-256"))
    published: Any = None
    algorithm: str = "ES256"
    away: bool = False
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def turn_key(self, key: Any, algorithm: str) -> None:
        """Sign with another key, and publish it."""
        self.key, self.algorithm, self.published = key, algorithm, None

    async def configuration(self, request: Request) -> Response:
        at = self.issuer
        told = {
            "issuer": at, "authorization_endpoint": f"{at}/authorize", "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/jwks",
        }  # fmt: skip
        return self._answer(request, told | self.about)

    async def authorize(self, request: Request) -> Response:
        """Somebody signs in here: the browser is sent back with a code."""
        asked = dict(request.query_params)
        wanted = {"response_type": "code", "client_id": PLACE, "redirect_uri": self.return_url}
        wrong = {name for name, value in wanted.items() if asked.get(name) != value}
        if wrong or asked["code_challenge_method"] != "S256" or "openid" not in asked["scope"].split():
            return JSONResponse({"error": "invalid_request"}, 400)
        code = new_secret()
        self.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{self.return_url}?{back}", 302)

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if not self._knows(request, form):
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self.codes.pop(form["code"], None)
        made = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != made or form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return self._answer(request, {"id_token": self._signed(asked["nonce"]), "token_type": "Bearer"})

    async def jwks(self, request: Request) -> Response:
        key = (self.published or self.key).as_dict(private=False) | {"kid": "one", "use": "sig"}
        sealing = RSAKey.generate_key(2048).as_dict(private=False) | {"kid": "sealing", "use": "enc"}
        return self._answer(request, {"keys": [sealing, key]})

    def _knows(self, request: Request, form: dict[str, str]) -> bool:
        if "client_secret" in form:
            return (form["client_id"], form["client_secret"]) == (PLACE, SECRET)
        given = b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
        return [unquote(each) for each in given.split(":", 1)] == [PLACE, SECRET]

    def _signed(self, nonce: str) -> str:
        now = int(real_now().timestamp())
        claims = {"iss": self.issuer, "aud": PLACE, "sub": "1", "nonce": nonce, "iat": now, "exp": now + 60}
        said = {name: value for name, value in (claims | self.claims).items() if value is not None}
        header = {"alg": self.algorithm, "kid": "one"} | self.header
        return jwt.encode(header, said, self.key, algorithms=[header["alg"]])

    def _answer(self, request: Request, told: dict[str, Any]) -> Response:
        self.asked.append(request.url.path)
        return Response(status_code=503) if self.away else JSONResponse(told)


async def through(url: str) -> dict[str, str]:
    """Be the browser: sign in at the provider; gives what it is sent back with."""
    import httpx2  # noqa: PLC0415 - only where a browser is needed

    async with httpx2.AsyncClient() as browser:
        told = await browser.get(url)
    assert told.status_code == 302, told.text
    return dict(parse_qsl(urlsplit(told.headers["location"]).query))


@asynccontextmanager
async def a_provider() -> AsyncIterator[FakeProvider]:
    """Serve one on a free port of loopback."""
    made = FakeProvider()
    routes = [
        Route("/.well-known/openid-configuration", made.configuration),
        Route("/authorize", made.authorize),
        Route("/token", made.token, methods=["POST"]),
        Route("/jwks", made.jwks),
    ]
    listening = socket.create_server(("127.0.0.1", 0))
    made.issuer = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(Starlette(routes=routes), log_config=None, access_log=False, lifespan="off", ws="none")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listening])
    try:
        yield made
    finally:
        await server.shutdown(sockets=[listening])
