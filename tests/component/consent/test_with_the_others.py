"""Consent beside the real community, intake and pathway: another leads before the answer; names; crisis offers."""

from pathlib import Path
from uuid import UUID

import pytest

from shared.event import Part, Role
from shared.events.pathway import LeadChanged, LeadWhy
from tests.support.place import a_pass, person_pass
from tests.support.whole_place import WholePlace, whole_place


@pytest.fixture
async def here(tmp_path: Path):
    async with whole_place(tmp_path) as made:
        yield made


async def led_by_the_house(here: WholePlace) -> UUID:
    """Have somebody arrive at the crisis house, which leads when it has said so."""
    came = await here.house.http.post("/v1/arrivals", json={"called": "Q", "chosen_holder": str(here.house.id)})
    assert came.status_code == 201, came.text
    person = UUID(came.json()["person"])
    await here.place.settle()
    named = {"named": str(here.house.by.member)}
    said = await here.house.http.post(f"/v1/people/{person}/lead/acknowledgement", json=named)
    assert said.status_code < 300, said.text
    await here.place.settle()
    return person


async def test_the_leads_sight_taken_back_lets_the_backstop_lead_before_the_answer__c2_j2(here: WholePlace) -> None:
    person = await led_by_the_house(here)
    me = here.place.client(person_pass(person))
    body = {"who": {"organisation": str(here.house.id)}, "what": ["story", "journey"], "permit": True}
    choice = (await me.post(f"/v1/people/{person}/choices", json=body)).json()["choice"]
    assert (await here.house.http.get(f"/v1/people/{person}/stories")).status_code == 200
    said = (await me.post(f"/v1/choices/{choice}/withdrawal", json={})).json()
    assert said["leads_now"] == str(here.backstop.id)
    assert said["left_before"][0]["says"].startswith("A practitioner of The Willows was let see your story")
    changes = [each.event() for each in await here.place.journal("pathway", person)]
    last = [each for each in changes if isinstance(each, LeadChanged)][-1]
    assert (last.was, last.now, last.why) == (here.house.id, here.backstop.id, LeadWhy.ACCESS_WITHDRAWN)
    before = len(changes)
    await here.place.settle()
    leads = [each for each in await here.place.types("pathway", person) if each == "pathway.lead-changed"]
    assert len(leads) == len([each for each in changes if isinstance(each, LeadChanged)])
    assert before > 0
    assert (await here.house.http.get(f"/v1/people/{person}")).status_code == 404
    reach = await here.backstop.http.get(f"/v1/people/{person}/reach")
    assert reach.status_code == 200
    assert (await here.backstop.http.get(f"/v1/people/{person}/stories")).status_code == 404


async def test_the_backstop_itself_goes_on_blind__c2(here: WholePlace) -> None:
    choice = await here.yes(here.backstop.id, Part.STORY, Part.CONTACT)
    said = await here.withdraw(choice)
    assert said["leads_now"] == str(here.backstop.id)
    assert (await here.backstop.http.get(f"/v1/people/{here.r}/stories")).status_code == 404
    assert (await here.backstop.http.get(f"/v1/people/{here.r}/reach")).status_code == 200


async def test_a_return_never_goes_back_to_a_last_lead_whose_sight_was_taken_back__j7_c2(here: WholePlace) -> None:
    person = await led_by_the_house(here)
    me = here.place.client(person_pass(person))
    body = {"who": {"organisation": str(here.house.id)}, "what": ["journey"], "permit": True}
    choice = (await me.post(f"/v1/people/{person}/choices", json=body)).json()["choice"]
    assert (await me.post(f"/v1/people/{person}/leave-me-be", json={})).status_code == 200
    await me.post(f"/v1/choices/{choice}/withdrawal", json={})
    back = (await me.post("/v1/returns", json={})).json()
    assert (back["lead"], back["chosen"]) == (str(here.backstop.id), None)
    said = await here.house.http.post(f"/v1/people/{person}/lead/acknowledgement", json={})
    assert said.status_code in {404, 409}


async def test_a_hidden_contact_is_never_rung_and_vouches_for_nobody__s6(here: WholePlace) -> None:
    ringed = {"called": "The group", "organisation": str(here.group.id), "if_quiet": True}
    assert (await here.me.post(f"/v1/people/{here.r}/circle", json=ringed)).status_code == 201
    assert (await here.me.post(f"/v1/people/{here.r}/alongside", json={"organisation": str(here.group.id)})).is_success
    intake = here.place.system.kit.ports.intake
    assert (await intake.watchers(here.r)).organisations == (here.group.id,)
    hide = {"who": {"organisation": str(here.group.id)}, "permit": False, "hide": True}
    assert (await here.me.post(f"/v1/people/{here.r}/choices", json=hide)).status_code == 201
    assert (await intake.watchers(here.r)).organisations == ()
    vouched = await here.group.http.post("/v1/arrivals", json={"called": "R", "recognise": {"person": str(here.r)}})
    assert (vouched.status_code, vouched.json()["person"] == str(here.r)) == (201, False)


async def test_an_offer_opened_at_crisis_makes_its_organisation_a_crisis_service__c1(here: WholePlace) -> None:
    wide = {"who": {"any_crisis_service": True}, "what": ["story"], "permit": True}
    assert (await here.me.post(f"/v1/people/{here.r}/choices", json=wide)).status_code == 201
    path = f"/v1/people/{here.r}/stories"
    assert (await here.house.http.get(path)).status_code == 404
    offer = {"name": "Beds", "says": "A bed for a week.", "intensity": "crisis", "needs": ["clinical"]}
    made = await here.house.http.post("/v1/offers", json=offer)
    assert made.status_code == 201, made.text
    await here.place.settle()
    assert (await here.house.http.get(path)).status_code == 200
    assert (await here.group.http.get(path)).status_code == 404


async def test_a_choice_for_nobody_that_there_is_is_turned_back__c1(here: WholePlace) -> None:
    body = {"who": {"organisation": str(here.r)}, "what": ["story"], "permit": True}
    said = await here.me.post(f"/v1/people/{here.r}/choices", json=body)
    assert (said.status_code, said.json()["fields"]) == (422, ["who.organisation"])


async def test_a_steward_sees_no_story_and_writes_no_choice(here: WholePlace) -> None:
    steward = here.place.client(a_pass(Role.STEWARD))
    assert (await steward.get(f"/v1/people/{here.r}/stories")).status_code in {403, 404}
    body = {"who": {"organisation": str(here.house.id)}, "what": ["story"], "permit": True}
    assert (await steward.post(f"/v1/people/{here.r}/choices", json=body)).status_code == 403
