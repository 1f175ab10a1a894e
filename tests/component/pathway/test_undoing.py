"""What rests on an agreement goes with it: somebody who manages independently is held again (P3, J4)."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.support.pathway_place import PathwayPlace, a_pathway


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[PathwayPlace]:
    async with a_pathway(tmp_path / "place") as place:
        yield place


async def independent(it: PathwayPlace) -> tuple[UUID, UUID, str]:
    """Give somebody who manages independently, their last lead and their safety plan."""
    team = it.community.join("community-team")
    person = it.arrive(chosen=team)
    worker = it.supporter(person, team)
    me = it.of(person)
    named = {"named": str(worker.member)}
    assert (await it.post(worker, f"/v1/people/{person}/lead/acknowledgement", named)).is_success
    line = {"heading": "warning-signs", "words": "mine"}
    plan = (await it.post(me, f"/v1/people/{person}/plans", {"lines": [line], "co_produced": True})).json()["plan"]
    assert (await it.post(me, f"/v1/plans/{plan}/agreement", {"revision": 1, "agreed": True})).is_success
    async with it.place.client(me) as client:
        said = {"agreed": True, "way_back": "Text or walk in.", "check_ins": 28}
        answer = await client.put(f"/v1/people/{person}/independence", json=said)
    assert answer.is_success, answer.text
    answer = await it.post(worker, "/v1/let-go", {"person": str(person)})
    assert answer.is_success, answer.text
    assert await it.lead(person) is None
    return person, team, plan


async def test_undoing_the_agreement_holds_the_person_again_in_the_same_act__p3(it: PathwayPlace) -> None:
    person, team, plan = await independent(it)
    assert (await it.post(it.of(person), f"/v1/plans/{plan}/agreement/undoing")).status_code == 204
    assert await it.lead(person) == it.community.the_backstop
    assert (await it.told(person))[-4:] == ["agreement-undone", "lead-changed", "returned", "holder-chosen"]
    last = (await it.place.journal("pathway", person))[-1]
    assert last.data["organisation"] == str(team)
    worker = it.supporter(person, team)
    answer = await it.post(worker, "/v1/let-go", {"person": str(person)})
    assert answer.status_code == 409


async def test_a_new_draft_while_managing_independently_changes_nothing__p3(it: PathwayPlace) -> None:
    person, _, plan = await independent(it)
    tag = (await it.get(it.of(person), f"/v1/plans/{plan}")).headers["ETag"]
    body = {"lines": [{"heading": "warning-signs", "words": "other"}], "co_produced": True}
    answer = await it.post(it.of(person), f"/v1/plans/{plan}/versions", body, headers={"If-Match": tag})
    assert answer.status_code == 201
    assert await it.lead(person) is None


async def test_managing_independently_rests_on_the_safety_plan_alone__j4(it: PathwayPlace) -> None:
    person, _, _ = await independent(it)
    me, goal = it.of(person), {"heading": "goals", "words": "To swim again."}
    body = {"kind": "care-and-support", "lines": [goal], "co_produced": True}
    plan = (await it.post(me, f"/v1/people/{person}/plans", body)).json()["plan"]
    assert (await it.post(me, f"/v1/plans/{plan}/agreement", {"revision": 1, "agreed": True})).is_success
    assert (await it.post(me, f"/v1/plans/{plan}/agreement/undoing")).status_code == 204
    assert await it.lead(person) is None
