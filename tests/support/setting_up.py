"""A place that is set up through its public API: a steward, a backstop, and a duty line that was tried (J2a)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2

from shared.event import Role
from shared.passes import Pass
from tests.support.place import Place, a_pass

LINE = ("+44 1632 960001", "+44 1632 960002")


@dataclass
class Body:
    """An organisation that has joined, and somebody of it with a client that is signed in."""

    id: UUID
    by: Pass
    http: httpx2.AsyncClient


async def a_steward(place: Place) -> httpx2.AsyncClient:
    """Give a client of a steward."""
    return place.client(a_pass(Role.STEWARD))


async def a_commissioned_body(
    place: Place, kind: str = "nhs-trust", name: str = "Riverside Trust", **facts: Any
) -> Body:
    """Enter a commissioned body, with one named worker who is signed in."""
    steward = await a_steward(place)
    entered = await steward.post(
        "/v1/place/organisations",
        json={
            "name": name,
            "kind": kind,
            "does": "Is there for the people of the place.",
            "reach": {"telephone": "01632 960000"},
            "funded": True,
            "can_lead": True,
        }
        | facts,
    )
    assert entered.status_code == 201, entered.text
    return await somebody_of(place, UUID(entered.json()["id"]))


async def somebody_of(place: Place, organisation: UUID, role: Role = Role.PRACTITIONER, **more: Any) -> Body:
    """Add a member to an organisation, signed in."""
    steward = await a_steward(place)
    made = await steward.post(
        f"/v1/organisations/{organisation}/members",
        json={"name": "Sam Okafor", "role": role.value, "named_worker": True} | more,
    )
    assert made.status_code == 201, made.text
    member = UUID(made.json()["id"])
    by = Pass(role, member, member=member, organisation=organisation)
    return Body(organisation, by, place.client(by))


async def a_place_that_serves(place: Place) -> Body:
    """Set a place up: gives its backstop."""
    steward = await a_steward(place)
    backstop = await a_commissioned_body(place, "nhs-trust", "Night and Day Trust", round_the_clock=True)
    for address in LINE:
        route = await steward.post("/v1/place/duty-line/routes", json={"channel": "text", "address": address})
        assert route.status_code == 201, route.text
        tested = await steward.post("/v1/place/duty-line/tests", json={"route": route.json()["id"], "answered": True})
        assert tested.status_code == 201, tested.text
    named = await steward.put("/v1/place/backstop", json={"organisation": str(backstop.id)})
    assert named.json()["ready"] is True, named.text
    return backstop


async def a_group(place: Place, name: str = "Kitchen Table", vouched_by: Body | None = None) -> Body:
    """Have a small group join by one word for it; gives it with a peer supporter, signed in."""
    asked = await place.client().post(
        "/v1/organisations",
        json={
            "name": name,
            "kind": "peer-group",
            "does": "We walk alongside each other.",
            "reach": {"telephone": "01632 960100"},
        },
    )
    assert asked.status_code == 201, asked.text
    voucher = vouched_by or await a_commissioned_body(place, "community-team", "Community Team")
    group = UUID(asked.json()["id"])
    vouched = await voucher.http.post(f"/v1/organisations/{group}/vouches", json={})
    assert vouched.json()["membership"] == "joined", vouched.text
    return await somebody_of(place, group, Role.PEER_SUPPORTER)
