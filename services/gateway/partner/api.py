"""``POST /oauth/token`` (SMART Backend Services) and the register of partner systems."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from services.gateway.partner import handlers
from services.gateway.partner.domain import (
    ASSERTION_TYPE,
    TOKEN_LIFE,
    BadScopeError,
    Partner,
    Scope,
    UnknownSystemError,
    check,
    scopes,
)
from services.gateway.signin.domain import hashed
from services.gateway.store import GatewayStore
from shared import http
from shared.clock import real_now
from shared.errors import MalformedError, ThrottledError
from shared.event import Role
from shared.http import Body, Call, Line, answer, calls
from shared.ids import new_id, new_secret
from shared.passes import ANYONE, Origin

router = http.router("sign-in")
token_router = APIRouter(tags=["sign-in"])
TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
StewardCall = Annotated[Call[GatewayStore], calls("gateway", Role.STEWARD)]


class PartnerBody(Body):
    """A partner system: whose it is, what it is called, its public keys and what it may ask for."""

    organisation: UUID
    name: Line
    keys: dict[str, Any]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=8)]


@router.post("/v1/partners", status_code=201)
async def post_partner(body: PartnerBody, call: StewardCall) -> Response:
    """Register a partner system. It signs in with a key of the set, at ``/oauth/token``."""
    from services.gateway.partner.assertion import public_keys  # noqa: PLC0415 - slow to load

    await call.ports.community.organisation(body.organisation)
    partner = Partner(new_id(), body.organisation, body.name, public_keys(body.keys), frozenset(body.scopes))
    partner_id = await call.run(handlers.add_partner, handlers.AddPartner(partner), UUID)
    return answer({"partner": partner_id}, status=201, headers={"Location": f"/v1/partners/{partner_id}"})


@router.get("/v1/partners")
async def get_partners(call: StewardCall) -> Response:
    """List the partner systems that may sign in."""
    found = await call.read(handlers.list_partners)
    return answer(http.page([shown(partner) for partner in found], None))


@router.delete("/v1/partners/{partner_id}", status_code=204)
async def delete_partner(partner_id: UUID, call: StewardCall) -> Response:
    """Let a partner system sign in no more; its tokens end at once."""
    await call.run(handlers.remove_partner, handlers.RemovePartner(partner_id), type(None))
    return Response(status_code=204)


def shown(partner: Partner) -> dict[str, Any]:
    """Give a partner system as it is listed."""
    keys = [key["kid"] for key in partner.keys["keys"]]
    return {
        "partner": partner.id,
        "organisation": partner.organisation,
        "name": partner.name,
        "scopes": sorted(partner.scopes),
        "keys": keys,
    }


@token_router.post(TOKEN_PATH)
async def post_token(request: Request) -> Response:
    """Change a signed assertion (``private_key_jwt``, used once) for an access token of 5 minutes."""
    try:
        return answer(await _token(request))
    except MalformedError:
        return answer({"error": "invalid_request"}, status=400)
    except BadScopeError:
        return answer({"error": "invalid_scope"}, status=400)
    except UnknownSystemError as error:
        return answer({"error": "invalid_client", "error_description": error.says}, status=401)


async def _token(request: Request) -> dict[str, Any]:
    from services.gateway.partner.assertion import signed, who_says_so  # noqa: PLC0415 - slow to load

    form = await _form(request)
    gateway: http.Service[GatewayStore] = request.app.state.services["gateway"]
    if form.get("grant_type") != "client_credentials" or form.get("client_assertion_type") != ASSERTION_TYPE:
        raise MalformedError
    assertion = form.get("client_assertion", "")
    claimed = who_says_so(assertion)
    if not request.app.state.running["gateway"].port.limits.allows("token", claimed):
        raise ThrottledError
    partner = await gateway.shell.read(lambda store: handlers.find_partner(store, claimed))
    if partner is None:
        raise UnknownSystemError
    now = real_now()
    audience = request.app.state.kit.settings.base_url + TOKEN_PATH
    good = check(partner, signed(assertion, partner.keys), audience, now)
    given = scopes(partner, form.get("scope"))
    secret = new_secret()
    command = handlers.Exchange(partner, given, good.jti, good.until, hashed(secret), now + TOKEN_LIFE, now)
    await gateway.shell.run(handlers.exchange, command, Origin(ANYONE, new_id()), gives=type(None))
    return {
        "access_token": secret,
        "token_type": "Bearer",
        "expires_in": int(TOKEN_LIFE.total_seconds()),
        "scope": " ".join(sorted(given)),
    }


async def _form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        raise MalformedError
    try:
        pairs = parse_qsl((await request.body()).decode(), strict_parsing=True, max_num_fields=10)
    except ValueError:
        raise MalformedError from None
    if len(dict(pairs)) != len(pairs):
        raise MalformedError
    return dict(pairs)
