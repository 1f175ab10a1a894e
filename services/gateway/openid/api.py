"""Sign in by the provider of the place: where to send the browser, and what it brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import StringConstraints
from starlette.responses import Response

from services.gateway.openid import handlers
from services.gateway.openid.domain import WAY_LIFE, OpenIdError, Way, believed, nonce_of, verifier_of
from services.gateway.session.api import given, unkept
from services.gateway.session.domain import SESSION_LIFE
from services.gateway.signin.api import AnyCall, Secret, owner
from services.gateway.signin.domain import hashed
from shared import http
from shared.clock import real_now
from shared.errors import NotFoundError, UnavailableError
from shared.http import Body, Call, answer
from shared.ids import new_secret
from shared.passes import Pass

if TYPE_CHECKING:
    from services.gateway.openid.oauth import Provider

router = http.router("sign-in")
Given = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^[\x21-\x7e]+$")]


class OpenIdBody(Body):
    """``sign_in_as`` is for somebody who is both a person here and a supporter."""

    sign_in_as: Literal["person", "supporter"] | None = None


class OpenIdSessionBody(Body):
    """What the provider sent the browser back with, and the secret that was answered when it left."""

    code: Given
    state: Secret
    binding: Secret


@router.get("/v1/sign-in/openid")
async def get_openid(call: AnyCall) -> Response:
    """Say what the provider of this place is called. None: 404."""
    return answer({"name": _provider(call).settings.name})


@router.post("/v1/sign-in/openid", status_code=201)
async def post_openid(body: OpenIdBody, call: AnyCall) -> Response:
    """Begin a sign-in: where to send the browser, and the secret that it must still have when it comes back."""
    provider, state, binding, now = _provider(call), new_secret(), new_secret(), real_now()
    url = await provider.authorize_url(state=state, nonce=nonce_of(binding), verifier=verifier_of(binding))
    way = Way(hashed(state), hashed(binding), body.sign_in_as, now + WAY_LIFE)
    await call.service.shell.run(handlers.leave, handlers.Leave(now, way), unkept(call), gives=type(None))
    return answer({"authorize_url": url, "binding": binding, "expires_in": int(WAY_LIFE.total_seconds())}, status=201)


@router.post("/v1/sign-in/openid/sessions", status_code=201)
async def post_openid_session(body: OpenIdSessionBody, call: AnyCall) -> Response:
    """Change what the provider gave for a bearer token. Whatever is wrong is answered alike, and spends the try."""
    provider, shell, now = _provider(call), call.service.shell, real_now()
    back = handlers.ComeBack(now, hashed(body.state), hashed(body.binding))
    sign_in_as = await shell.run(handlers.come_back, back, unkept(call), gives=_MAYBE)
    try:
        word = await provider.word(body.code, verifier_of(body.binding))
    except UnavailableError:
        raise OpenIdError from None
    mine, issuer = provider.settings.id, provider.settings.issuer
    email = believed(word, issuer=issuer, mine=mine, nonce=nonce_of(body.binding), now=now)
    found = await owner(call.ports, email, sign_in_as)
    if found is None:
        raise OpenIdError
    secret = new_secret()
    command = handlers.Begin(real_now(), found, hashed(secret), now + SESSION_LIFE)
    by = await shell.run(handlers.begin, command, unkept(call), gives=Pass)
    return given(secret, by, SESSION_LIFE)


_MAYBE: Any = str | None


def _provider(call: Call[Any]) -> Provider:
    """Give the provider of this place. Raises NotFoundError where there is none."""
    found: Provider | None = call.request.app.state.running["gateway"].port.openid
    if found is None:
        raise NotFoundError
    return found
