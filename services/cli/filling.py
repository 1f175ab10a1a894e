"""Fills a demo's folder: journey 1, told to nobody, and somebody of each role who may sign in afterwards."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.cli.demo_data import SignIn, keep_apart, keep_sign_ins
from services.cli.door import LIFE, asked, issue, opened_here, through
from services.cli.options import file_in
from shared.errors import AlongsideError, Kind, WhoActs

if TYPE_CHECKING:
    import httpx2

    from services.cli.output import Out
    from services.system import System
    from shared.settings import Settings

GROUP, TEAM, BACKSTOP = "peer-group", "community-team", "nhs-trust"


class BrokenDemoError(AlongsideError):
    """The journey that fills a demo did not hold."""

    code = "demo-broken"
    kind = Kind.FAULT
    says = "The demo's journey did not go to its end, so there is nothing to serve. `alongside demo` tells where."
    who = WhoActs.STEWARD


def fill(settings: Settings, out: Out) -> None:
    """Make a demo's data beside its folder and move them there when they are whole. Raises BrokenDemoError."""
    out.say("Filling a demo with journey 1: once, about half a minute.")
    settings.data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".alongside-demo-", dir=settings.data.parent) as beside:
        apart = settings.model_copy(update={"data": Path(beside) / "demo", "demo": True})
        keep_apart(apart.data, file_in(apart))
        _journey(apart)
        keep_sign_ins(apart.data, asyncio.run(_people(apart)))
        for path in sorted(apart.data.iterdir()):
            shutil.move(path, settings.data / path.name)


def _journey(settings: Settings) -> None:
    from rich.console import Console

    from services.cli import demo
    from services.demo.telling import Telling

    with Path(os.devnull).open("w") as nowhere:
        told = Telling(console=Console(file=nowhere))
        with demo.servers() as local, demo.a_process(settings, local) as (base, token):
            asyncio.run(demo.play(told, local, base, token, {}))
    if told.broken:
        raise BrokenDemoError


async def _people(settings: Settings) -> list[SignIn]:
    """Find somebody of each role, adding a duty worker and a carer, whom the journey does without."""
    async with opened_here(settings) as (system, token), through(system, token) as steward:
        found = (await asked(steward, "GET", "/v1/organisations?limit=100"))["items"]
        of = {each["kind"]: each for each in found}
        group, team, backstop = (UUID(of[kind]["id"]) for kind in (GROUP, TEAM, BACKSTOP))
        nell = await _added(steward, backstop, {"name": "Nell", "role": "duty", "on_duty": True})
        jo = await _added(steward, group, {"name": "Jo", "role": "carer"})
        sam = await _first(steward, group, "peer-supporter")
        priya = await _first(steward, team, "practitioner")
        worker = SignIn(
            "practitioner", f"Priya of {of[TEAM]['name']}", f"/v1/organisations/{team}/holding", priya, team
        )
        person = await _person(system, worker, team)
        partner = next(
            p for p in (await asked(steward, "GET", "/v1/partners"))["items"] if p["organisation"] == str(team)
        )
    return [
        SignIn("person", "R, whose journey it is", f"/v1/people/{person}/timeline", person=person),
        SignIn("peer-supporter", f"Sam of {of[GROUP]['name']}", f"/v1/people/{person}/plan", sam, group),
        worker,
        SignIn("duty", f"Nell of {of[BACKSTOP]['name']}", "/v1/place/duty-line/routes", nell, backstop),
        SignIn("carer", f"Jo of {of[GROUP]['name']}", f"/v1/organisations/{group}/members", jo, group),
        SignIn("steward", "the place's steward", "/v1/partners"),
        SignIn(
            "partner-system", f"the system of {of[TEAM]['name']}", "/v1/subscriptions",
            organisation=team, partner=UUID(partner["partner"]), scopes=tuple(partner["scopes"]),
        ),
    ]  # fmt: skip


async def _added(steward: httpx2.AsyncClient, organisation: UUID, body: dict[str, Any]) -> UUID:
    return UUID((await asked(steward, "POST", f"/v1/organisations/{organisation}/members", body))["id"])


async def _first(steward: httpx2.AsyncClient, organisation: UUID, role: str) -> UUID:
    members = (await asked(steward, "GET", f"/v1/organisations/{organisation}/members"))["items"]
    return UUID(next(member["id"] for member in members if member["role"] == role))


async def _person(system: System, worker: SignIn, team: UUID) -> UUID:
    """Give whom the team holds at the end of the journey."""
    from services.cli.demo_data import pass_of
    from shared.clock import real_now

    async with through(system, await issue(system, pass_of(worker), real_now() + LIFE)) as http:
        return UUID((await asked(http, "GET", f"/v1/organisations/{team}/holding"))["items"][0]["person"])
