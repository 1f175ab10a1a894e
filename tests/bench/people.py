"""People to measure with: each arrived, with a choice for the community team, some with a plan in force."""

from dataclasses import dataclass
from itertools import cycle

import httpx2

from services.demo.callers import Human
from services.demo.servers import Servers
from services.demo.setting import TEAM, WORKERS, World, mail, set_up
from services.demo.tell import a_world

PARTS = ["story", "plan", "journey", "circle", "contact-details"]
LINES = [
    {"heading": "warning-signs", "words": "I stop sewing and leave the curtains shut."},
    {"heading": "by-myself", "words": "Radio on, kettle on, the blue blanket."},
    {"heading": "ask-for-help", "words": "Sam, then Jo."},
    {"heading": "services", "words": "The crisis house, and the night line."},
]


@dataclass
class People:
    """The place, a worker's token, everybody's ids, and those with a plan in force."""

    world: World
    worker: Human
    everybody: list[str]
    planned: list[str]


async def bring_about(http: httpx2.AsyncClient, token: str, local: Servers, many: int, planned: int) -> People:
    """Set a place up and let `many` people arrive; the first `planned` of them agree a plan."""
    world = a_world(http, token, local)
    await set_up(world, subscribed=False)
    worker = world.human(WORKERS[TEAM][0])
    await worker.sign_in(local.mailbox)
    people = People(world, worker, [], [])
    team = world.organisations[TEAM]
    for n in range(many):
        reach = {"email": mail(f"bench-{n}"), "ways": [{"how": "email"}]}
        arrival = {"called": f"Person {n}", "door": "community-team", "reach": reach}
        person = (await worker.post("/v1/arrivals", arrival))["person"]
        people.everybody.append(person)
        choice = {"who": {"organisation": team}, "what": PARTS, "permit": True}
        if n < planned:
            await agreed(people, person, n, choice)
        else:
            await worker.post(
                f"/v1/people/{person}/choices", choice | {"given_how": "in-person", "words": "Yes, you may see it."}
            )
    return people


async def agreed(people: People, person: str, n: int, choice: dict[str, object]) -> None:
    """The person signs in, says who may see, writes a plan and agrees it."""
    human = people.world.human(f"bench-{n}")
    await human.sign_in(people.world.mailbox, "person")
    await human.post(f"/v1/people/{person}/choices", choice)
    plan = await human.post(f"/v1/people/{person}/plans", {"kind": "safety", "lines": LINES, "co_produced": True})
    await human.post(f"/v1/plans/{plan['plan']}/agreement", {"revision": 1, "agreed": True})
    people.planned.append(person)


def in_turn(of: list[str]) -> "cycle[str]":
    """Give everybody in turn, for ever."""
    return cycle(of)
