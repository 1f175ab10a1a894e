"""Taking back: in force when the answer comes, with what left before, and with somebody else leading (C2)."""

from pathlib import Path

import pytest

from shared.clock import monotonic
from shared.decisions import PERMIT_SECONDS, WITHDRAWAL_WAIT_SECONDS
from shared.errors import UnavailableError
from shared.event import Part, Role
from shared.events.consent import ConsentWithdrawn
from shared.ids import new_id
from shared.ports import Act, Standing
from tests.support.consent_place import ConsentPlace, consent_place
from tests.support.place import a_pass


@pytest.fixture
async def here(tmp_path: Path):
    async with consent_place(tmp_path) as made:
        yield made


async def withdrawn(here: ConsentPlace) -> list[ConsentWithdrawn]:
    events = [recorded.event() for recorded in await here.place.journal("consent", here.r)]
    return [event for event in events if isinstance(event, ConsentWithdrawn)]


async def test_a_withdrawal_is_in_force_when_it_answers_and_not_before_permits_have_run_out__c2(here) -> None:
    choice = await here.yes(here.group, Part.PLAN)
    before = monotonic()
    said = await here.withdraw(choice)
    assert monotonic() - before >= WITHDRAWAL_WAIT_SECONDS > PERMIT_SECONDS
    assert (said["state"], said["in_force"]) == ("withdrawn", True)
    assert await here.why(here.member(), Part.PLAN) == "withdrawn"
    assert await here.place.types("consent", here.r) == ["consent.given", "consent.withdrawn"]


async def test_a_no_waits_as_a_withdrawal_does__c2(here: ConsentPlace) -> None:
    await here.yes(here.group, Part.PLAN)
    before = monotonic()
    await here.choose({"organisation": str(here.group)}, permit=False)
    assert monotonic() - before >= WITHDRAWAL_WAIT_SECONDS


async def test_what_left_before_is_listed_plainly__c2(here: ConsentPlace) -> None:
    choice = await here.yes(here.group, Part.PLAN, Part.STORY)
    other = await here.yes(here.house, Part.PLAN)
    peer, system = here.member(), a_pass(Role.SYSTEM, organisation=here.group)
    assert await here.may(peer, Part.PLAN)
    assert await here.may(peer, Part.PLAN)
    assert await here.may(system, Part.STORY, Act.DELIVERY)
    assert await here.may(peer, Part.NAME, Act.WRITE)
    assert not await here.may(peer, Part.JOURNEY)
    assert await here.may(a_pass(Role.PRACTITIONER, organisation=here.house), Part.PLAN)
    said = await here.withdraw(choice)
    lines = {(line["role"], line["part"], line["act"], line["times"]) for line in said["left_before"]}
    assert lines == {("peer-supporter", "plan", "read", 2), ("partner-system", "story", "delivery", 1)}
    assert {line["organisation"] for line in said["left_before"]} == {str(here.group)}
    assert "A peer supporter of Corner Table was let see your plan, 2 times." in [
        line["says"] for line in said["left_before"]
    ]
    assert all(line["first"] <= line["last"] for line in said["left_before"])
    assert said["still_open"] == []
    assert (await here.me.get(f"/v1/choices/{other}")).json()["state"] == "in-force"


async def test_other_choices_that_speak_of_the_same_are_named__c2(here: ConsentPlace) -> None:
    choice = await here.yes(here.group, Part.PLAN)
    wide = (await here.choose({"role": "peer-supporter"}, Part.PLAN)).json()["choice"]
    assert (await here.withdraw(choice))["still_open"] == [wide]
    assert await here.may(here.member(), Part.PLAN)


async def test_withdrawing_again_says_the_same_and_is_one_event__c2(here: ConsentPlace) -> None:
    choice = await here.yes(here.group, Part.PLAN)
    first, second = await here.withdraw(choice), await here.withdraw(choice)
    assert first["withdrawn_at"] == second["withdrawn_at"]
    assert len(await withdrawn(here)) == 1


async def test_when_the_leads_sight_is_taken_back_the_backstop_leads_before_the_answer__c2(here: ConsentPlace) -> None:
    here.pathway.leads[here.r] = here.team
    choice = await here.yes(here.team, Part.PLAN, Part.STORY)
    said = await here.withdraw(choice)
    assert here.pathway.moved == [(here.r, here.team, None, False)]
    assert said["leads_now"] == str(here.pathway.backstop)
    (event,) = await withdrawn(here)
    assert (event.organisation, event.instead) == (here.team, None)


