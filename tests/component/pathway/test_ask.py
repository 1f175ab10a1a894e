"""I need more, over HTTP (J12)."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.pathway.working_days import after_working_days
from shared.event import Role
from tests.support.pathway_place import PathwayPlace, a_pathway


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[PathwayPlace]:
    async with a_pathway(tmp_path / "place") as place:
        yield place


async def test_the_person_asks_for_more_in_one_act_with_no_words_at_all__j12(it: PathwayPlace) -> None:
    person = it.arrive()
    before = it.place.clock.now()
    answer = await it.post(it.of(person), f"/v1/people/{person}/asks")
    assert answer.status_code == 201
    by = datetime.fromisoformat(answer.json()["answer_by"])
    assert after_working_days(before, 1) <= by <= after_working_days(it.place.clock.now(), 1)
    assert (await it.told(person))[-1] == "asked-for-more"


async def test_at_crisis_the_clock_is_four_hours__j12(it: PathwayPlace) -> None:
    team = it.community.join("community-team")
    person = it.arrive(chosen=team)
    worker = it.supporter(person, team)
    await it.post(worker, f"/v1/people/{person}/lead/acknowledgement")
    await it.post(worker, f"/v1/people/{person}/steps", {"to": "crisis"})
    before = it.place.clock.now()
    answer = await it.post(it.of(person), f"/v1/people/{person}/asks", {"words": "I can't do tonight alone."})
    by = datetime.fromisoformat(answer.json()["answer_by"])
    assert timedelta(hours=4) <= by - before <= timedelta(hours=4, minutes=1)


async def test_a_supporter_whom_the_person_chose_asks_for_them_and_no_other__j12(it: PathwayPlace) -> None:
    person, group = it.arrive(), it.community.join("peer-group")
    peer = it.supporter(person, group, Role.PEER_SUPPORTER)
    answer = await it.post(peer, f"/v1/people/{person}/asks")
    assert (answer.status_code, answer.json()["code"]) == (403, "not-their-supporter")
    it.intake.rung[person] = (group,)
    assert (await it.post(peer, f"/v1/people/{person}/asks")).status_code == 201


async def test_contact_made_does_not_answer_an_ask_and_silence_climbs__j12(it: PathwayPlace) -> None:
    person, group = it.arrive(), it.community.join("peer-group")
    peer = it.supporter(person, group, Role.PEER_SUPPORTER)
    await it.post(it.of(person), f"/v1/people/{person}/asks")
    await it.post(peer, f"/v1/people/{person}/contacts", {"outcome": "made", "how": "phone"})
    await it.place.pass_time(timedelta(days=6))
    told = await it.told(person)
    assert told.count("ask-unanswered") == 1
    assert "ask-answered" not in told
    shown = (await it.get(it.of(person), f"/v1/people/{person}/asks")).json()["items"]
    assert [each["state"] for each in shown] == ["unanswered"]


async def test_a_welcome_answers_the_ask_and_stops_its_clock__j12(it: PathwayPlace) -> None:
    person, group, house = it.arrive(), it.community.join("peer-group"), it.community.join("crisis-house")
    peer, host = it.supporter(person, group, Role.PEER_SUPPORTER), it.supporter(person, house)
    it.intake.rung[person] = (group,)
    await it.post(it.of(person), f"/v1/people/{person}/asks")
    offer = it.community.offer_of(house, "crisis")
    link = (await it.post(peer, f"/v1/people/{person}/links", {"offer": str(offer.id), "leads": True})).json()["link"]
    assert "ask-answered" not in await it.told(person)
    await it.post(host, f"/v1/links/{link}/welcome")
    assert "ask-answered" in await it.told(person)
    await it.place.pass_time(timedelta(days=6))
    assert "ask-unanswered" not in await it.told(person)
    shown = (await it.get(it.of(person), f"/v1/people/{person}/asks")).json()["items"]
    assert [(each["state"], each["link"]) for each in shown] == [("answered", link)]


async def test_somebody_who_asks_while_nobody_leads_is_held_again__j12_j7(it: PathwayPlace) -> None:
    person = it.arrive()
    await it.post(it.of(person), f"/v1/people/{person}/leave-me-be")
    assert await it.lead(person) is None
    answer = await it.post(it.of(person), f"/v1/people/{person}/asks")
    assert answer.json()["lead"] == str(it.community.the_backstop)
    assert await it.lead(person) == it.community.the_backstop


async def test_asked_and_unanswered_is_published_with_small_numbers_as_stars__j12_e1(it: PathwayPlace) -> None:
    people = [it.arrive() for _ in range(7)]
    for person in people:
        await it.post(it.of(person), f"/v1/people/{person}/asks")
    async with it.place.client() as anyone:
        figure = (await anyone.get("/v1/figures/asks")).json()
    assert (figure["asked"], figure["unanswered"]) == ("5", "*")
    await it.place.pass_time(timedelta(days=6))
    async with it.place.client() as anyone:
        assert (await anyone.get("/v1/figures/asks")).json()["unanswered"] == "5"
