"""Speaks to the provider: discovery, the code for a token, its keys. OpenID Connect's and OAuth's words live here.

What a token says of its own key (``jku``, ``jwk``, ``x5u``) is never followed: keys come from the provider that the
settings name, and the algorithm from our list.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import httpx2
import orjson
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.gateway.openid.domain import ALGORITHMS, OpenIdError, Word, challenge_of
from services.gateway.openid.settings import OpenIdSettings, safe
from shared.clock import monotonic
from shared.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

BAD = (JoseError, KeyError, TypeError, ValueError, OverflowError, AttributeError)
SECONDS = 4.0
MOST_BYTES = 256 * 1024
KEPT = timedelta(minutes=10).total_seconds()
"""For how long what a provider says of itself is believed without asking again."""
KEYS_AGAIN = timedelta(minutes=1).total_seconds()
"""How soon its keys are asked for again because of a key that we don't know: a forged one is no way to flood it."""


class Provider:
    """The provider of the settings. Raises UnavailableError where it can't be asked."""

    def __init__(self, settings: OpenIdSettings, return_url: str, now: Callable[[], float] = monotonic) -> None:
        """Ask nothing yet: a provider that is away stops nobody from starting."""
        self.settings = settings
        self.return_url = return_url
        self._now = now
        self._meta: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, dict[str, dict[str, Any]]] | None = None

    async def authorize_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """Give where to send the browser."""
        asked = {
            "response_type": "code", "scope": "openid email", "client_id": self.settings.id,
            "redirect_uri": self.return_url, "state": state, "nonce": nonce,
            "code_challenge": challenge_of(verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        at = await self._endpoint("authorization_endpoint")
        return f"{at}{'&' if '?' in at else '?'}{urlencode(asked)}"

    async def word(self, code: str, verifier: str) -> Word:
        """Change a code for the provider's signed word. Raises OpenIdError for one that is not good."""
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.return_url, "code_verifier": verifier
        }  # fmt: skip
        told = await self._ask("POST", await self._endpoint("token_endpoint"), data=form, **await self._known_by(form))
        try:
            return self._read(await self._signed(told["id_token"]))
        except BAD:
            raise OpenIdError from None

    async def _known_by(self, form: dict[str, str]) -> dict[str, Any]:
        """Say who asks: in the header, which every provider takes unless it says otherwise (RFC 6749 §2.3.1)."""
        mine, secret = self.settings.id, self.settings.secret.get_secret_value()
        ways = (await self._about()).get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" in ways:
            return {"auth": (quote(mine, safe=""), quote(secret, safe=""))}
        form.update(client_id=mine, client_secret=secret)
        return {}

    async def _signed(self, token: str) -> dict[str, Any]:
        kid = jws.extract_compact(token.encode()).headers()["kid"]
        keys = await self._the_keys(str(kid))
        found = jwt.decode(token, KeySet.import_key_set({"keys": [keys[kid]]}), algorithms=list(ALGORITHMS))
        return dict(found.claims)

    def _read(self, claims: dict[str, Any]) -> Word:
        audience = claims["aud"]
        return Word(
            issuer=str(claims["iss"]),
            audiences=tuple(map(str, audience)) if isinstance(audience, list) else (str(audience),),
            party=None if claims.get("azp") is None else str(claims["azp"]),
            nonce=str(claims["nonce"]),
            expires=datetime.fromtimestamp(int(claims["exp"]), UTC),
            issued=datetime.fromtimestamp(int(claims["iat"]), UTC),
            email=str(claims[self.settings.claim]),
            verified=claims.get("email_verified") is True,
        )

    async def _the_keys(self, kid: str) -> dict[str, dict[str, Any]]:
        now = self._now()
        if self._keys is not None:
            at, keys = self._keys
            if now - at < (KEPT if kid in keys else KEYS_AGAIN):
                return keys
        told = await self._ask("GET", await self._endpoint("jwks_uri"))
        fit = [key for key in told["keys"] if key.get("kty") in {"RSA", "EC"} and key.get("use", "sig") == "sig"]
        keys = {str(key["kid"]): key for key in fit if key.get("kid")}
        self._keys = (now, keys)
        return keys

    async def _endpoint(self, name: str) -> str:
        found = (await self._about()).get(name)
        if not isinstance(found, str) or not safe(found):
            raise UnavailableError
        return found

    async def _about(self) -> dict[str, Any]:
        """Give what the provider says of itself, if it says that it is the one of the settings."""
        if self._meta is None or self._now() - self._meta[0] >= KEPT:
            issuer = self.settings.issuer
            told = await self._ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if told.get("issuer") != issuer:
                raise UnavailableError
            self._meta = (self._now(), told)
        return self._meta[1]

    async def _ask(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        try:
            async with httpx2.AsyncClient(timeout=SECONDS, follow_redirects=False, trust_env=False) as http:
                answer = await http.request(method, url, **more)
                told = orjson.loads(answer.content[: MOST_BYTES + 1])
        except (httpx2.HTTPError, ValueError):
            raise UnavailableError from None
        if answer.status_code != httpx2.codes.OK or not isinstance(told, dict):
            raise UnavailableError
        return told
