"""Contacts, promises and drifting over HTTP (J8, J9, J13, W2)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from shared.event import Part, Role
from shared.ids import new_id
from tests.support.pathway_place import PathwayPlace, a_pathway

WATCHED = timedelta(hours=72)


class Journey:
    """A person whom an assessment centre leads, and a peer group beside them."""

    def __init__(self, it: PathwayPlace) -> None:
        self.it = it
        self.centre = it.community.join("assessment-centre")
        self.group = it.community.join("peer-group")
        self.person = it.arrive(chosen=self.centre)
        self.me = it.of(self.person)
        self.worker = it.supporter(self.person, self.centre)
        self.peer = it.supporter(self.person, self.group, Role.PEER_SUPPORTER)

    async def contact(self, by: Any, outcome: str, how: str = "phone", **more: Any) -> httpx2.Response:
        return await self.it.post(by, f"/v1/people/{self.person}/contacts", {"outcome": outcome, "how": how} | more)

    async def leave(self, **more: Any) -> httpx2.Response:
        return await self.it.post(self.worker, f"/v1/people/{self.person}/left-the-building", more)

    async def told(self) -> list[str]:
        return await self.it.told(self.person)

    def at(self, later: timedelta) -> str:
        return (self.it.place.clock.now() + later).isoformat()


@pytest.fixture
async def r(tmp_path: Path) -> AsyncIterator[Journey]:
    async with a_pathway(tmp_path / "place") as place:
        yield Journey(place)


async def test_contacts_are_made_tried_or_turned_down__j8(r: Journey) -> None:
    for outcome in ("made", "tried", "turned-down"):
        answer = await r.contact(r.peer, outcome)
        assert answer.status_code == 201
        assert answer.headers["location"] == f"/v1/people/{r.person}/contacts"
    assert (await r.told())[-3:] == ["contact-made", "contact-tried", "contact-turned-down"]


@pytest.mark.parametrize("how", ["text", "email", "letter", "reminder", "sighting", "through-a-supporter"])
async def test_texts_reminders_sightings_and_reports_are_not_contact_made__j8(r: Journey, how: str) -> None:
    answer = await r.contact(r.peer, "made", how)
    assert (answer.status_code, answer.json()["code"]) == (422, "not-contact")
    assert (await r.contact(r.peer, "tried", how)).status_code == 201
    assert "contact-made" not in await r.told()


async def test_what_somebody_else_reports_can_not_be_turned_down_by_the_person__j8(r: Journey) -> None:
    assert (await r.contact(r.peer, "turned-down", "through-a-supporter")).status_code == 422
    assert (await r.contact(r.peer, "turned-down", "text")).status_code == 201


async def test_a_note_of_a_peer_is_shown_or_read_to_the_person__w2(r: Journey) -> None:
    answer = await r.contact(r.peer, "made", note="R is tired.")
    assert (answer.status_code, answer.json()["code"]) == (422, "note-not-shown")
    assert "tired" not in answer.text
    assert (await r.contact(r.peer, "made", note="R is tired.", shown_to_person=True)).status_code == 201
    assert (await r.contact(r.peer, "made", shown_to_person=True)).status_code == 201


async def test_nobody_at_all_in_72_hours_of_leaving_the_building_is_drifting__j9(r: Journey) -> None:
    answer = await r.leave()
    assert (answer.status_code, answer.json()["watched"]) == (201, True)
    await r.contact(r.peer, "tried", "text")
    await r.contact(r.worker, "tried", "phone")
    await r.it.place.pass_time(WATCHED - timedelta(minutes=5))
    assert "drifting" not in await r.told()
    await r.it.place.pass_time(timedelta(minutes=10))
    assert (await r.told()).count("drifting") == 1


@pytest.mark.parametrize("outcome", ["made", "turned-down"])
async def test_contact_made_or_turned_down_in_time_is_no_drifting__j9(r: Journey, outcome: str) -> None:
    await r.leave()
    await r.it.place.pass_time(timedelta(hours=60))
    await r.contact(r.peer, outcome)
    await r.it.place.pass_time(timedelta(days=10))
    assert "drifting" not in await r.told()


@pytest.mark.parametrize("outcome", ["made", "turned-down"])
async def test_drifting_ends_when_contact_is_made_or_turned_down_and_says_only_that__j9(
    r: Journey, outcome: str
) -> None:
    await r.leave()
    await r.it.place.pass_time(WATCHED + timedelta(minutes=1))
    await r.contact(r.worker, "tried")
    assert "drifting-ended" not in await r.told()
    await r.contact(r.peer, outcome)
    ended = (await r.it.place.journal("pathway", r.person))[-1]
    assert (ended.type, ended.data) == ("pathway.drifting-ended", {})


async def test_contact_from_before_they_left_does_not_count__j9(r: Journey) -> None:
    now = r.at(timedelta())
    await r.it.place.pass_time(timedelta(hours=1))
    await r.leave()
    await r.contact(r.peer, "made", happened_at=now)
    await r.it.place.pass_time(WATCHED + timedelta(minutes=1))
    assert "drifting" in await r.told()


async def test_going_through_another_door_does_not_put_the_date_off__j9(r: Journey) -> None:
    first = (await r.leave()).json()["contact_by"]
    await r.it.place.pass_time(timedelta(hours=60))
    assert (await r.leave()).json()["contact_by"] == first
    await r.it.place.pass_time(timedelta(hours=12, minutes=1))
    assert "drifting" in await r.told()


async def test_after_contact_a_second_leaving_is_watched_anew__j9(r: Journey) -> None:
    first = (await r.leave()).json()["contact_by"]
    await r.contact(r.peer, "made")
    await r.it.place.pass_time(timedelta(hours=60))
    assert (await r.leave()).json()["contact_by"] > first
    await r.it.place.pass_time(timedelta(hours=60))
    assert "drifting" not in await r.told()
    await r.it.place.pass_time(timedelta(hours=13))
    assert "drifting" in await r.told()


async def test_an_offer_that_is_not_watched_is_not_watched_after__j9(r: Journey) -> None:
    cafe = r.it.community.offer_of(r.centre, "community")
    answer = await r.leave(offer=str(cafe.id))
    assert answer.json() == {"person": str(r.person), "watched": False, "contact_by": None}
    await r.it.place.pass_time(timedelta(days=10))
    assert "drifting" not in await r.told()


async def test_leaving_a_crisis_offer_needs_the_person_s_answer_to_where_they_will_sleep__j13(r: Journey) -> None:
    house = r.it.community.offer_of(r.centre, "crisis")
    answer = await r.leave(offer=str(house.id))
    assert (answer.status_code, answer.json()["code"]) == (409, "not-asked-where-to-sleep")
    assert "left-the-building" not in await r.told()
    assert (await r.leave(offer=str(house.id), sleeping="nowhere")).status_code == 201
    assert (await r.told())[-2:] == ["nowhere-to-sleep", "left-the-building"]


async def test_a_promised_date_that_nobody_kept_is_drifting__j9(r: Journey) -> None:
    await r.contact(r.worker, "made", promise={"by": r.at(timedelta(days=2)), "words": "I will ring on Tuesday"})
    assert (await r.told())[-1] == "promised"
    await r.it.place.pass_time(timedelta(days=2, minutes=1))
    events = await r.it.place.journal("pathway", r.person)
    assert events[-1].type == "pathway.drifting"
    assert events[-1].data["promise"] is not None


async def test_a_promise_is_kept_by_contact_made_of_who_promised__j8(r: Journey) -> None:
    await r.contact(r.worker, "made", promise={"by": r.at(timedelta(days=2))})
    await r.contact(r.peer, "made")
    await r.contact(r.worker, "turned-down")
    assert "promise-kept" not in await r.told()
    await r.contact(r.worker, "made", "in-person")
    assert (await r.told())[-2:] == ["contact-made", "promise-kept"]
    await r.it.place.pass_time(timedelta(days=3))
    assert "drifting" not in await r.told()
    newest = (await r.it.get(r.me, f"/v1/people/{r.person}/contacts")).json()["items"][-1]
    assert newest["promise"]["kept_at"] is not None


async def test_a_promise_that_another_s_contact_went_before_is_no_drifting__j9(r: Journey) -> None:
    await r.contact(r.worker, "made", promise={"by": r.at(timedelta(days=2))})
    await r.it.place.pass_time(timedelta(hours=1))
    await r.contact(r.peer, "made")
    await r.it.place.pass_time(timedelta(days=3))
    assert "drifting" not in await r.told()


async def test_a_promise_has_a_date_to_come_and_a_contact_one_that_was__j8(r: Journey) -> None:
    past, future = r.at(timedelta(days=-1)), r.at(timedelta(days=1))
    assert (await r.contact(r.peer, "made", promise={"by": past})).json()["fields"] == ["promise.by"]
    assert (await r.contact(r.peer, "made", happened_at=future)).json()["fields"] == ["happened_at"]


async def test_contacts_are_read_newest_first_by_who_may_see_the_journey__j8(r: Journey) -> None:
    for n in range(5):
        await r.contact(r.peer, "made", note=f"Walk {n}", shown_to_person=True)
    seen, cursor = [], ""
    for _ in range(3):
        page = (await r.it.get(r.me, f"/v1/people/{r.person}/contacts?limit=2{cursor}")).json()
        seen += [each["note"] for each in page["items"]]
        cursor = f"&cursor={page.get('next')}"
    assert seen == [f"Walk {n}" for n in (4, 3, 2, 1, 0)]
    blind = r.it.community.join("council")
    r.it.open(r.person, blind, {Part.PLAN})
    assert (await r.it.get(r.it.member(blind), f"/v1/people/{r.person}/contacts")).status_code == 404


async def test_keeping_a_contact_is_at_most_six_statements(r: Journey) -> None:
    await r.contact(r.worker, "made")
    said: list[str] = []
    r.it.place.watch(lambda prefix, text: said.append(text) if prefix == "pathway" else None)
    answer = await r.it.post(
        r.peer,
        f"/v1/people/{r.person}/contacts",
        {"outcome": "made", "how": "phone", "note": "A walk", "shown_to_person": True},
        headers={"X-Request-ID": str(new_id())},
    )
    assert answer.status_code == 201
    assert len(said) <= 6, said


async def test_a_replayed_request_keeps_one_contact(r: Journey) -> None:
    same = {"X-Request-ID": str(new_id())}
    path = f"/v1/people/{r.person}/contacts"
    async with r.it.place.client(r.peer) as http:
        first, second = [
            (await http.post(path, json={"outcome": "made", "how": "phone"}, headers=same)).json() for _ in range(2)
        ]
    assert first == second
    assert (await r.told()).count("contact-made") == 1
