"""The one-time e-mail link for people and small groups: ask, use."""

from __future__ import annotations

from math import inf
from typing import Annotated, Literal

from pydantic import StringConstraints
from starlette.background import BackgroundTask
from starlette.responses import Response

from services.gateway.session.api import given, unkept
from services.gateway.session.domain import SESSION_LIFE
from services.gateway.signin import handlers
from services.gateway.signin.domain import LINK_LIFE, Link, hashed
from services.gateway.store import GatewayStore
from shared import http
from shared.clock import real_now
from shared.db_postgres_hurry import within
from shared.event import Role
from shared.http import Body, Call, answer, calls
from shared.ids import new_secret
from shared.passes import Pass
from shared.ports import NotifyPort, Ports, SignIn

router = http.router("sign-in")
NOBODY = SignIn(Role.ANYONE)
Email = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^\s@<>\x00-\x1f]+@[^\s@<>\x00-\x1f]+$", to_lower=True)
]
Secret = Annotated[str, StringConstraints(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
AnyCall = Annotated[Call[GatewayStore], calls("gateway", *Role)]


class LinkBody(Body):
    """Whose mailbox gets the link. ``sign_in_as`` is for somebody who is both a person here and a supporter."""

    email: Email
    sign_in_as: Literal["person", "supporter"] | None = None


class SessionBody(Body):
    """The secret of the link, and the one that was answered when it was asked for."""

    token: Secret
    binding: Secret


@router.post("/v1/sign-in/links", status_code=202)
async def post_link(body: LinkBody, call: AnyCall) -> Response:
    """Send a one-time link to an e-mail address, if it is known here. The answer is the same if it is not."""
    found = await owner(call.ports, body.email, body.sign_in_as) or NOBODY
    token, binding, now = new_secret(), new_secret(), real_now()
    link = Link(hashed(token), hashed(binding), found, now + LINK_LIFE)
    command = handlers.AskLink(hashed(body.email), link, now)
    wanted = await call.service.shell.run(handlers.ask_link, command, unkept(call), gives=bool)
    told = answer({"binding": binding, "expires_in": int(LINK_LIFE.total_seconds())}, status=202)
    if wanted:
        # After the answer, so that its time says nothing of whether the address is known (C4).
        told.background = BackgroundTask(_send_link, call.ports.notify, body.email, token)
    return told


async def _send_link(notify: NotifyPort, email: str, token: str) -> None:
    with within(inf):  # nobody waits for it any more
        await notify.send_link(email, token)


async def owner(ports: Ports, email: str, sign_in_as: str | None) -> SignIn | None:
    """Say who owns an e-mail address; ``sign_in_as`` chooses for who is both a person here and a supporter."""
    supporter = await ports.community.sign_in(email)
    person = await ports.intake.sign_in(email)
    if sign_in_as is not None:
        return person if sign_in_as == "person" else supporter
    return supporter or person


@router.post("/v1/sign-in/sessions", status_code=201)
async def post_session(body: SessionBody, call: AnyCall) -> Response:
    """Use a one-time link up and get a bearer token. Only the browser that asked has the ``binding``."""
    secret, now = new_secret(), real_now()
    command = handlers.UseLink(hashed(body.token), body.binding, hashed(secret), now + SESSION_LIFE, now)
    by = await call.service.shell.run(handlers.use_link, command, unkept(call), gives=Pass)
    return given(secret, by, SESSION_LIFE)
