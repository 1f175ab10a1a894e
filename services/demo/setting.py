"""The place in which the journeys happen: six organisations, their people, offers, systems and subscriptions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.demo import own_words
from services.demo.callers import Caller, Human, PartnerSystem
from services.demo.waiting import until

if TYPE_CHECKING:
    import httpx2

    from services.demo.mailbox import Mailbox
    from services.demo.webhooks import Receiver

BACKSTOP, PEERS, CENTRE, HOUSE, TEAM, COUNCIL = "backstop", "peers", "centre", "house", "team", "council"
NAMES = {
    BACKSTOP: "Moorside Night Team",
    PEERS: "Thursday Table",
    CENTRE: "Northgate Assessment Centre",
    HOUSE: "Willow House",
    TEAM: "East Community Team",
    COUNCIL: "Riverbank Council",
}
KINDS = {
    BACKSTOP: "nhs-trust",
    PEERS: "peer-group",
    CENTRE: "assessment-centre",
    HOUSE: "crisis-house",
    TEAM: "community-team",
    COUNCIL: "council",
}
SYSTEMS = (PEERS, CENTRE, HOUSE, TEAM, COUNCIL)
OFFERS = {
    CENTRE: ("A conversation about what would help", "enhanced", ["clinical"]),
    HOUSE: ("Nights somewhere safe", "crisis", ["clinical", "practical"]),
    TEAM: ("Somebody who comes to you", "community", ["clinical", "social"]),
    PEERS: ("The Thursday table", "community", ["social"]),
    COUNCIL: ("Help with home and money", "community", ["practical", "financial"]),
}
DUTY_PHONE = "+447700900111"
WORKERS = {CENTRE: ("Alex", "Noor"), HOUSE: ("Bea", "Idris"), TEAM: ("Priya", "Tom"), COUNCIL: ("Wen", "Ada")}


def mail(who: str) -> str:
    """Give somebody's address in the demo."""
    return f"{who.lower()}@demo.example"


@dataclass
class World:
    """Everything and everyone of the demo, by the short names above."""

    http: httpx2.AsyncClient
    mailbox: Mailbox
    hooks: str
    steward: Caller
    receivers: dict[str, Receiver]
    organisations: dict[str, str] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    offers: dict[str, str] = field(default_factory=dict)
    systems: dict[str, PartnerSystem] = field(default_factory=dict)

    def name(self, organisation: str | None) -> str:
        """Give an organisation's name by its id."""
        found = [key for key, each in self.organisations.items() if each == organisation]
        return NAMES[found[0]] if found else "nobody"

    def human(self, who: str) -> Human:
        """Give somebody who can sign in by mail."""
        return Human(self.http, who, address=mail(who))


async def set_up(world: World, *, subscribed: bool = True) -> None:
    """Bring the place about, from an instance that holds nothing."""
    for key in (BACKSTOP, CENTRE, HOUSE, TEAM, COUNCIL):
        await _commissioned(world, key)
    await _backstop(world)
    for key, (first, second) in WORKERS.items():
        for who in (first, second):
            world.members[who] = await _member(world, key, who, "practitioner")
    await _small_group(world)
    for key, (says, intensity, needs) in OFFERS.items():
        body = {"name": says, "says": says, "intensity": intensity, "needs": needs, "places_free": 4}
        made = await world.steward.post("/v1/offers", body | {"organisation": world.organisations[key]})
        world.offers[key] = made["id"]
    for key in SYSTEMS:
        await _system(world, key)
    if subscribed:
        for key in SYSTEMS:
            await subscribe(world, key)


async def _commissioned(world: World, key: str) -> None:
    body = {
        "name": NAMES[key],
        "does": f"{NAMES[key]} of the demo.",
        "reach": {"telephone": "0161 496 0000"},
        "kind": KINDS[key],
        "funded": True,
        "can_lead": key != COUNCIL,
        "round_the_clock": key == BACKSTOP,
    }
    made = await world.steward.post("/v1/place/organisations", body)
    world.organisations[key] = made["id"]
    await _route(world, key, mail(key))


async def _route(world: World, key: str, address: str) -> None:
    path = f"/v1/organisations/{world.organisations[key]}/alert-routes"
    await world.steward.post(path, {"channel": "email", "address": address})


async def _backstop(world: World) -> None:
    for channel, address in (("text", DUTY_PHONE), ("email", mail("duty"))):
        route = await world.steward.post("/v1/place/duty-line/routes", {"channel": channel, "address": address})
        await world.steward.post("/v1/place/duty-line/tests", {"route": route["id"], "answered": True})
    await world.steward.put("/v1/place/backstop", {"organisation": world.organisations[BACKSTOP]})


async def _member(world: World, key: str, who: str, role: str) -> str:
    body: dict[str, Any] = {"name": who, "role": role, "email": mail(who), "named_worker": role == "practitioner"}
    made = await world.steward.post(f"/v1/organisations/{world.organisations[key]}/members", body)
    found: str = made["id"]
    return found


async def _small_group(world: World) -> None:
    """The small group joins by itself; a worker of the community team vouches for it (M1)."""
    nobody = Caller(world.http, "Sam")
    body = {
        "name": NAMES[PEERS],
        "does": own_words.GROUP_DOES,
        "reach": {"telephone": "0161 496 0001"},
        "kind": KINDS[PEERS],
        "first_member": {"name": "Sam", "email": mail("Sam")},
    }
    made = await nobody.post("/v1/organisations", body)
    world.organisations[PEERS] = made["id"]
    voucher = world.human(WORKERS[TEAM][0])
    await voucher.sign_in(world.mailbox)
    await voucher.post(f"/v1/organisations/{made['id']}/vouches")
    await _route(world, PEERS, mail("group-phone"))


async def _system(world: World, key: str) -> None:
    organisation = world.organisations[key]
    name = f"{NAMES[key]}'s system"
    system = PartnerSystem(world.http, name, organisation=organisation)
    scopes = ["read", "write", "subscriptions", "texts"]
    body = {"organisation": organisation, "name": name, "keys": {"keys": [system.public()]}, "scopes": scopes}
    system.partner = (await world.steward.post("/v1/partners", body))["partner"]
    await system.sign_in()
    world.systems[key] = system


async def subscribe(world: World, key: str) -> None:
    """Have an organisation's system ask for every event; comes back when its test event has arrived."""
    wish = {"url": f"{world.hooks}/{key}", "events": ["*"]}
    made = await world.systems[key].post("/v1/subscriptions", wish)
    world.receivers[key].secret = made["secret"]
    await until(lambda: bool(world.receivers[key].heard), f"the test event at {NAMES[key]}")
