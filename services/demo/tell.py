"""Tells a journey against a running place: brings the place about, then plays the chapters."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.demo.callers import Caller
from services.demo.journey_1 import arriving, crisis_house, letting_go, returning
from services.demo.journey_1.journey import Journey
from services.demo.setting import NAMES, SYSTEMS, World, set_up

if TYPE_CHECKING:
    import httpx2

    from services.demo.servers import Servers
    from services.demo.telling import Telling

CHAPTERS = (
    arriving.known_by_the_group,
    arriving.at_the_centre,
    letting_go.a_plan_made_alone,
    letting_go.let_go_is_turned_back,
    letting_go.asking_for_more,
    letting_go.drifting,
    letting_go.contact,
    crisis_house.stepped_up,
    crisis_house.sight_is_taken_back,
    crisis_house.stepped_down,
    crisis_house.budget,
    returning.independent,
    returning.return_by_text,
    returning.looking_back,
)
"""Journey 1, in order. Each takes up where the one before it left off."""


async def tell(told: Telling, world: World, person: dict[str, Any]) -> None:
    """Bring the place about and tell journey 1. A call that fails is a broken check, and ends the telling."""
    try:
        await set_up(world)
        systems = ", ".join(NAMES[key] for key in SYSTEMS)
        told.say(f"Six organisations join up: a backstop that never sleeps, and the systems of {systems}.")
        journey = Journey(world, told, known={"import": person} if person else {})
        for chapter in CHAPTERS:
            await chapter(journey)
    except Exception as error:  # noqa: BLE001 - whatever ends the telling is a broken check, told as one
        where = traceback.extract_tb(error.__traceback__)
        mine = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in where if "demo" in frame.filename]
        told.check(f"the journey goes on to its end ({type(error).__name__} {error}; {', '.join(mine)})", so=False)


def a_world(http: httpx2.AsyncClient, token: str, local: Servers) -> World:
    """Give the world as its steward begins it."""
    steward = Caller(http, "the steward", token)
    return World(http=http, mailbox=local.mailbox, hooks=local.hooks, steward=steward, receivers=local.receivers)
