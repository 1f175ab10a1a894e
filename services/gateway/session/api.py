"""Sessions: which is this one, which are mine, sign out of one or everywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from starlette.responses import Response

from services.gateway.session import handlers
from services.gateway.signin.domain import hashed
from services.gateway.store import GatewayStore
from shared import http
from shared.clock import real_now
from shared.errors import NotSignedInError
from shared.event import Role
from shared.http import Call, answer, calls

if TYPE_CHECKING:
    from datetime import timedelta

    from services.gateway.session.domain import Session
    from shared.passes import Origin, Pass

router = http.router("sign-in")
HUMANS = [role for role in Role if role not in {Role.ANYONE, Role.SYSTEM, Role.TIMER}]
SignedInCall = Annotated[Call[GatewayStore], calls("gateway", *(role for role in Role if role is not Role.ANYONE))]
HumanCall = Annotated[Call[GatewayStore], calls("gateway", *HUMANS)]


def token_hash(call: Call[Any]) -> str:
    """Give what is kept of the token that a request brought."""
    _, _, token = call.request.headers.get("authorization", "").partition(" ")
    return hashed(token.strip())


def unkept(call: Call[Any]) -> Origin:
    """Keep no reply: a secret is given once, and what was true a moment ago is not true again."""
    return replace(call.origin, request_id=None)


def whose(by: Pass) -> dict[str, UUID]:
    """Give who signed in, as far as there are ids."""
    ids = {"person": by.person, "member": by.member, "organisation": by.organisation}
    return {name: value for name, value in ids.items() if value is not None}


def given(secret: str, by: Pass, life: timedelta) -> Response:
    """Answer with the token of a session that has just begun."""
    seconds = int(life.total_seconds())
    told = {"access_token": secret, "token_type": "Bearer", "expires_in": seconds, "role": by.role}
    return answer(told | whose(by), status=201)


@router.get("/v1/sign-in/sessions/current")
async def get_current_session(call: SignedInCall) -> Response:
    """Say who is signed in, how and until when. This is what uses a session: a browser's ends when it is not asked
    for 30 minutes (5 on a group's device), whatever else was asked with it.
    """
    mine, now = token_hash(call), real_now()
    found = await call.read(lambda store: handlers.find_session(store, mine, now), once=True)
    if found is None:
        raise NotSignedInError
    if found.due_a_touch(now):
        await call.service.shell.run(handlers.touch, handlers.Touch(mine, now), unkept(call), gives=type(None))
        found = found.used(now)
    told = {"role": found.by.role, "kind": found.kind, "until": found.until, "idle_until": found.idle_until}
    return answer(told | whose(found.by) | ({"id": found.id} if found.id else {}))


@router.get("/v1/sign-in/sessions")
async def get_sessions(call: HumanCall) -> Response:
    """List the caller's own sessions, the newest first."""
    found = await call.read(lambda store: handlers.sessions_of(store, call.by.principal, real_now()), once=True)
    mine = token_hash(call)
    return answer(http.page([_shown(session, current=each == mine) for each, session in found.items()], None))


def _shown(session: Session, *, current: bool) -> dict[str, Any]:
    return {
        "id": session.id,
        "kind": session.kind,
        "created_at": session.created_at,
        "used_at": session.used_at,
        "until": session.until,
        "current": current,
    }


@router.delete("/v1/sign-in/sessions/current", status_code=204)
async def delete_session(call: SignedInCall) -> Response:
    """Sign out: the token ends at once."""
    await call.run(handlers.sign_out, handlers.SignOut(token_hash(call)), type(None))
    return Response(status_code=204)


@router.delete("/v1/sign-in/sessions/{session_id}", status_code=204)
async def delete_one_session(session_id: UUID, call: HumanCall) -> Response:
    """End one of the caller's own sessions."""
    await call.run(handlers.end_session, handlers.EndSession(session_id, call.by.principal), type(None))
    return Response(status_code=204)


@router.delete("/v1/sign-in/sessions", status_code=204)
async def delete_sessions(call: HumanCall) -> Response:
    """Sign out everywhere: all of the caller's sessions end, this one too, and no link sent to them works."""
    await call.run(handlers.sign_out_everywhere, handlers.SignOutEverywhere(call.by), type(None))
    return Response(status_code=204)