async def test_whom_the_person_names_leads_instead__c2(here: ConsentPlace) -> None:
    here.pathway.leads[here.r] = here.team
    choice = await here.yes(here.team, Part.PLAN)
    said = await here.withdraw(choice, instead=str(here.group), blind=True)
    assert here.pathway.moved == [(here.r, here.team, here.group, True)]
    assert said["leads_now"] == str(here.group)
    (event,) = await withdrawn(here)
    assert event.instead == here.group


@pytest.mark.parametrize("who", ["role", "member", "organisation"])
async def test_it_is_the_leads_sight_however_it_was_given__c2(here: ConsentPlace, who: str) -> None:
    here.pathway.leads[here.r] = here.team
    worker = a_pass(Role.PRACTITIONER, organisation=here.team)
    assert worker.member is not None
    here.community.members[worker.member] = here.team
    named = {"role": "practitioner", "member": str(worker.member), "organisation": str(here.team)}[who]
    choice = (await here.choose({who: named}, Part.JOURNEY)).json()["choice"]
    assert await here.may(worker, Part.JOURNEY)
    await here.withdraw(choice)
    assert here.pathway.moved == [(here.r, here.team, None, False)]


async def test_a_no_to_the_lead_lets_another_lead_too__c2(here: ConsentPlace) -> None:
    here.pathway.leads[here.r] = here.team
    await here.yes(here.team, Part.PLAN)
    response = await here.choose({"organisation": str(here.team)}, permit=False, instead=str(here.house))
    assert response.json()["leads_now"] == str(here.house)


async def test_a_lead_that_still_sees_something_still_leads__c2(here: ConsentPlace) -> None:
    here.pathway.leads[here.r] = here.team
    plan = await here.yes(here.team, Part.PLAN)
    await here.yes(here.team, Part.JOURNEY)
    assert (await here.withdraw(plan))["leads_now"] == str(here.team)
    (event,) = await withdrawn(here)
    assert event.organisation is None


async def test_who_only_stands_beside_stays_beside__j6(here: ConsentPlace) -> None:
    here.pathway.leads[here.r] = here.team
    here.beside(here.group, Standing.ALONGSIDE)
    await here.withdraw(await here.yes(here.group, Part.PLAN))
    assert here.pathway.moved == []
    assert await here.may(here.member(), Part.NAME, Act.WRITE)


@pytest.mark.parametrize("standing", [Standing.OWES_THE_WAY_BACK, Standing.LED_BEFORE, Standing.LINKED])
async def test_who_might_come_to_lead_again_may_not_after_it_lost_sight__c2_j7(
    here: ConsentPlace, standing: Standing
) -> None:
    here.pathway.leads[here.r] = here.team
    here.beside(here.house, standing)
    await here.withdraw(await here.yes(here.house, Part.PLAN))
    assert [moved[:2] for moved in here.pathway.moved] == [(here.r, here.house)]


async def test_when_another_can_not_lead_at_once_it_is_done_as_soon_as_it_can__c2(here: ConsentPlace) -> None:
    here.pathway.leads[here.r] = here.team
    choice = await here.yes(here.team, Part.PLAN, Part.CONTACT)
    here.pathway.fails.append(UnavailableError())
    said = await here.withdraw(choice)
    assert said["in_force"]
    assert "still to lead" in said["says"]
    worker = a_pass(Role.PRACTITIONER, organisation=here.team)
    assert not await here.may(worker, Part.PLAN)
    assert not await here.may(worker, Part.CONTACT)
    assert here.pathway.leads[here.r] == here.team
    await here.place.settle()
    assert here.pathway.leads[here.r] == here.pathway.backstop
    here.pathway.leads[here.r] = here.team
    await here.withdraw(choice)
    assert here.pathway.leads[here.r] == here.team


async def test_taking_a_no_back_opens_nothing_by_itself__c3(here: ConsentPlace) -> None:
    await here.yes(here.group, Part.PLAN)
    no = (await here.choose({"organisation": str(here.group)}, permit=False)).json()["choice"]
    said = await here.withdraw(no)
    assert "in_force" not in said
    assert not await here.may(here.member(), Part.PLAN)


async def test_nobody_takes_back_a_choice_that_is_not_theirs__c8(here: ConsentPlace) -> None:
    assert (await here.me.post(f"/v1/choices/{new_id()}/withdrawal", json={})).status_code == 404
