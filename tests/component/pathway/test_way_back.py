"""The way back, and a lead that lost its access, over HTTP and through pathway's port (J7, C2)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.events.consent import ConsentWithdrawn
from shared.ids import new_id
from shared.passes import Origin
from shared.ports import Standing
from tests.support.foreign import Foreign
from tests.support.pathway_person import R
from tests.support.pathway_place import PathwayPlace, a_pathway


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[PathwayPlace]:
    async with a_pathway(tmp_path / "place") as place:
        yield place


@pytest.fixture
async def r(it: PathwayPlace) -> R:
    return await R(it).held()


def port(it: PathwayPlace):
    return it.place.system.running["pathway"].port


def origin(r: R) -> Origin:
    return Origin(r.me, new_id())


async def test_a_return_is_held_before_the_answer_by_the_backstop_with_the_last_holder_chosen__j7(
    it: PathwayPlace,
) -> None:
    r = await R(it).independent()
    await it.place.pass_time(timedelta(days=120))
    answer = await it.post(r.me, "/v1/returns")
    assert (answer.status_code, answer.json()["state"]) == (201, "held-not-met")
    assert (answer.json()["lead"], answer.json()["chosen"]) == (str(it.community.the_backstop), str(r.team))
    assert (await r.told())[-3:] == ["lead-changed", "returned", "holder-chosen"]
    await r.ok(r.post(r.worker, "lead/acknowledgement"))
    assert await r.lead() == r.team


async def test_a_return_needs_no_form_and_leaves_the_plan_as_it_was__j7(it: PathwayPlace) -> None:
    r = await R(it).independent()
    before = (await it.get(r.me, f"/v1/people/{r.person}/plan")).json()
    shown = (await it.get(r.me, f"/v1/people/{r.person}/lead")).json()
    await r.ok(it.post(r.me, "/v1/returns"))
    assert (await it.get(r.me, f"/v1/people/{r.person}/plan")).json() == before
    assert (await it.get(r.me, f"/v1/people/{r.person}/lead")).json()["alongside"] == shown["alongside"]


async def test_who_brings_somebody_back_is_told_who_leads_only_as_far_as_they_may_see__c4(it: PathwayPlace) -> None:
    r = await R(it).independent()
    it.open(r.person, r.peer.organisation, ())
    told = (await r.ok(it.post(r.peer, "/v1/returns", {"person": str(r.person)}))).json()
    assert told == {"person": str(r.person), "state": None, "lead": None, "chosen": None}
    assert await r.lead() == it.community.the_backstop


@pytest.mark.parametrize("way", ["leave-me-be", "quietly-held", "moves"])
async def test_somebody_returns_from_every_way_out__j7(r: R, way: str) -> None:
    if way == "quietly-held":
        await r.ladder()
        for by in (r.worker, r.peer):
            await r.ok(r.post(by, way))
    elif way == "moves":
        move = (await r.ok(r.post(r.me, way, {"new_place": "Leeds"}))).json()["move"]
        await r.ok(r.post(r.me, f"moves/{move}/met"))
    else:
        await r.ok(r.post(r.me, way))
    answer = (await r.ok(r.it.post(r.me, "/v1/returns"))).json()
    assert (answer["lead"], answer["chosen"]) == (str(r.it.community.the_backstop), str(r.team))
    assert (await r.told()).count("returned") == 1
    assert await port(r.it).told(r.person)


async def test_who_returns_chooses_who_is_to_hold_them__j7(it: PathwayPlace) -> None:
    r = await R(it).independent()
    house = it.community.join("crisis-house")
    answer = (await r.ok(it.post(r.me, "/v1/returns", {"chosen_holder": str(house)}))).json()
    assert answer["chosen"] == str(house)
    assert (await r.post(r.worker, "lead/acknowledgement")).json()["code"] == "not-chosen"


async def test_nobody_is_turned_away_because_of_whom_they_chose__j7(it: PathwayPlace) -> None:
    r = await R(it).independent()
    answer = (await r.ok(it.post(r.me, "/v1/returns", {"chosen_holder": str(new_id())}))).json()
    assert (answer["lead"], answer["chosen"]) == (str(it.community.the_backstop), str(r.team))


async def test_a_supporter_who_owes_the_way_back_brings_somebody_back__j7(it: PathwayPlace) -> None:
    r = await R(it).independent()
    assert await port(it).standing(r.team, r.person) == {Standing.OWES_THE_WAY_BACK}
    assert (await it.post(r.peer, "/v1/returns", {"person": str(r.person)})).status_code == 201
    stranger = it.member(it.community.join("council"))
    assert (await it.post(stranger, "/v1/returns", {"person": str(r.person)})).status_code == 404


async def test_a_mind_changed_within_72_hours_takes_the_way_out_back_whole__j4_j7(it: PathwayPlace) -> None:
    for hours, stays in ((71, "enhanced"), (73, "community")):
        r = await R(it).held()
        await r.plan()
        await r.ok(r.post(r.worker, "steps", {"to": "enhanced"}))
        await r.ok(r.agree())
        await r.ok(r.let_go())
        await it.place.pass_time(timedelta(hours=hours))
        await r.ok(it.post(r.me, "/v1/returns"))
        assert (await it.get(r.me, f"/v1/people/{r.person}/lead")).json()["intensity"] == stays


async def test_arriving_again_while_held_never_adds_a_second_lead__j7(r: R) -> None:
    house, before = r.it.community.join("crisis-house"), await r.told()
    await asyncio.gather(*(port(r.it).arrive_again(r.person, house, origin(r)) for _ in range(20)))
    assert await r.lead() == r.team
    assert await r.told() == before


async def test_arriving_again_while_only_the_backstop_leads_says_who_may_acknowledge__j7_j2a(
    it: PathwayPlace,
) -> None:
    r = R(it)
    centre = it.community.join("assessment-centre")
    await port(it).arrive_again(r.person, centre, origin(r))
    assert await it.lead(r.person) == it.community.the_backstop
    await r.ok(r.post(it.supporter(r.person, centre), "lead/acknowledgement"))
    assert await it.lead(r.person) == centre


async def test_many_returns_at_once_are_one_return__j7(it: PathwayPlace) -> None:
    r = await R(it).independent()
    await asyncio.gather(*(it.post(r.me, "/v1/returns") for _ in range(20)))
    told = await r.told()
    assert told.count("returned") == 1
    assert await r.lead() == it.community.the_backstop


async def test_when_the_lead_loses_its_access_the_backstop_leads_in_the_same_transaction__c2(r: R) -> None:
    await port(r.it).lead_lost_sight(r.person, r.team, None, origin(r), blind=True)
    shown = (await r.it.get(r.me, f"/v1/people/{r.person}/lead")).json()
    assert (shown["lead"], shown["blind"]) == (str(r.it.community.the_backstop), True)
    last = (await r.it.place.journal("pathway", r.person))[-1]
    assert (last.data["why"], last.data["was"]) == ("access-withdrawn", str(r.team))
    before = await r.told()
    await port(r.it).lead_lost_sight(r.person, r.team, None, origin(r))
    assert await r.told() == before


async def test_whom_the_person_names_leads_instead__c2(r: R) -> None:
    house = r.it.community.join("crisis-house")
    await port(r.it).lead_lost_sight(r.person, r.team, house, origin(r))
    assert await r.lead() == house


async def test_the_backstop_that_loses_its_access_goes_on_blind__c2(it: PathwayPlace) -> None:
    r = R(it)
    await port(it).lead_lost_sight(r.person, it.community.the_backstop, None, origin(r))
    shown = (await it.get(r.me, f"/v1/people/{r.person}/lead")).json()
    assert (shown["lead"], shown["blind"]) == (str(it.community.the_backstop), True)


async def test_a_withdrawal_whose_call_was_lost_is_made_good_by_its_event__c2(r: R) -> None:
    foreign = Foreign(r.it.place)
    withdrawn = ConsentWithdrawn(subject=r.person, choice=new_id(), organisation=r.team, instead=None)
    await foreign.say(withdrawn, again=True)
    assert await r.lead() == r.it.community.the_backstop
    assert (await r.told()).count("lead-changed") == 3


async def test_an_old_withdrawal_does_not_undo_the_person_s_later_word__c2(r: R) -> None:
    asked_before = r.it.place.clock.now() - timedelta(days=1)
    withdrawn = ConsentWithdrawn(subject=r.person, choice=new_id(), organisation=r.team, instead=None)
    await Foreign(r.it.place).say(withdrawn, at=asked_before)
    assert await r.lead() == r.team


async def test_a_choice_that_leaves_the_lead_some_sight_changes_no_lead__c2(r: R) -> None:
    withdrawn = ConsentWithdrawn(subject=r.person, choice=new_id(), organisation=None, instead=None)
    await Foreign(r.it.place).say(withdrawn)
    assert await r.lead() == r.team


async def test_whoever_lost_sight_owes_no_way_back_and_may_not_lead_again__c2_j3(it: PathwayPlace) -> None:
    r = await R(it).independent()
    await port(it).lead_lost_sight(r.person, r.team, None, origin(r))
    answer = (await r.ok(it.post(r.me, "/v1/returns"))).json()
    assert (answer["lead"], answer["chosen"]) == (str(it.community.the_backstop), None)
