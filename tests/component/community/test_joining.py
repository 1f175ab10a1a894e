"""A group joins in minutes, and what happens when one stops (M1, J2a)."""

from itertools import product
from pathlib import Path
from uuid import UUID

import pytest

from shared.errors import NotFoundError
from shared.event import Role
from shared.ids import new_id
from shared.passes import Pass
from tests.support.place import Place, a_pass, a_place
from tests.support.setting_up import (
    Body,
    a_commissioned_body,
    a_group,
    a_place_that_serves,
    a_steward,
    somebody_of,
)

COMMUNITY = ("community",)
ASKING = {
    "name": "Kitchen Table",
    "kind": "peer-group",
    "does": "We walk alongside each other.",
    "reach": {"email": "hello@kitchen.example"},
    "first_member": {"name": "Ama", "email": "Ama@Kitchen.example"},
}


async def change(who: Body, **changes: object) -> None:
    shown = await who.http.get(f"/v1/organisations/{who.id}")
    tag = {"If-Match": shown.headers["ETag"]}
    answer = await who.http.patch(f"/v1/organisations/{who.id}", json=changes, headers=tag)
    assert answer.status_code == 200, answer.text


async def listed(place: Place) -> list[str]:
    return [each["name"] for each in (await place.client().get("/v1/organisations")).json()["items"]]


