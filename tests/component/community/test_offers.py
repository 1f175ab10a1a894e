"""Offers: what they say, how they are found, how many places are free (M3, J9, J13)."""

from pathlib import Path
from typing import Any

import pytest

from shared.errors import NotFoundError
from shared.event import Role
from shared.ids import new_id
from shared.passes import Pass
from tests.support.place import Place, a_pass, a_place
from tests.support.setting_up import Body, a_commissioned_body, a_place_that_serves, a_steward

COMMUNITY = ("community",)
OFFER: dict[str, Any] = {
    "name": "Night room",
    "says": "A quiet room, and somebody to talk with.",
    "intensity": "crisis",
    "needs": ["clinical", "social"],
    "for_whom": ["women"],
    "languages": ["en", "AR"],
    "where": {"address": "1 River Lane, Sale", "postcode": "m334bp"},
    "when": "Every night, 6pm to 8am",
    "how_to_come": "Ring or knock.",
    "places_free": 3,
}


async def an_offer(who: Body, **more: object) -> dict[str, Any]:
    made = await who.http.post("/v1/offers", json=OFFER | more)
    assert made.status_code == 201, made.text
    shown: dict[str, Any] = made.json()
    return shown


async def found(at: Place, **query: str) -> list[str]:
    answer = await at.client().get("/v1/offers", params=query)
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()["items"]]


