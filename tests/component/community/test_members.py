"""Members, their hours, and how an organisation is told (W1, J2b)."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.event import Role
from tests.support.place import Place, a_place
from tests.support.setting_up import Body, a_commissioned_body, a_group, a_steward, somebody_of

COMMUNITY = ("community",)
ALWAYS = [{"days": [1, 2, 3, 4, 5, 6, 7], "from_hour": 9, "to_hour": 17}]


async def told(place: Place, who: Body) -> list[str]:
    return [route.address for route in await place.system.running["community"].port.routes(who.id)]


async def members(who: Body) -> list[dict[str, object]]:
    items: list[dict[str, object]] = (await who.http.get(f"/v1/organisations/{who.id}/members")).json()["items"]
    return items


async def test_an_organisation_is_told_by_its_members_own_ways_first_then_those_it_shares__w1(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        group = await a_group(place)
        shared = {"channel": "email", "address": "all@kitchen.example"}
        made = await group.http.post(f"/v1/organisations/{group.id}/alert-routes", json=shared)
        assert made.status_code == 201, made.text
        await somebody_of(place, group.id, Role.PEER_SUPPORTER, telephone="01632 960111", named_worker=False)
        await somebody_of(place, group.id, Role.PEER_SUPPORTER, telephone="01632 960112", on_duty=True)
        assert await told(place, group) == ["01632 960112", "01632 960111", "all@kitchen.example"]
        route = (await group.http.get(f"/v1/organisations/{group.id}/alert-routes")).json()["items"][0]
        await group.http.delete(f"/v1/organisations/{group.id}/alert-routes/{route['id']}")
        assert "all@kitchen.example" not in await told(place, group)


async def test_somebody_is_told_only_on_the_days_and_in_the_hours_they_set__w1(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        group = await a_group(place)
        today = place.clock.now().astimezone(place.system.running["community"].port.zone).isoweekday()
        hours = [{"days": [today], "from_hour": 9, "to_hour": 17}]
        await somebody_of(place, group.id, Role.PEER_SUPPORTER, telephone="01632 960111", hours=hours)
        (route,) = await place.system.running["community"].port.routes(group.id)
        assert (route.from_hour, route.to_hour) == (9, 17)
        await place.pass_time(timedelta(days=1))
        assert await told(place, group) == []


async def test_a_member_who_left_is_told_nothing_signs_in_no_more_and_their_deputies_follow__j2b(
    tmp_path: Path,
) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        port = place.system.running["community"].port
        group = await a_group(place)
        going = await somebody_of(
            place, group.id, Role.PEER_SUPPORTER, email="bea@kitchen.example", telephone="01632 960113"
        )
        duty = await somebody_of(place, group.id, Role.PEER_SUPPORTER, on_duty=True)
        assert going.by.member is not None
        assert (await port.sign_in("Bea@Kitchen.example")).member == going.by.member
        left = await group.http.delete(f"/v1/organisations/{group.id}/members/{going.by.member}")
        assert left.status_code == 204
        (fact,) = [e for e in await place.journal("community", group.id) if e.type == "community.member-left"]
        assert fact.data == {"member": str(going.by.member), "on_duty": str(duty.by.member)}
        assert await port.sign_in("bea@kitchen.example") is None
        assert not await port.is_member(going.by.member, group.id)
        assert await told(place, group) == []
        again = await group.http.delete(f"/v1/organisations/{group.id}/members/{going.by.member}")
        assert again.status_code == 404
        back = await somebody_of(place, group.id, Role.PEER_SUPPORTER, email="bea@kitchen.example")
        assert (await port.sign_in("bea@kitchen.example")).member == back.by.member


async def test_nobody_sees_or_changes_another_organisations_members(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        group = await a_group(place)
        other = await a_commissioned_body(place)
        way = f"/v1/organisations/{group.id}/members"
        one = f"{way}/{group.by.member}"
        assert (await other.http.get(way)).status_code == 403
        assert (await other.http.post(way, json={"name": "X", "role": "practitioner"})).status_code == 403
        assert (await other.http.delete(one)).status_code == 403
        own = f"/v1/organisations/{other.id}/members/{group.by.member}"
        assert (await other.http.get(own)).status_code == 404
        assert (await place.client().get(way)).status_code == 401


async def test_only_a_steward_makes_a_steward_or_a_duty_worker(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        group = await a_group(place)
        way = f"/v1/organisations/{group.id}/members"
        for role in ("steward", "duty"):
            turned = await group.http.post(way, json={"name": "X", "role": role})
            assert (turned.status_code, turned.json()["code"]) == (403, "stewards-only")
        for role in ("person", "timer", "anyone", "partner-system"):
            assert (await (await a_steward(place)).post(way, json={"name": "X", "role": role})).status_code == 422


async def test_one_e_mail_address_signs_in_one_member(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        group = await a_group(place)
        way = f"/v1/organisations/{group.id}/members"
        body = {"name": "Bea", "role": "peer-supporter", "email": "bea@kitchen.example"}
        first = await group.http.post(way, json=body)
        turned = await group.http.post(way, json=body | {"email": "BEA@kitchen.example"})
        assert (turned.status_code, turned.json()["code"]) == (409, "email-in-use")
        assert "bea" not in turned.text.lower()
        kept = await group.http.patch(
            f"{way}/{first.json()['id']}",
            json={"email": "bea@kitchen.example", "on_duty": True},
            headers={"If-Match": first.headers["ETag"]},
        )
        assert (kept.status_code, kept.json()["on_duty"]) == (200, True)


async def test_hours_are_changed_with_the_version_one_has_read(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        group = await a_group(place)
        way = f"/v1/organisations/{group.id}/members/{group.by.member}"
        tag = {"If-Match": (await group.http.get(way)).headers["ETag"]}
        changed = await group.http.patch(way, json={"hours": ALWAYS}, headers=tag)
        assert changed.json()["hours"] == ALWAYS
        assert (await group.http.patch(way, json={"hours": []}, headers=tag)).status_code == 412
        assert await place.types("community", group.id) == [
            "community.organisation-asked-to-join",
            "community.organisation-vouched-for",
            "community.organisation-joined",
            "community.member-joined",
            "community.member-changed",
        ]


async def test_members_come_in_pages(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        group = await a_group(place)
        way = f"/v1/organisations/{group.id}/members"
        for name in ("Cai", "Ada", "Bo"):
            await group.http.post(way, json={"name": name, "role": "peer-supporter"})
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            shown = (await group.http.get(way, params={"limit": "2"} | cursor)).json()
            seen += [each["name"] for each in shown["items"]]
            if "next" not in shown:
                break
            cursor = {"cursor": shown["next"]}
        assert seen == ["Ada", "Bo", "Cai", "Sam Okafor"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "role": "practitioner"},
        {"name": "X" * 201, "role": "practitioner"},
        {"name": "X", "role": "practitioner", "email": "not an address"},
        {"name": "X", "role": "practitioner", "telephone": "ring me"},
        {"name": "X", "role": "practitioner", "hours": [{"days": [8], "from_hour": 9, "to_hour": 17}]},
        {"name": "X", "role": "practitioner", "hours": [{"days": [], "from_hour": 9, "to_hour": 17}]},
        {"name": "X", "role": "practitioner", "hours": [{"days": [1], "from_hour": 24, "to_hour": 17}]},
        {"name": "X", "role": "practitioner", "password": "secret-word"},
        {"name": "X\tY", "role": "practitioner"},
    ],
)
async def test_a_member_that_is_not_as_described_is_turned_away_without_an_echo(
    tmp_path: Path, body: dict[str, object]
) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        group = await a_group(place)
        before = await members(group)
        answer = await group.http.post(f"/v1/organisations/{group.id}/members", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert "not an address" not in answer.text
        assert "password" not in answer.text
        assert await members(group) == before
