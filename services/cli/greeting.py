"""What ``run`` says once it serves: where, with which data, who may sign in, and a request to paste."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from services.cli.demo_data import SignIn, pass_of, sign_ins
from services.cli.door import Notice, issue, put_up
from shared.clock import real_now
from shared.errors import AlongsideError, UnavailableError, fault
from shared.event import Role
from shared.ids import new_id
from shared.passes import Pass

if TYPE_CHECKING:
    from datetime import datetime

    from services.cli.output import Out
    from services.system import System

OPERATOR_LIFE = timedelta(days=3_650)
SIGN_IN_LIFE = timedelta(hours=12)
AGAIN_SECONDS = 0.5
"""How long after a database that did not answer it is asked again."""
EVERYWHERE = "0.0.0.0"  # noqa: S104 - told apart, not listened on
log = structlog.get_logger()


async def greet(system: System, out: Out, serving: asyncio.Event, here: tuple[str, int]) -> None:
    """Wait until the port answers, then say everything that one needs to begin. Commands beside it come ``here``: the
    public's address may be a reverse proxy's, which they need not reach.
    """
    await serving.wait()
    settings = system.kit.settings
    if "gateway" not in system.running:
        out.say(f"{', '.join(system.running)} at {settings.base_url}, as {settings.role.value}.")
        out.give({"address": settings.base_url, "services": list(system.running), "role": settings.role.value})
        return
    operator = await _issued(system, Pass(Role.STEWARD, new_id()), real_now() + OPERATOR_LIFE)
    put_up(settings.data, Notice(_beside(*here), operator, os.getpid()))
    people = [
        (who, await _issued(system, pass_of(who), real_now() + SIGN_IN_LIFE))
        for who in (sign_ins(settings.data) if settings.demo else None) or []
    ]
    _say(system, out, people, set_up=await _is_set_up(system))


async def _issued(system: System, by: Pass, until: datetime) -> str:
    """Give a token as soon as it can be kept: a database that is away for a while as we begin ends nothing."""
    while True:
        try:
            return await issue(system, by, until)
        except UnavailableError as error:
            log.warning("sign-in-waits", **fault(error))
        await asyncio.sleep(AGAIN_SECONDS)


def _beside(host: str, port: int) -> str:
    return f"http://{'127.0.0.1' if host == EVERYWHERE else host}:{port}"


async def _is_set_up(system: System) -> bool:
    try:
        await system.kit.ports.community.backstop()
    except AlongsideError:
        return False
    return True


def _say(system: System, out: Out, people: list[tuple[SignIn, str]], *, set_up: bool) -> None:
    settings = system.kit.settings
    base, data = settings.base_url, settings.data
    out.say("")
    out.say(f"Alongside serves at {base}", "bold")
    out.say(f"  Documentation  {base}/docs")
    out.say(f"  Data           {data}")
    out.say(f"  To reset       stop it (Ctrl-C), then: rm -r '{data}'")
    if settings.demo:
        out.say("  This is a demo: its clock can be moved, and webhooks may go to this machine.")
    if not set_up:
        out.say("  It is not set up yet and serves only its own setting-up: stop it, then `alongside init`.")
    if people:
        out.say("")
        rows = [(who.role, who.who, token, who.look) for who, token in people]
        out.table(("role", "who", "bearer token (12 hours)", "a page to ask for"), rows)
        out.say("Try:", "bold")
        out.say(f"  {_curl(base, *people[0])}")
    out.say("Ctrl-C stops it.")
    out.give(_told(base, data, people, set_up=set_up))


def _curl(base: str, who: SignIn, token: str) -> str:
    return f"curl -H 'Authorization: Bearer {token}' {base}{who.look}"


def _told(base: str, data: object, people: list[tuple[SignIn, str]], *, set_up: bool) -> dict[str, Any]:
    shown = [{"role": w.role, "who": w.who, "token": token, "try": _curl(base, w, token)} for w, token in people]
    return {"address": base, "docs": f"{base}/docs", "data": str(data), "set_up": set_up, "sign_ins": shown}