async def test_an_offer_says_what_somebody_has_to_know_and_when_it_was_looked_at__m3(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        house = await a_commissioned_body(place, "crisis-house", "The House")
        made = await an_offer(house)
        assert made["languages"] == ["en", "ar"]
        assert made["where"] == {"address": "1 River Lane, Sale", "postcode": "M33 4BP", "online": False}
        assert made["last_checked"]["by"] == str(house.by.member)
        shown = await place.client().get(f"/v1/offers/{made['id']}")
        assert shown.json() == made
        assert await place.types("community", house.id) == [
            *["community.organisation-asked-to-join", "community.organisation-joined"],
            *["community.organisation-offered-to-strangers", "community.member-joined"],
            *["community.offer-opened", "community.capacity-changed"],
        ]


@pytest.mark.parametrize(
    ("kind", "intensity", "bed", "watched"),
    [
        ("crisis-house", "crisis", True, True),
        ("hospital-ward", "inpatient", True, True),
        ("assessment-centre", "community", False, True),
        ("emergency-department", "enhanced", False, True),
        ("custody", "community", False, True),
        ("community-team", "enhanced", False, False),
        ("peer-group", "community", False, False),
    ],
)
async def test_a_bed_is_asked_for_and_leaving_is_watched_as_the_rules_say_whatever_an_offer_says__j9_j13(
    tmp_path: Path, kind: str, intensity: str, bed: object, watched: object
) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        body = await a_commissioned_body(place, kind)
        made = await an_offer(body, intensity=intensity)
        assert (made["leaving_needs_a_bed"], made["watched_after_leaving"]) == (bed, watched)
        told = await body.http.post("/v1/offers", json=OFFER | {"leaving_needs_a_bed": not bed})
        assert told.status_code == 422
        tag = {"If-Match": (await body.http.get(f"/v1/offers/{made['id']}")).headers["ETag"]}
        up = await body.http.patch(f"/v1/offers/{made['id']}", json={"intensity": "crisis"}, headers=tag)
        assert (up.json()["leaving_needs_a_bed"], up.json()["watched_after_leaving"]) == (True, True)


async def test_an_offer_is_found_by_need_intensity_place_whom_and_language__m3(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        house = await a_commissioned_body(place, "crisis-house", "The House")
        await an_offer(house)
        await an_offer(
            house, name="Debt desk", needs=["financial"], intensity="community", for_whom=[], where={"online": True}
        )
        assert await found(place) == ["Debt desk", "Night room"]
        assert await found(place, need="social") == ["Night room"]
        assert await found(place, need="practical") == []
        assert await found(place, intensity="community") == ["Debt desk"]
        assert await found(place, for_whom="women") == ["Night room"]
        assert await found(place, language="ar", need="financial") == ["Debt desk"]
        assert await found(place, place="sale") == ["Night room"]
        assert await found(place, place="M33") == ["Night room"]
        assert await found(place, place="online") == ["Debt desk"]
        assert await found(place, organisation=str(new_id())) == []


async def test_what_is_not_open_or_whose_organisation_stopped_is_not_found(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        await a_place_that_serves(place)
        port = place.system.running["community"].port
        house = await a_commissioned_body(place, "crisis-house", "The House")
        made = await an_offer(house)
        offer = type(house.id)(made["id"])
        assert (await port.offer(offer)).is_open
        steward = await a_steward(place)
        await steward.post(f"/v1/organisations/{house.id}/ending", json={"how": "suspended"})
        assert await found(place) == []
        assert not (await port.offer(offer)).is_open
        turned = await house.http.put(f"/v1/offers/{made['id']}/capacity", json={"places_free": 1})
        assert (turned.status_code, turned.json()["code"]) == (409, "organisation-not-working")
        await steward.post(f"/v1/organisations/{house.id}/going-on")
        assert await found(place) == ["Night room"]
        tag = {"If-Match": (await house.http.get(f"/v1/offers/{made['id']}")).headers["ETag"]}
        await house.http.patch(f"/v1/offers/{made['id']}", json={"is_open": False}, headers=tag)
        assert await found(place) == []
        with pytest.raises(NotFoundError):
            await port.offer(new_id())


async def test_places_free_are_told_by_their_own_people_and_their_system_alone__m3(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        house = await a_commissioned_body(place, "crisis-house", "The House")
        other = await a_commissioned_body(place, "council", "The Council")
        made = await an_offer(house)
        way = f"/v1/offers/{made['id']}/capacity"
        system = Pass(Role.SYSTEM, new_id(), organisation=house.id, scopes=frozenset({"write"}))
        assert (await place.client(system).put(way, json={"places_free": 0})).json()["places_free"] == 0
        assert (await other.http.put(way, json={"places_free": 9})).status_code == 403
        assert (await place.client().put(way, json={"places_free": 9})).status_code == 401
        (*_, last) = [e for e in await place.journal("community", house.id) if e.type.endswith("capacity-changed")]
        assert last.data["places_free"] == 0
        assert (await place.system.running["community"].port.offer(type(house.id)(made["id"]))).places_free == 0


async def test_the_same_number_again_is_a_look_but_no_news__m3(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        house = await a_commissioned_body(place, "crisis-house", "The House")
        made = await an_offer(house)
        await house.http.put(f"/v1/offers/{made['id']}/capacity", json={"places_free": 3})
        types = await place.types("community", house.id)
        assert types.count("community.capacity-changed") == 1
        shown = (await house.http.get(f"/v1/offers/{made['id']}")).json()
        assert shown["last_checked"]["at"] > made["last_checked"]["at"]


@pytest.mark.parametrize(
    "query",
    [{"diagnosis": "x"}, {"need": "spiritual"}, {"limit": 0}, {"limit": 101}, {"cursor": "@@"}, {"cursor": "bnVsbA"}],
)
async def test_an_unknown_or_wrong_query_is_said_and_not_passed_over(
    tmp_path: Path, query: dict[str, str | int]
) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        for way in ("/v1/offers", "/v1/organisations"):
            answer = await place.client().get(way, params=query)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), way
            assert "spiritual" not in answer.text
            assert "diagnosis" not in answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"needs": []},
        {"needs": ["spiritual"]},
        {"intensity": "acute"},
        {"intensity": "In Crisis"},
        {"places_free": -1},
        {"places_free": 1.5},
        {"places_free": "3"},
        {"languages": ["English"]},
        {"where": {"postcode": "WA154 1HF"}},
        {"not_for": ["people who drink"]},
        {"name": ""},
        {"says": "x" * 20_001},
    ],
)
async def test_an_offer_that_is_not_as_described_is_not_opened(tmp_path: Path, wrong: dict[str, object]) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        house = await a_commissioned_body(place, "crisis-house", "The House")
        answer = await house.http.post("/v1/offers", json=OFFER | wrong)
        assert answer.status_code == 422, answer.text
        assert "people who drink" not in answer.text
        assert await found(place) == []


async def test_offers_come_in_pages_and_a_change_needs_the_version_that_was_read(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        house = await a_commissioned_body(place, "crisis-house", "The House")
        for n in range(5):
            await an_offer(house, name=f"Room {n % 2}")
        nobody, seen, query = place.client(), [], {"limit": 2}
        while True:
            shown = (await nobody.get("/v1/offers", params=query)).json()
            seen += [each["id"] for each in shown["items"]]
            if "next" not in shown:
                break
            query = {"limit": 2, "cursor": shown["next"]}
        assert len(seen) == len(set(seen)) == 5
        way = f"/v1/offers/{seen[0]}"
        assert (await house.http.patch(way, json={"places_free": 1})).status_code == 422
        assert (await house.http.patch(way, json={"name": "x"}, headers={"If-Match": '"old"'})).status_code == 412
        tag = {"If-Match": (await nobody.get(way)).headers["ETag"]}
        for nothing in ({}, {"name": None}):
            assert (await house.http.patch(way, json=nothing, headers=tag)).status_code == 422
        cleared = await house.http.patch(way, json={"places_free": None}, headers=tag)
        assert cleared.json()["places_free"] is None


async def test_a_steward_finds_what_is_not_open_now_and_nobody_else_does__m3(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        house = await a_commissioned_body(place, "crisis-house", "The House")
        await an_offer(house, name="Later", is_open=False)
        assert await found(place) == []
        told = await place.client(a_pass(Role.STEWARD)).get("/v1/offers")
        assert [(each["name"], each["is_open"]) for each in told.json()["items"]] == [("Later", False)]
