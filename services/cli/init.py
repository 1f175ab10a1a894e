"""``alongside init``: starts a place of one's own, whole or not at all: backstop, duty line, rulebook, group (J2a)."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.options import DataOption, file_in, settings_for
from services.cli.output import JsonFlag, Out, plainly
from services.cli.wanted import QUESTIONS, Wanted, complete
from services.stores import on_postgres
from shared.errors import AlongsideError, Kind, WhoActs

if TYPE_CHECKING:
    import httpx2

    from services.system import System
    from shared.settings import Settings


class AlreadyHereError(AlongsideError):
    """There is a place in this folder already."""

    code = "already-here"
    kind = Kind.CONFLICT
    says = "There is a place in this folder already. Say another with --data; nothing was changed."
    who = WhoActs.STEWARD


def _option(name: str) -> Any:
    return typer.Option(f"--{name.replace('_', '-')}", help=QUESTIONS[name], show_default=False)


def init(
    backstop: Annotated[str | None, _option("backstop")] = None,
    backstop_does: Annotated[str | None, _option("backstop_does")] = None,
    backstop_telephone: Annotated[str | None, _option("backstop_telephone")] = None,
    steward_name: Annotated[str | None, _option("steward_name")] = None,
    steward_email: Annotated[str | None, _option("steward_email")] = None,
    duty_name: Annotated[str | None, _option("duty_name")] = None,
    duty_email: Annotated[str | None, _option("duty_email")] = None,
    first_route: Annotated[str | None, _option("first_route")] = None,
    second_route: Annotated[str | None, _option("second_route")] = None,
    routes_answered: Annotated[
        bool, typer.Option("--routes-answered", help="A human has just answered both routes of the duty line.")
    ] = False,
    group: Annotated[str | None, _option("group")] = None,
    group_does: Annotated[str | None, _option("group_does")] = None,
    group_member: Annotated[str | None, _option("group_member")] = None,
    group_email: Annotated[str | None, _option("group_email")] = None,
    data: DataOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Start a place of one's own. Asks for what is missing when it can; on a script's line it says what is."""
    given = {name: value for name, value in locals().items() if name in QUESTIONS}
    out = Out(as_json)
    with plainly(out):
        settings = settings_for(data)
        if file_in(settings).exists():
            raise AlreadyHereError
        can_ask = sys.stdin.isatty() and not as_json
        wanted = complete(given, out, can_ask=can_ask, answered=routes_answered)
        told = asyncio.run(_begun(settings, wanted)) if on_postgres(settings) else _whole_or_not(settings, wanted)
        _say(out, settings.data, told)
        out.give({"data": settings.data, **told})


def _whole_or_not(settings: Settings, wanted: Wanted) -> dict[str, Any]:
    """Build the place beside its folder and move it there when all of it is right."""
    settings.data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".alongside-init-", dir=settings.data.parent) as beside:
        folder = Path(beside) / "place"
        folder.mkdir(mode=0o700)
        told = asyncio.run(_begin(settings.model_copy(update={"data": folder}), wanted))
        settings.data.mkdir(mode=0o700, exist_ok=True)
        settings.data.chmod(0o700)
        for path in sorted(folder.iterdir()):
            shutil.move(path, settings.data / path.name)
    return told


async def _begun(settings: Settings, wanted: Wanted) -> dict[str, Any]:
    """Set up a place whose tables stand on PostgreSQL. What broke on the way stands; asking again goes on.

    Raises AlreadyHereError for one that is set up.
    """
    from services.cli.door import asked, opened_here, through

    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with opened_here(settings) as (system, token), through(system, token) as steward:
        if (await asked(steward, "GET", "/v1/place"))["ready"]:
            raise AlreadyHereError
    return await _begin(settings, wanted)


async def _begin(settings: Settings, wanted: Wanted) -> dict[str, Any]:
    from services.cli.door import opened_here, through
    from services.community.rulebook.signing import make_keys, sign_file

    signed = sign_file(settings.data, make_keys(settings.data))
    async with opened_here(settings) as (system, token), through(system, token) as steward:
        place = await _set_up(steward, wanted)
        group = await _first_group(system, steward, place, wanted) if wanted.group else None
    return {**place, "group": group, "rulebook_version": signed.rulebook.version, "signed_by": signed.signed_by}


async def _set_up(steward: httpx2.AsyncClient, wanted: Wanted) -> dict[str, Any]:
    """Enter the backstop with its people, and the duty line with the routes that a human has answered."""
    from services.cli.door import asked

    body = {"name": wanted.backstop, "does": wanted.backstop_does, "reach": {"telephone": wanted.backstop_telephone}}
    facts = {"kind": "crisis-line", "funded": True, "can_lead": True, "round_the_clock": True}
    backstop = (await asked(steward, "POST", "/v1/place/organisations", body | facts))["id"]
    members = f"/v1/organisations/{backstop}/members"
    one = {"name": wanted.steward_name, "email": wanted.steward_email, "role": "steward"}
    other = {
        "name": wanted.duty_name,
        "email": wanted.duty_email,
        "role": "duty",
        "on_duty": True,
        "named_worker": True,
    }
    made = [(await asked(steward, "POST", members, member))["id"] for member in (one, other)]
    for channel, address in wanted.routes:
        route = await asked(steward, "POST", "/v1/place/duty-line/routes", {"channel": channel, "address": address})
        await asked(steward, "POST", "/v1/place/duty-line/tests", {"route": route["id"], "answered": True})
        await asked(
            steward, "POST", f"/v1/organisations/{backstop}/alert-routes", {"channel": channel, "address": address}
        )
    place = await asked(steward, "PUT", "/v1/place/backstop", {"organisation": backstop})
    return {"backstop": backstop, "steward": made[0], "duty_worker": made[1], "ready": place["ready"]}


async def _first_group(system: System, steward: httpx2.AsyncClient, place: dict[str, Any], wanted: Wanted) -> str:
    """Let the first group join by the word of the backstop's duty worker (M1)."""
    from uuid import UUID

    from services.cli.door import LIFE, asked, issue, through
    from shared.clock import real_now
    from shared.event import Role
    from shared.passes import Pass

    first = {"name": wanted.group_member, "email": wanted.group_email}
    body = {
        "name": wanted.group,
        "does": wanted.group_does,
        "reach": {"email": wanted.group_email},
        "kind": "peer-group",
    }
    group: str = (await asked(steward, "POST", "/v1/organisations", body | {"first_member": first}))["id"]
    member = UUID(place["duty_worker"])
    worker = Pass(Role.DUTY, member, member=member, organisation=UUID(place["backstop"]))
    async with through(system, await issue(system, worker, real_now() + LIFE)) as duty:
        await asked(duty, "POST", f"/v1/organisations/{group}/vouches", {})
    return group


def _say(out: Out, data: Path, told: dict[str, Any]) -> None:
    out.say("The place is set up: somebody leads from the first arrival on." if told["ready"] else "Not ready yet.")
    out.say(f"  Data       {data}")
    out.say(f"  Backstop   {told['backstop']}")
    if told["group"]:
        out.say(f"  Group      {told['group']}")
    out.say(f"  Rulebook   version {told['rulebook_version']}, signed by the key {told['signed_by']}")
    out.say("")
    out.say(f"The leaders' group keeps the private key: move {data / 'leaders-private.jwk.json'} somewhere safe.")
    out.say("Next: `alongside run`, then sign in by e-mail; `alongside doctor` says what is still to be done.")
