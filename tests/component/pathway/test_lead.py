"""Who leads, over HTTP: the backstop first, acknowledging, handing back, walking alongside (J2a–J2d)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.event import Part, Role
from shared.events.community import BackstopSet, Ending, MemberLeft, OrganisationGoesOn, OrganisationStopped
from shared.events.intake import Arrived, Door
from shared.ids import new_id
from shared.ports import Standing
from tests.support.foreign import Foreign
from tests.support.pathway_place import PathwayPlace, a_pathway


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[PathwayPlace]:
    async with a_pathway(tmp_path / "place") as place:
        yield place


async def test_the_backstop_leads_from_the_first_write_until_the_chosen_holder_acknowledges__j2a(it) -> None:
    team = it.community.join("community-team")
    person = it.arrive(chosen=team)
    worker = it.supporter(person, team)
    assert await it.lead(person) == it.community.the_backstop
    answer = await it.post(worker, f"/v1/people/{person}/lead/acknowledgement")
    assert answer.status_code == 200
    assert answer.json() == {
        "person": str(person),
        "lead": str(team),
        "named": str(worker.member),
        "deputy": None,
    }
    assert await it.lead(person) == team
    assert await it.told(person) == ["lead-changed", "holder-chosen", "lead-changed"]


async def test_an_arrival_heard_twice_or_after_a_command_makes_one_hold__j2a(it) -> None:
    team = it.community.join("community-team")
    person = it.arrive(chosen=team)
    await it.post(it.supporter(person, team), f"/v1/people/{person}/lead/acknowledgement")
    arrived = Arrived(
        subject=person,
        arrival=new_id(),
        door=Door.GP,
        at_organisation=None,
        lead=it.community.the_backstop,
        chosen=None,
    )
    await Foreign(it.place).say(arrived, again=True)
    assert await it.lead(person) == team
    assert (await it.told(person)).count("lead-changed") == 2


async def test_an_arrival_of_somebody_new_makes_the_hold_with_the_lead_it_was_written_with__j2a(it) -> None:
    person, team = new_id(), it.community.join("community-team")
    arrived = Arrived(
        subject=person,
        arrival=new_id(),
        door=Door.PEER,
        at_organisation=team,
        lead=it.community.the_backstop,
        chosen=team,
    )
    await Foreign(it.place).say(arrived, again=True)
    assert await it.told(person) == ["lead-changed", "holder-chosen"]
    assert await it.lead(person) == it.community.the_backstop
    port = it.place.system.running["pathway"].port
    assert await port.standing(team, person) == {Standing.CHOSEN}


async def test_whoever_was_not_chosen_can_not_acknowledge__j2a(it) -> None:
    person = it.arrive(chosen=it.community.join("community-team"))
    other = it.supporter(person, it.community.join("council"))
    answer = await it.post(other, f"/v1/people/{person}/lead/acknowledgement")
    assert (answer.status_code, answer.json()["code"]) == (409, "not-chosen")
    assert await it.lead(person) == it.community.the_backstop


async def test_a_stranger_gets_the_answer_of_somebody_who_does_not_exist__c4(it) -> None:
    person, stranger = it.arrive(), it.member(it.community.join("council"))
    for path in ("lead", "timeline", "contacts", "asks", "independence"):
        here = await it.get(stranger, f"/v1/people/{person}/{path}")
        nowhere = await it.get(stranger, f"/v1/people/{new_id()}/{path}")
        assert here.status_code == nowhere.status_code == 404
        assert here.content == nowhere.content


async def test_held_but_not_met_is_never_shown_as_held__j2b(it) -> None:
    team = it.community.join("community-team")
    person = it.arrive(chosen=team)
    worker = it.supporter(person, team)
    await it.post(worker, f"/v1/people/{person}/lead/acknowledgement")
    assert (await it.get(it.of(person), f"/v1/people/{person}/lead")).json()["state"] == "held-not-met"
    await it.post(worker, f"/v1/people/{person}/contacts", {"outcome": "made", "how": "phone"})
    assert (await it.get(it.of(person), f"/v1/people/{person}/lead")).json()["state"] == "held"


async def test_held_but_not_met_raises_an_alarm_in_time_and_a_meeting_stops_it__j2b(it) -> None:
    team = it.community.join("community-team")
    person, met = it.arrive(chosen=team), it.arrive(chosen=team)
    for each in (person, met):
        worker = it.supporter(each, team)
        await it.post(worker, f"/v1/people/{each}/lead/acknowledgement")
    await it.post(worker, f"/v1/people/{met}/contacts", {"outcome": "made", "how": "in-person"})
    await it.place.pass_time(timedelta(hours=3, minutes=59))
    assert "not-met-alarmed" not in await it.told(person)
    await it.place.pass_time(timedelta(minutes=2))
    assert "not-met-alarmed" in await it.told(person)
    assert "not-met-alarmed" not in await it.told(met)
    led = (await it.get(worker, f"/v1/organisations/{team}/holding")).json()
    assert {each["person"]: each["alarmed"] for each in led["items"]} == {str(person): True, str(met): False}


async def test_people_held_per_named_person_has_a_limit__j2b(it) -> None:
    rules = replace(it.community.rulebook(), holds_per_member=1)
    it.community.rulebook = lambda: rules
    team = it.community.join("community-team")
    first, second = it.arrive(chosen=team), it.arrive(chosen=team)
    worker = it.supporter(first, team)
    it.open(second, team)
    assert (await it.post(worker, f"/v1/people/{first}/lead/acknowledgement")).status_code == 200
    answer = await it.post(worker, f"/v1/people/{second}/lead/acknowledgement")
    assert (answer.status_code, answer.json()["code"]) == (409, "too-many-held")
    assert await it.lead(second) == it.community.the_backstop
    figures = (await it.get(worker, f"/v1/organisations/{team}/holding")).json()["per_member"]
    assert figures == [{"member": str(worker.member), "people": 1, "met": 0, "most": 1, "over": False}]


async def test_the_list_of_whom_one_leads_is_one_s_own_and_pages_without_a_total__j2b(it) -> None:
    team = it.community.join("community-team")
    people = [it.arrive(chosen=team) for _ in range(3)]
    for person in people:
        worker = it.supporter(person, team)
        await it.post(worker, f"/v1/people/{person}/lead/acknowledgement")
    seen, path = [], f"/v1/organisations/{team}/holding?limit=2"
    first = (await it.get(worker, path)).json()
    seen += first["items"]
    second = (await it.get(worker, f"{path}&cursor={first['next']}")).json()
    seen += second["items"]
    assert {each["person"] for each in seen} == {str(person) for person in people}
    assert "next" not in second
    assert (await it.get(it.member(it.community.join()), path)).status_code == 404


async def test_the_named_person_s_deputy_then_the_person_on_duty_hold_when_they_leave__j2b(it) -> None:
    team = it.community.join("community-team")
    person = it.arrive(chosen=team)
    worker, deputy = it.supporter(person, team), it.member(team)
    body = {"named": str(worker.member), "deputy": str(deputy.member)}
    await it.post(worker, f"/v1/people/{person}/lead/acknowledgement", body)
    foreign = Foreign(it.place)
    for gone, named in ((worker, deputy.member), (deputy, None)):
        assert gone.member is not None
        await foreign.say(MemberLeft(subject=team, member=gone.member, on_duty=None), again=True)
        shown = (await it.get(it.of(person), f"/v1/people/{person}/lead")).json()
        assert (shown["lead"], shown["named"]) == (str(team), str(named) if named else None)


async def test_held_by_nobody_by_name_is_held_but_not_met_and_alarmed_until_somebody_says_so__j2b(it) -> None:
    team = it.community.join("community-team")
    person = it.arrive(chosen=team)
    worker, other = it.supporter(person, team), it.member(team)
    where = f"/v1/people/{person}"
    await it.post(worker, f"{where}/lead/acknowledgement")
    await it.post(worker, f"{where}/contacts", {"outcome": "made", "how": "phone"})
    assert (await it.get(it.of(person), f"{where}/lead")).json()["state"] == "held"
    await Foreign(it.place).say(MemberLeft(subject=team, member=worker.member, on_duty=None), again=True)
    shown = (await it.get(it.of(person), f"{where}/lead")).json()
    assert (shown["lead"], shown["named"], shown["state"]) == (str(team), None, "held-not-met")
    await it.place.pass_time(timedelta(hours=5))
    assert (await it.told(person))[-1] == "not-met-alarmed"
    await it.post(other, f"{where}/lead/acknowledgement")
    await it.post(other, f"{where}/contacts", {"outcome": "made", "how": "phone"})
    assert (await it.get(it.of(person), f"{where}/lead")).json()["state"] == "held"


async def test_a_named_person_has_to_be_a_member_of_the_organisation__j2(it) -> None:
    team = it.community.join("community-team")
    person = it.arrive(chosen=team)
    worker = it.supporter(person, team)
    body = {"named": str(it.member(it.community.join()).member)}
    answer = await it.post(worker, f"/v1/people/{person}/lead/acknowledgement", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "not-a-member")


async def test_an_unfunded_group_puts_a_hold_down_in_one_act_and_stays_alongside__j2d(it) -> None:
    group = it.community.join("peer-group")
    person = it.arrive(chosen=group)
    peer = it.supporter(person, group, Role.PEER_SUPPORTER)
    await it.post(peer, f"/v1/people/{person}/lead/acknowledgement")
    assert await it.lead(person) == group
    answer = await it.post(peer, f"/v1/people/{person}/lead/hand-back")
    assert (answer.status_code, answer.json()["lead"]) == (200, str(it.community.the_backstop))
    shown = (await it.get(it.of(person), f"/v1/people/{person}/lead")).json()
    assert shown["alongside"] == [str(group)]


async def test_a_funded_organisation_may_not_put_a_hold_down__j2d(it) -> None:
    team = it.community.join("community-team")
    person = it.arrive(chosen=team)
    worker = it.supporter(person, team)
    await it.post(worker, f"/v1/people/{person}/lead/acknowledgement")
    answer = await it.post(worker, f"/v1/people/{person}/lead/hand-back")
    assert (answer.status_code, answer.json()["code"]) == (409, "funded-may-not")
    assert await it.lead(person) == team


async def test_the_backstop_takes_everyone_from_a_stopped_organisation_in_one_transaction__j2a(it) -> None:
    team, other = it.community.join("community-team"), it.community.join("crisis-house")
    people = [it.arrive(chosen=team) for _ in range(40)]
    bystander = it.arrive(chosen=other)
    for person in people:
        await it.post(it.supporter(person, team), f"/v1/people/{person}/lead/acknowledgement")
    await it.post(it.supporter(bystander, other), f"/v1/people/{bystander}/lead/acknowledgement")
    stopped = OrganisationStopped(subject=team, how=Ending.ENDED, backstop=it.community.the_backstop)
    await Foreign(it.place).say(stopped, again=True)
    assert {await it.lead(person) for person in people} == {it.community.the_backstop}
    assert await it.lead(bystander) == other
    last = [(await it.place.journal("pathway", person))[-1] for person in people]
    assert {event.data["why"] for event in last} == {"holder-ended"}
    assert len({event.time for event in last}) == 1, "one transaction has one instant"


async def test_nobody_comes_to_a_stopped_organisation_until_it_goes_on__j2a(it) -> None:
    team = it.community.join("community-team")
    person = it.arrive(chosen=team)
    worker, foreign = it.supporter(person, team), Foreign(it.place)
    await it.get(worker, f"/v1/people/{person}/lead")
    stopped = OrganisationStopped(subject=team, how=Ending.SUSPENDED, backstop=it.community.the_backstop)
    await foreign.say(stopped)
    answer = await it.post(worker, f"/v1/people/{person}/lead/acknowledgement")
    assert answer.json()["code"] == "not-chosen"
    later = it.arrive(chosen=team)
    it.open(later, team)
    assert (await it.post(worker, f"/v1/people/{later}/lead/acknowledgement")).status_code == 409
    await foreign.say(OrganisationGoesOn(subject=team))
    fresh = it.arrive(chosen=team)
    it.open(fresh, team)
    assert (await it.post(worker, f"/v1/people/{fresh}/lead/acknowledgement")).status_code == 200


async def test_a_new_backstop_takes_everyone_whom_the_one_before_held__j2a(it) -> None:
    old = it.community.the_backstop
    person = it.arrive()
    await it.get(it.of(person), f"/v1/people/{person}/lead")
    it.community.the_backstop = it.community.join("nhs-trust")
    await Foreign(it.place).say(BackstopSet(subject=it.community.the_backstop, before=old))
    assert await it.lead(person) == it.community.the_backstop


async def test_at_crisis_a_statutory_body_stands_beside_a_group_that_leads__j2c(it) -> None:
    group = it.community.join("peer-group")
    person = it.arrive(chosen=group)
    peer = it.supporter(person, group, Role.PEER_SUPPORTER)
    await it.post(peer, f"/v1/people/{person}/lead/acknowledgement")
    before = (await it.get(it.of(person), f"/v1/people/{person}/lead")).json()
    assert (before["lead"], before["alongside"]) == (str(group), [])
    await it.post(peer, f"/v1/people/{person}/steps", {"to": "crisis"})
    after = (await it.get(it.of(person), f"/v1/people/{person}/lead")).json()
    assert (after["lead"], after["alongside"]) == (str(group), [str(it.community.the_backstop)])


async def test_the_person_names_who_walks_alongside_and_a_supporter_brings_only_their_own__j6(it) -> None:
    person, group = it.arrive(), it.community.join("peer-group")
    peer = it.supporter(person, group, Role.PEER_SUPPORTER)
    council = it.community.join("council")
    path = f"/v1/people/{person}/alongside"
    assert (await it.post(peer, path, {"organisation": str(council)})).status_code == 404
    assert (await it.post(peer, path)).status_code == 201
    assert (await it.post(it.of(person), path, {"organisation": str(council)})).status_code == 201
    assert (await it.post(it.of(person), path, {"organisation": str(council)})).status_code == 201
    shown = (await it.get(it.of(person), f"/v1/people/{person}/lead")).json()
    assert shown["alongside"] == [str(group), str(council)]
    async with it.place.client(it.of(person)) as http:
        assert (await http.delete(f"{path}/{council}")).status_code == 204
    assert (await it.told(person))[-1] == "alongside-left"


async def test_a_lead_without_sight_knows_that_it_leads_and_no_more__c2(it) -> None:
    team = it.community.join("community-team")
    person = it.arrive(chosen=team)
    it.open(person, team, ())
    worker = it.member(team)
    await it.post(worker, f"/v1/people/{person}/lead/acknowledgement")
    shown = (await it.get(worker, f"/v1/people/{person}/lead")).json()
    assert shown["you"] == {"lead": True, "chosen": False, "alongside": False}
    assert "alongside" not in shown
    assert it.consent.asked[-1].part is Part.NAME