async def test_a_group_joins_by_a_name_what_it_does_how_to_reach_it_and_one_word__m1(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        port = place.system.running["community"].port
        team = await a_commissioned_body(place, "community-team", "Community Team")
        asked = await place.client().post("/v1/organisations", json=ASKING)
        assert (asked.status_code, asked.json()["membership"]) == (201, "asked-to-join")
        group = asked.json()["id"]
        assert asked.headers["Location"] == f"/v1/organisations/{group}"
        assert await listed(place) == ["Community Team"]
        assert await port.sign_in("ama@kitchen.example") is None
        vouched = await team.http.post(f"/v1/organisations/{group}/vouches")
        assert (vouched.status_code, vouched.json()["membership"]) == (201, "joined")
        assert vouched.json()["vouched_for_by"] == [str(team.id)]
        assert await listed(place) == ["Community Team", "Kitchen Table"]
        known = await port.sign_in("AMA@kitchen.example")
        assert (known.role, str(known.organisation)) == (Role.PEER_SUPPORTER, group)


async def test_a_group_that_only_asked_is_known_to_no_other_service__m1(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        asked = await place.client().post("/v1/organisations", json=ASKING)
        port = place.system.running["community"].port
        for unknown in (UUID(asked.json()["id"]), new_id()):
            with pytest.raises(NotFoundError):
                await port.organisation(unknown)


async def test_an_expert_by_experience_vouches_for_themself_and_nobody_else_says_so__m1(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        team = await a_commissioned_body(place)
        expert = await somebody_of(place, team.id, Role.PEER_SUPPORTER, expert_by_experience=True)
        group = (await place.client().post("/v1/organisations", json=ASKING)).json()["id"]
        way = f"/v1/organisations/{group}/vouches"
        turned = await team.http.post(way, json={"as_expert_by_experience": True})
        assert (turned.status_code, turned.json()["code"]) == (409, "cannot-vouch")
        assert (await expert.http.post(way, json={"as_expert_by_experience": True})).status_code == 201


async def test_a_group_that_has_not_joined_vouches_for_nobody__m1(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        first = (await place.client().post("/v1/organisations", json=ASKING)).json()["id"]
        second = (await place.client().post("/v1/organisations", json=ASKING)).json()["id"]
        member = a_pass(Role.PEER_SUPPORTER, organisation=UUID(first))
        word = await place.client(member).post(f"/v1/organisations/{second}/vouches")
        assert (word.status_code, word.json()["code"]) == (409, "cannot-vouch")


async def test_strangers_are_told_of_a_group_once_it_has_all_that_keeps_them_safe__m1(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        group = await a_group(place)
        offer = await group.http.post(
            "/v1/offers",
            json={"name": "Tuesday table", "says": "Tea.", "intensity": "community", "needs": ["social"]},
        )
        assert offer.status_code == 201, offer.text
        nobody = place.client()
        assert (await nobody.get("/v1/offers")).json()["items"] == []
        named = (await nobody.get("/v1/offers", params={"organisation": str(group.id)})).json()["items"]
        assert [each["name"] for each in named] == ["Tuesday table"]
        await change(group, safeguarding_contact="Ama, 01632 960101", safety_page="Two of us, always.")
        other = await a_commissioned_body(place, "council", "The Council")
        assert (await nobody.get("/v1/offers")).json()["items"] == []
        vouched = await other.http.post(f"/v1/organisations/{group.id}/vouches")
        assert vouched.json()["offered_to_strangers"] is True
        assert [each["name"] for each in (await nobody.get("/v1/offers")).json()["items"]] == ["Tuesday table"]
        await change(group, safety_page=None)
        assert (await nobody.get("/v1/offers")).json()["items"] == []


async def test_whom_to_tell_when_somebody_is_not_safe_is_shown_to_those_who_signed_in(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        group = await a_group(place)
        await change(group, safeguarding_contact="Ama, 01632 960101")
        way = f"/v1/organisations/{group.id}"
        assert "safeguarding_contact" not in (await place.client().get(way)).json()
        assert (await group.http.get(way)).json()["safeguarding_contact"] == "Ama, 01632 960101"


async def test_a_group_says_nothing_of_being_commissioned_by_itself__j2d(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        told = await place.client().post("/v1/organisations", json=ASKING | {"commissioned": True})
        assert (told.status_code, told.json()["code"]) == (422, "invalid")
        group = await a_group(place)
        for way, method in ((f"/v1/place/organisations/{group.id}/facts", "PUT"), ("/v1/place/organisations", "POST")):
            assert (await group.http.request(method, way, json={})).status_code == 403
        facts = await place.system.running["community"].port.organisation(group.id)
        assert (facts.funded, facts.commissioned, facts.can_lead, facts.offered_to_strangers) == (False,) * 4


async def test_a_stopped_organisation_is_said_with_its_backstop_and_nobody_of_it_signs_in__j2a(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        backstop = await a_place_that_serves(place)
        port = place.system.running["community"].port
        team = await a_commissioned_body(place, "community-team", "Community Team")
        steward = await a_steward(place)
        stopped = await steward.post(f"/v1/organisations/{team.id}/ending", json={"how": "suspended"})
        assert stopped.json()["membership"] == "suspended"
        (fact,) = [e for e in await place.journal("community", team.id) if e.type.endswith("organisation-stopped")]
        assert fact.data == {"how": "suspended", "backstop": str(backstop.id)}
        assert team.by.member is not None
        assert not await port.is_member(team.by.member, team.id)
        assert await port.routes(team.id) == ()
        stands = await port.organisation(team.id)
        assert (stands.active, stands.can_lead) == (False, False)
        await steward.post(f"/v1/organisations/{team.id}/going-on")
        assert await port.is_member(team.by.member, team.id)
        assert (await port.organisation(team.id)).can_lead


async def test_the_backstop_is_not_ended__j2a(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        backstop = await a_place_that_serves(place)
        steward = await a_steward(place)
        turned = await steward.post(f"/v1/organisations/{backstop.id}/ending", json={"how": "ended"})
        assert (turned.status_code, turned.json()["code"]) == (409, "is-the-backstop")


async def test_the_backstop_stays_what_a_backstop_has_to_be__j2a(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        backstop = await a_place_that_serves(place)
        steward = await a_steward(place)
        tag = {"If-Match": (await steward.get(f"/v1/organisations/{backstop.id}")).headers["ETag"]}
        facts = {"funded": True, "commissioned": True, "can_lead": True, "round_the_clock": True}
        way = f"/v1/place/organisations/{backstop.id}/facts"
        for lost in ("funded", "can_lead", "round_the_clock"):
            turned = await steward.put(way, json=facts | {lost: False}, headers=tag)
            assert (turned.status_code, turned.json()["code"]) == (409, "is-the-backstop")
        assert (await steward.put(way, json=facts, headers=tag)).status_code == 200


async def test_a_buddy_is_another_organisation_that_has_joined__w1(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        group = await a_group(place)
        other = await a_group(place, "Sunday Walkers", await a_commissioned_body(place))
        tag = {"If-Match": (await group.http.get(f"/v1/organisations/{group.id}")).headers["ETag"]}
        for buddy in (group.id, new_id()):
            answer = await group.http.patch(f"/v1/organisations/{group.id}", json={"buddy": str(buddy)}, headers=tag)
            assert (answer.status_code, answer.json()["code"]) == (409, "buddy-cannot-be")
        await change(group, buddy=str(other.id))
        assert (await place.system.running["community"].port.organisation(group.id)).buddy == other.id


async def test_nobody_changes_another_organisation_nor_an_older_reading_of_their_own(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        group = await a_group(place)
        other = await a_group(place, "Sunday Walkers", await a_commissioned_body(place))
        way = f"/v1/organisations/{group.id}"
        old = {"If-Match": (await group.http.get(way)).headers["ETag"]}
        assert (await other.http.patch(way, json={"name": "Ours"}, headers=old)).status_code == 403
        assert (await group.http.patch(way, json={"name": "Table"})).json()["fields"] == ["If-Match"]
        assert (await group.http.patch(way, json={"name": "Table"}, headers=old)).status_code == 200
        stale = await group.http.patch(way, json={"name": "Other"}, headers=old)
        assert (stale.status_code, stale.json()["code"]) == (412, "stale")


async def test_a_suspended_group_can_not_put_itself_before_strangers_by_a_change__m1(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        await a_place_that_serves(place)
        group = await a_group(place)
        steward = await a_steward(place)
        await steward.post(f"/v1/organisations/{group.id}/ending", json={"how": "suspended"})
        assert await listed(place) == ["Community Team", "Night and Day Trust"]


async def test_the_same_request_again_is_one_group(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        steward = place.client(Pass(Role.STEWARD, new_id()))
        again = {"X-Request-ID": str(new_id())}
        body = ASKING | {"kind": "council"}
        first = await steward.post("/v1/place/organisations", json=body, headers=again)
        second = await steward.post("/v1/place/organisations", json=body, headers=again)
        assert first.json() == second.json()
        assert await listed(place) == ["Kitchen Table"]


async def test_a_steward_finds_those_who_asked_and_those_who_stopped_and_nobody_else_does__m1(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        backstop = await a_place_that_serves(place)
        await place.client().post("/v1/organisations", json=ASKING)
        team = await a_commissioned_body(place, "community-team", "Community Team")
        async with await a_steward(place) as steward, place.client() as anybody:
            stopped = await steward.post(f"/v1/organisations/{team.id}/ending", json={"how": "suspended"})
            assert stopped.json()["membership"] == "suspended"
            named = (await steward.get(f"/v1/organisations/{backstop.id}")).json()["name"]
            found: dict[str, list[list[str]]] = {}
            for stands, who in product(("asked-to-join", "suspended", "joined"), (steward, anybody)):
                told = await who.get("/v1/organisations", params={"membership": stands})
                found.setdefault(stands, []).append([each["name"] for each in told.json()["items"]])
            every = (await steward.get("/v1/organisations")).json()["items"]
    assert found == {
        "asked-to-join": [["Kitchen Table"], []], "suspended": [["Community Team"], []], "joined": [[named], [named]],
    }  # fmt: skip
    assert [each["name"] for each in every] == sorted(["Community Team", "Kitchen Table", named])
