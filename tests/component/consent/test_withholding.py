"""Withholding a passage: in force when it answers, from just whom it names, and seen by nobody but the person (S4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from shared.clock import monotonic
from shared.decisions import PERMIT_SECONDS, WITHDRAWAL_WAIT_SECONDS
from shared.errors import UnavailableError
from shared.event import Part, Role
from shared.events.consent import PassageGivenBack, PassageWithheld
from shared.ids import new_id
from shared.passes import Pass
from shared.ports import Ask
from tests.support.consent_place import ConsentPlace, consent_place
from tests.support.place import a_pass, person_pass

if TYPE_CHECKING:
    from pathlib import Path

    import httpx2

PART = {"passage": new_id(), "other": new_id()}


@pytest.fixture
async def here(tmp_path: Path):
    async with consent_place(tmp_path) as made:
        made.intake.told[made.r] = set(PART.values())
        yield made


async def withhold(here: ConsentPlace, who: dict[str, Any], passage: UUID = PART["passage"], **more: Any) -> UUID:
    body = {"passage": str(passage), "from": who} | more
    said = await here.me.post(f"/v1/people/{here.r}/withholdings", json=body)
    assert said.status_code == 201, said.text
    return UUID(said.json()["withholding"])


async def left_out(here: ConsentPlace, by: Pass, part: Part = Part.STORY) -> frozenset[UUID]:
    answer = await here.place.system.running["consent"].port.decide(Ask(by, here.r, part))
    assert answer.permitted
    found: frozenset[UUID] = answer.except_for
    return found


async def test_a_withholding_is_in_force_when_it_answers_and_permits_of_before_have_run_out__s4_c2(here) -> None:
    await here.yes(here.group, Part.STORY)
    before = monotonic()
    await withhold(here, {"organisation": str(here.group)})
    assert monotonic() - before >= WITHDRAWAL_WAIT_SECONDS > PERMIT_SECONDS
    assert await left_out(here, here.member()) == {PART["passage"]}


async def test_it_is_withheld_from_just_the_organisation_that_is_named__s4(here: ConsentPlace) -> None:
    for each in (here.group, here.house):
        await here.yes(each, Part.STORY, Part.PLAN)
    await withhold(here, {"organisation": str(here.group)})
    assert await left_out(here, here.member()) == {PART["passage"]}
    assert await left_out(here, a_pass(Role.SYSTEM, organisation=here.group)) == {PART["passage"]}
    assert await left_out(here, here.member(here.house)) == frozenset()
    assert await left_out(here, here.member(), Part.PLAN) == frozenset()
    assert await left_out(here, person_pass(here.r)) == frozenset()


async def test_withheld_from_a_role_it_is_withheld_from_the_systems_through_which_they_would_read__s4(here) -> None:
    await here.yes(here.house, Part.STORY)
    await withhold(here, {"role": "practitioner"})
    assert await left_out(here, here.member(here.house, Role.PRACTITIONER)) == {PART["passage"]}
    assert await left_out(here, here.member(here.house, Role.PEER_SUPPORTER)) == frozenset()
    assert await left_out(here, a_pass(Role.SYSTEM, organisation=here.house)) == {PART["passage"]}


async def test_withheld_from_a_named_person_their_colleagues_see_it_and_their_system_does_not__s4(here) -> None:
    for each in (here.group, here.house):
        await here.yes(each, Part.STORY)
    named = here.member()
    assert named.member is not None
    here.community.members[named.member] = here.group
    await withhold(here, {"member": str(named.member)})
    assert await left_out(here, named) == {PART["passage"]}
    assert await left_out(here, here.member()) == frozenset()
    assert await left_out(here, a_pass(Role.SYSTEM, organisation=here.group)) == {PART["passage"]}
    assert await left_out(here, a_pass(Role.SYSTEM, organisation=here.house)) == frozenset()
    here.community.fails.append(UnavailableError())
    assert await left_out(here, a_pass(Role.SYSTEM, organisation=here.house)) == {PART["passage"]}


async def test_a_person_who_was_let_see_a_story_can_be_named_too__s4(here: ConsentPlace) -> None:
    carer = person_pass(new_id())
    await here.choose({"member": str(carer.person)}, Part.STORY)
    await withhold(here, {"member": str(carer.person)})
    assert await left_out(here, carer) == {PART["passage"]}


async def test_given_back_it_is_seen_again_and_stays_in_the_person_s_list__s4(here: ConsentPlace) -> None:
    await here.yes(here.group, Part.STORY)
    mine = f"/v1/people/{here.r}/withholdings"
    one = await withhold(here, {"organisation": str(here.group)}, words="Not theirs to know.")
    other = await withhold(here, {"organisation": str(here.group)}, PART["other"])
    for _ in range(2):
        assert (await here.me.delete(f"{mine}/{one}")).status_code == 204
    assert await left_out(here, here.member()) == {PART["other"]}
    first = (await here.me.get(mine, params={"limit": 1})).json()
    assert [each["withholding"] for each in first["items"]] == [str(other)]
    second = (await here.me.get(mine, params={"limit": 1, "cursor": first["next"]})).json()
    assert "next" not in second
    (shown,) = second["items"]
    assert (shown["state"], shown["words"]) == ("given-back", "Not theirs to know.")
    assert (shown["passage"], shown["from"]) == (str(PART["passage"]), {"organisation": str(here.group)})
    assert (await here.me.get(f"{mine}/{one}")).json() == shown


async def test_the_same_again_is_the_same_withholding_and_one_event_with_ids_only__s4(here: ConsentPlace) -> None:
    named = new_id()
    one = await withhold(here, {"member": str(named)}, words="Mo would worry.")
    assert await withhold(here, {"member": str(named)}) == one
    await here.me.delete(f"/v1/people/{here.r}/withholdings/{one}")
    assert await withhold(here, {"member": str(named)}) != one
    facts = [recorded.event() for recorded in await here.place.journal("consent", here.r)]
    first, back, _ = facts
    assert first == PassageWithheld(
        subject=here.r, withholding=one, passage=PART["passage"], organisation=None, role=None, member=named
    )
    assert back == PassageGivenBack(subject=here.r, withholding=one)


async def asked(here: ConsentPlace, client: httpx2.AsyncClient, person: UUID, one: UUID) -> list[httpx2.Response]:
    path = f"/v1/people/{person}/withholdings"
    body = {"passage": str(PART["passage"]), "from": {"role": "carer"}}
    return [
        await client.post(path, json=body),
        await client.get(path),
        await client.get(f"{path}/{one}"),
        await client.delete(f"{path}/{one}"),
    ]


async def test_nobody_else_withholds_reads_or_gives_back_and_supporters_may_not_ask__c4(here: ConsentPlace) -> None:
    one = await withhold(here, {"role": "practitioner"})
    another = here.place.client(person_pass(new_id()))
    theirs, nobodys = await asked(here, another, here.r, one), await asked(here, another, new_id(), new_id())
    assert {each.status_code for each in (*theirs, *nobodys)} == {404}
    assert [each.text for each in theirs] == [each.text for each in nobodys]
    supporters = await asked(here, here.place.client(here.member()), here.r, one)
    assert {each.status_code for each in supporters} == {403}
    assert (await here.me.get(f"/v1/people/{here.r}/withholdings/{one}")).json()["state"] == "withheld"


async def test_only_a_passage_of_one_s_own_is_withheld_from_somebody_there_is__s4(here: ConsentPlace) -> None:
    here.intake.told[new_id()] = {strange := new_id()}
    path, me = f"/v1/people/{here.r}/withholdings", here.me
    whom = {"organisation": str(here.group)}
    for passage in (strange, new_id()):
        assert (await me.post(path, json={"passage": str(passage), "from": whom})).status_code == 404
    wrong: list[dict[str, Any]] = [
        {}, {"organisation": str(new_id())}, {"role": "person"}, whom | {"role": "carer"}, {"any_crisis_service": True},
    ]  # fmt: skip
    for each in wrong:
        assert (await me.post(path, json={"passage": str(PART["passage"]), "from": each})).status_code == 422, each
    assert (await me.get(path)).json() == {"items": []}
