"""Agreement over HTTP: exact versions, witnesses, not agreed, and "that is not what I agreed" (P3, P4)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from shared.event import Role
from shared.ids import new_id
from shared.passes import Pass
from tests.support.pathway_place import PathwayPlace, a_pathway

BOTH = frozenset({"read", "write"})
LINE = {"heading": "warning-signs", "words": "I stop opening the post."}


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[PathwayPlace]:
    async with a_pathway(tmp_path / "place") as place:
        yield place


async def draft(it: PathwayPlace, by: Pass, person: UUID, words: str = "mine") -> str:
    line = LINE | {"words": words} | ({} if by.role is Role.PERSON else {"written": "recorded-by"})
    answer = await it.post(by, f"/v1/people/{person}/plans", {"lines": [line], "co_produced": False})
    assert answer.status_code == 201, answer.text
    plan: str = answer.json()["plan"]
    return plan


async def revise(it: PathwayPlace, person: UUID, plan: str, words: str) -> None:
    tag = (await it.get(it.of(person), f"/v1/plans/{plan}")).headers["ETag"]
    body = {"lines": [LINE | {"words": words}], "co_produced": True}
    answer = await it.post(it.of(person), f"/v1/plans/{plan}/versions", body, headers={"If-Match": tag})
    assert answer.status_code == 201, answer.text


async def agree(it: PathwayPlace, by: Pass, plan: str, revision: int = 1, **more: Any) -> httpx2.Response:
    body = {"revision": revision, "agreed": True} | more
    return await it.post(by, f"/v1/plans/{plan}/agreement", body)


async def in_force(it: PathwayPlace, person: UUID) -> tuple[int, str] | None:
    answer = await it.get(it.of(person), f"/v1/people/{person}/plan")
    if answer.status_code == 404:
        return None
    return answer.json()["revision"], answer.json()["lines"][0]["words"]


async def test_a_plan_is_in_force_only_for_the_exact_version_that_the_person_agreed__p3(it: PathwayPlace) -> None:
    person = it.arrive()
    plan = await draft(it, it.of(person), person, "first")
    await revise(it, person, plan, "second")
    assert await in_force(it, person) is None
    assert (await agree(it, it.of(person), plan, 3)).status_code == 404
    answer = await agree(it, it.of(person), plan, 1)
    assert (answer.status_code, answer.json()["in_force"]) == (201, True)
    assert await in_force(it, person) == (1, "first")
    assert (await agree(it, it.of(person), plan, 1)).json()["code"] == "in-force-already"
    assert (await agree(it, it.of(person), plan, 2)).status_code == 201
    assert await in_force(it, person) == (2, "second")
    page = (await it.get(it.of(person), f"/v1/people/{person}/plan")).json()
    assert page["answer"]["by"] == {"role": "person", "member": None, "organisation": None}
    assert (page["answer"]["how"], page["answer"]["witness"]) == ("signed-in", None)


async def test_agreeing_while_a_new_version_is_drafted_leaves_the_agreed_one_in_force__p3(it: PathwayPlace) -> None:
    person = it.arrive()
    plan = await draft(it, it.of(person), person, "agreed")
    tag = (await it.get(it.of(person), f"/v1/plans/{plan}")).headers["ETag"]
    body = {"lines": [LINE | {"words": "drafted meanwhile"}], "co_produced": True}
    drafting = it.post(it.of(person), f"/v1/plans/{plan}/versions", body, headers={"If-Match": tag})
    agreeing = agree(it, it.of(person), plan, 1)
    drafted, agreed = await asyncio.gather(drafting, agreeing)
    assert agreed.status_code == 201
    assert drafted.status_code in {201, 412}
    assert await in_force(it, person) == (1, "agreed")


async def chosen_peer(it: PathwayPlace, person: UUID) -> Pass:
    group = it.community.join()
    it.intake.rung[person] = (group,)
    return it.supporter(person, group, Role.PEER_SUPPORTER)


async def test_a_witness_of_the_persons_choosing_says_how_they_heard_it__p3(it: PathwayPlace) -> None:
    person, centre = it.arrive(), it.community.join("assessment-centre")
    plan = await draft(it, it.supporter(person, centre), person)
    peer = await chosen_peer(it, person)
    assert (await agree(it, peer, plan)).json()["fields"] == ["how"]
    answer = await agree(it, peer, plan, how="phone", words="Yes, that is what I want.")
    assert answer.status_code == 201, answer.text
    page = (await it.get(it.of(person), f"/v1/people/{person}/plan")).json()
    assert (page["answer"]["witness"], page["answer"]["how"]) == (str(peer.member), "phone")
    fact = (await it.place.journal("pathway", person))[-1]
    assert (fact.data["witness"], fact.data["how"]) == (str(peer.member), "phone")


async def test_the_person_names_a_witness_beforehand__p3(it: PathwayPlace) -> None:
    person = it.arrive()
    plan = await draft(it, it.supporter(person, it.community.join("council")), person)
    friend = it.supporter(person, it.community.join("charity"), Role.PEER_SUPPORTER)
    path, body = (
        f"/v1/people/{person}/witnesses",
        {"member": str(friend.member), "organisation": str(friend.organisation)},
    )
    assert (await agree(it, friend, plan, how="in-person")).status_code == 409
    assert (await it.post(friend, path, body)).status_code == 403
    assert (await it.post(it.of(it.arrive()), path, body)).status_code == 404
    assert (await it.post(it.of(person), path, body | {"member": str(new_id())})).json()["code"] == "witness-unknown"
    assert (await it.post(it.of(person), path, body)).status_code == 201
    assert (await it.get(it.of(person), path)).json() == {"items": [body]}
    assert (await agree(it, friend, plan, how="in-person")).status_code == 201
    async with it.place.client(it.of(person)) as client:
        assert (await client.delete(f"{path}/{friend.member}")).status_code == 204
        assert (await client.delete(f"{path}/{friend.member}")).status_code == 404
    assert await in_force(it, person) is not None


WRONG = (
    "unknown",
    "not chosen",
    "drafter",
    "lead",
    "chosen holder",
    "carer",
    "hidden",
    "another's name",
    "no such plan",
)


@pytest.mark.parametrize("who", WRONG)
async def test_whoever_may_not_witness_gets_the_answer_that_an_unknown_witness_gets__p3(
    it: PathwayPlace, who: str
) -> None:
    holder = it.community.join("community-team")
    person = it.arrive(chosen=holder)
    group = it.community.join()
    drafter = it.supporter(person, group, Role.PEER_SUPPORTER)
    lead = it.supporter(person, it.community.the_backstop)
    chosen = it.supporter(person, holder)
    carer = it.supporter(person, group, Role.CARER)
    hidden = it.supporter(person, group, Role.PEER_SUPPORTER)
    assert hidden.member is not None
    it.consent.shut_out.add((person, hidden.member))
    it.intake.rung[person] = (group, it.community.the_backstop, holder)
    plan = await draft(it, drafter, person)
    system = Pass(Role.SYSTEM, new_id(), organisation=group, scopes=BOTH)
    tries: dict[str, tuple[Pass, str, dict[str, Any]]] = {
        "unknown": (it.member(it.community.join()), plan, {}),
        "not chosen": (it.supporter(person, it.community.join()), plan, {}),
        "drafter": (drafter, plan, {}),
        "lead": (lead, plan, {}),
        "chosen holder": (chosen, plan, {}),
        "carer": (carer, plan, {}),
        "hidden": (hidden, plan, {}),
        "another's name": (system, plan, {"witness": str(lead.member)}),
        "no such plan": (it.supporter(person, group, Role.PEER_SUPPORTER), str(new_id()), {}),
    }
    by, which, more = tries[who]
    answer = await agree(it, by, which, how="in-person", **more)
    stranger = await agree(it, it.member(it.community.join()), str(new_id()), how="in-person")
    assert answer.status_code == 409
    assert answer.json() == stranger.json()
    assert answer.json()["code"] == "witness-unknown"
    assert await in_force(it, person) is None
    good = it.supporter(person, group, Role.PEER_SUPPORTER)
    assert (await agree(it, good, plan, how="in-person")).status_code == 201


async def test_a_partner_system_names_a_member_of_its_own_as_the_witness__p3(it: PathwayPlace) -> None:
    person = it.arrive()
    plan = await draft(it, it.of(person), person)
    peer = await chosen_peer(it, person)
    system = Pass(Role.SYSTEM, new_id(), organisation=peer.organisation, scopes=BOTH)
    assert (await agree(it, system, plan, how="text")).status_code == 409
    assert (await agree(it, system, plan, how="text", witness=str(peer.member))).status_code == 201


async def test_what_a_system_drafted_nobody_of_its_organisation_witnesses__p3(it: PathwayPlace) -> None:
    person, group = it.arrive(), it.community.join()
    it.open(person, group)
    it.intake.rung[person] = (group,)
    plan = await draft(it, Pass(Role.SYSTEM, new_id(), organisation=group, scopes=BOTH), person)
    answer = await agree(it, it.supporter(person, group, Role.PEER_SUPPORTER), plan, how="phone")
    assert answer.json()["code"] == "witness-unknown"


async def test_not_agreed_is_a_state_in_the_persons_words_and_an_event_at_once__p4(it: PathwayPlace) -> None:
    person = it.arrive()
    centre = it.supporter(person, it.community.join("assessment-centre"))
    plan = await draft(it, centre, person)
    path = f"/v1/plans/{plan}/agreement"
    assert (await it.post(centre, path, {"revision": 1, "agreed": False})).json()["fields"] == ["words"]
    body = {"revision": 1, "agreed": False, "words": "Nobody asked me.", "would_agree_to": "A plan that I write."}
    answer = await it.post(it.of(person), path, body)
    assert (answer.status_code, answer.json()["agreed"], answer.json()["in_force"]) == (201, False, False)
    assert (await it.told(person))[-1] == "plan-not-agreed"
    page = (await it.get(centre, f"/v1/plans/{plan}")).json()
    assert page["state"] == "not-agreed"
    assert (page["answer"]["words"], page["answer"]["would_agree_to"]) == (body["words"], body["would_agree_to"])
    assert (await it.post(it.member(it.community.join()), path, body)).status_code == 404
    assert (await agree(it, it.of(person), plan)).status_code == 201
    assert (await it.post(centre, path, body)).json()["code"] == "in-force-already"


async def test_that_is_not_what_i_agreed_brings_back_what_was_agreed_before__p3(it: PathwayPlace) -> None:
    person = it.arrive()
    plan = await draft(it, it.of(person), person, "first")
    await agree(it, it.of(person), plan, 1)
    await revise(it, person, plan, "second")
    await agree(it, it.of(person), plan, 2)
    path = f"/v1/plans/{plan}/agreement/undoing"
    drafter = it.supporter(person, it.community.join())
    assert (await it.post(drafter, path)).json()["code"] == "witness-unknown"
    assert (await it.post(it.of(it.arrive()), path)).status_code == 404
    assert (await it.post(it.of(person), path, {"words": "Not that."})).status_code == 204
    assert await in_force(it, person) == (1, "first")
    assert (await it.post(it.of(person), path, {"revision": 2})).json()["code"] == "nothing-agreed"
    assert (await it.post(it.of(person), path)).status_code == 204
    assert await in_force(it, person) is None
    assert (await it.told(person)).count("agreement-undone") == 2
    page = (await it.get(it.of(person), f"/v1/plans/{plan}?revision=1")).json()
    assert page["state"] == "agreement-undone"
    assert (await agree(it, it.of(person), plan, 2)).status_code == 201


async def test_a_chosen_supporter_may_say_it_for_the_person__p3(it: PathwayPlace) -> None:
    person = it.arrive()
    plan = await draft(it, it.of(person), person)
    await agree(it, it.of(person), plan)
    peer = await chosen_peer(it, person)
    assert (await it.post(peer, f"/v1/plans/{plan}/agreement/undoing")).status_code == 204
    assert await in_force(it, person) is None


async def test_the_same_request_again_gets_the_same_answer(it: PathwayPlace) -> None:
    person = it.arrive()
    plan = await draft(it, it.of(person), person)
    once = {"X-Request-ID": str(new_id())}
    body = {"revision": 1, "agreed": True}
    by = it.of(person)
    first = await it.post(by, f"/v1/plans/{plan}/agreement", body, headers=once)
    again = await it.post(by, f"/v1/plans/{plan}/agreement", body, headers=once)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    other = await it.post(by, f"/v1/plans/{plan}/agreement", body | {"words": "x"}, headers=once)
    assert other.json()["code"] == "request-id-used"
    assert (await it.told(person)).count("plan-agreed") == 1


async def test_no_clock_stands_where_agreement_is_asked__p5(it: PathwayPlace) -> None:
    person = it.arrive()
    plan = await draft(it, it.of(person), person)
    page = (await it.get(it.of(person), f"/v1/plans/{plan}")).json()
    assert not {"clock", "deadline", "answer_by", "due", "days_left"} & page.keys()


async def test_bad_input_is_turned_away_without_an_echo(it: PathwayPlace) -> None:
    person = it.arrive()
    plan = await draft(it, it.of(person), person)
    path = f"/v1/plans/{plan}/agreement"
    for body in (
        {},
        {"revision": "1", "agreed": True},
        {"revision": 1, "agreed": "sicher"},
        {"revision": 0, "agreed": True},
    ):
        answer = await it.post(it.of(person), path, body)
        assert answer.status_code == 422
        assert "sicher" not in answer.text
    assert (await it.post(replace(it.of(person), role=Role.STEWARD), path, {})).status_code == 403
