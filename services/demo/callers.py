"""Those who call the API in a journey: partner systems with a key, and people with a one-time link."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey

from services.demo.waiting import NeverCameError
from shared.clock import monotonic, real_now
from shared.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services.demo.mailbox import Mailbox

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LINK = re.compile(r"/sign-in/link/([A-Za-z0-9_-]{20,})")


PATIENCE = 60.0
"""How long the same request is sent again, in seconds, while the place does not answer."""

TRIES = 4
MAIL_SECONDS = 10.0
"""How long a mail is waited for before it is asked for again."""


class CallFailedError(RuntimeError):
    """An answer that the journey did not expect: the status and the code, never a body."""


async def patiently(send: Callable[[], Awaitable[httpx2.Response]], seconds: float) -> httpx2.Response:
    """Send a request until it is answered; 503 and a lost connection mean: the same again (its id makes that safe)."""
    give_up = monotonic() + seconds
    while True:
        try:
            answer = await send()
            if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE or monotonic() > give_up:
                return answer
        except httpx2.TransportError:
            if monotonic() > give_up:
                raise
        await asyncio.sleep(0.1)


@dataclass
class Caller:
    """Somebody with a bearer token. Every request has an id of its own, so that trying again is safe."""

    http: httpx2.AsyncClient
    name: str
    token: str = ""
    patience: float = PATIENCE

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request; gives the answer's JSON. Raises CallFailedError for anything but 2xx."""
        answer = await self.raw(method, path, body, **headers)
        if not answer.is_success:
            code = answer.json().get("code") if "json" in answer.headers.get("content-type", "") else ""
            message = f"{self.name}: {method} {path} gave {answer.status_code} {code} {answer.text[:300]}"
            raise CallFailedError(message)
        return answer.json() if answer.content else None

    async def raw(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Send a request; gives the answer whatever it is. ``if_match`` sends that header."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers["X-Request-ID"] = str(new_id())
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return await patiently(lambda: self.http.request(method, path, json=body, headers=headers), self.patience)

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST and give the answer."""
        return await self.ask("POST", path, {} if body is None else body, **headers)

    async def put(self, path: str, body: Any) -> Any:
        """PUT and give the answer."""
        return await self.ask("PUT", path, body)

    async def get(self, path: str) -> Any:
        """GET and give the answer."""
        return await self.ask("GET", path)


@dataclass
class PartnerSystem(Caller):
    """An organisation's own system: signs in by ``private_key_jwt`` (ES384) and again when its token has ended."""

    organisation: str = ""
    partner: str = ""
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-384"))

    def public(self) -> dict[str, Any]:
        """Give the public half of the key, as it is registered."""
        return {**self.key.as_dict(private=False), "kid": "one"}

    async def sign_in(self) -> None:
        """Get an access token, as the partners' guide tells."""
        now = int(real_now().timestamp())
        audience = f"{self.http.base_url}".rstrip("/") + "/oauth/token"
        claims = {"iss": self.partner, "sub": self.partner, "aud": audience, "exp": now + 240, "jti": str(new_id())}
        assertion = jwt.encode({"alg": "ES384", "kid": "one"}, claims, self.key, algorithms=["ES384"])
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": assertion}
        answer = await patiently(lambda: self.http.post("/oauth/token", data=form), self.patience)
        if not answer.is_success:
            message = f"{self.name}: no token, {answer.status_code}"
            raise CallFailedError(message)
        self.token = answer.json()["access_token"]

    async def raw(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Send a request; sign in again once when the token has ended."""
        answer = await super().raw(method, path, body, **headers)
        if answer.status_code == httpx2.codes.UNAUTHORIZED:
            await self.sign_in()
            answer = await super().raw(method, path, body, **headers)
        return answer


@dataclass
class Human(Caller):
    """A person or a member of a group: signs in by the link in their mailbox."""

    address: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    async def sign_in(self, mailbox: Mailbox, sign_in_as: str = "supporter") -> None:
        """Ask for a link, wait for the mail, use the link; ask again when it does not come, as anybody would.

        A link is sent at most once: one that was on its way when the place was killed is lost. Raises NeverCameError.
        """
        for more in reversed(range(TRIES)):
            try:
                await self._try(mailbox, sign_in_as)
            except NeverCameError:
                if not more:
                    raise
            if self.token:
                return

    async def _try(self, mailbox: Mailbox, sign_in_as: str) -> None:
        nobody = Caller(self.http, self.name, patience=self.patience)
        seen = len(mailbox.to(self.address))
        asked = await nobody.post("/v1/sign-in/links", {"email": self.address, "sign_in_as": sign_in_as})
        while not self.token:
            mail = await mailbox.next(self.address, seen, MAIL_SECONDS)
            found = LINK.search(mail.text)
            seen += 1
            if found is None:
                continue
            told = {"token": found.group(1), "binding": asked["binding"]}
            answer = await nobody.raw("POST", "/v1/sign-in/sessions", told)
            if answer.is_success:
                self.ids = answer.json()
                self.token = self.ids["access_token"]
