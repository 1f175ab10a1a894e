"""What a supporter can't do to somebody's circle, and what vouching for somebody does not tell (J9, P3, C4)."""

from datetime import timedelta
from uuid import UUID

import pytest

from shared.event import Part, Role
from shared.ids import new_id
from tests.support.intake_doubles import an_intake
from tests.support.place import a_pass


@pytest.fixture
async def place(tmp_path):
    async with an_intake(tmp_path) as made:
        yield made


async def test_nobody_else_empties_the_list_of_whom_to_ring__j9(place):
    person = await place.arrive(ring_if_quiet=[{"called": "Mum"}, {"called": "Sam"}])
    ringing = f"/v1/people/{person}/circle/ringing"
    mum, sam = (await place.port.watchers(person)).people
    by = a_pass(Role.PRACTITIONER, organisation=place.community.join())
    place.consent.open(person, by.organisation, Part.NAME)
    async with place.place.client(by) as them:
        assert (await them.put(ringing, json={"entries": []})).status_code == 404, "the circle is not theirs to see"
        place.consent.open(person, by.organisation, Part.CIRCLE)
        turned_back = await them.put(ringing, json={"entries": [str(sam)]})
        assert (turned_back.status_code, turned_back.json()["code"]) == (409, "not-yours-to-remove")
        body = {"called": "Us", "if_quiet": True}
        own = (await them.post(f"/v1/people/{person}/circle", json=body)).json()["entry"]
        assert (await them.put(ringing, json={"entries": [str(sam), str(mum)]})).status_code == 204
        assert own not in [str(each) for each in (await place.port.watchers(person)).people]
    assert (await place.port.watchers(person)).people == (sam, mum)
    assert (await place.of(person).put(ringing, json={"entries": []})).status_code == 204
    assert (await place.port.watchers(person)).people == ()


async def test_an_organisation_that_puts_itself_on_the_list_later_is_rung_and_not_of_their_choosing__p3(place):
    first, later, named = (place.community.join() for _ in range(3))
    async with place.client(Role.PEER_SUPPORTER, first) as door:
        ring = [{"called": "Us", "organisation": str(first)}]
        came = (await door.post("/v1/arrivals", json={"called": "R", "ring_if_quiet": ring})).json()["person"]
    await place.place.pass_time(timedelta(minutes=1))
    by = a_pass(Role.PEER_SUPPORTER, organisation=later)
    place.consent.open(UUID(came), later, Part.NAME)
    async with place.place.client(by) as them:
        for organisation in (later, named):
            body = {"called": "A group", "organisation": str(organisation), "if_quiet": True}
            assert (await them.post(f"/v1/people/{came}/circle", json=body)).status_code == 201
    watched = await place.port.watchers(UUID(came))
    assert watched.organisations == (first, later, named)
    assert watched.chosen == {first, named}


@pytest.mark.parametrize("sees", [True, False])
async def test_vouching_for_somebody_does_not_tell_who_leads_them__c4(place, sees):
    person = await place.arrive()
    place.pathway.leads[person] = new_id()
    by = a_pass(Role.PRACTITIONER, organisation=place.community.join())
    place.consent.open(person, by.organisation, *([Part.JOURNEY] if sees else []))
    async with place.place.client(by) as them:
        body = {"called": "R", "recognise": {"person": str(person)}}
        told = (await them.post("/v1/arrivals", json=body)).json()
    assert told["person"] == str(person)
    lead = str(place.pathway.leads[person]) if sees else None
    assert (told["lead"], told["read_by"]["organisation"], told["read_by"]["code"]) == (lead, lead, "lead")
