"""The care and support plan beside the safety plan: money in whole pence, the same agreement rules (P8)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.event import Role
from tests.support.pathway_place import PathwayPlace, a_pathway

MONEY = {"pence": 24_000, "kind": "direct-payment", "for": "A swimming pass, and somebody to go with."}


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[PathwayPlace]:
    async with a_pathway(tmp_path / "place") as place:
        yield place


async def a_plan(it: PathwayPlace, person: UUID, kind: str = "care-and-support") -> str:
    heading = "goals" if kind == "care-and-support" else "warning-signs"
    body = {"kind": kind, "lines": [{"heading": heading, "words": "To swim again."}], "co_produced": True}
    answer = await it.post(it.of(person), f"/v1/people/{person}/plans", body)
    assert answer.status_code == 201, answer.text
    plan: str = answer.json()["plan"]
    return plan


async def test_a_council_promises_money_and_it_counts_once_agreed__p8(it: PathwayPlace) -> None:
    person = it.arrive()
    council = it.supporter(person, it.community.join("council"))
    plan = await a_plan(it, person)
    agreement = f"/v1/plans/{plan}/agreement"
    await it.post(it.of(person), agreement, {"revision": 1, "agreed": True})
    answer = await it.post(council, f"/v1/plans/{plan}/budget-lines", MONEY)
    assert answer.status_code == 201, answer.text
    assert (await it.told(person))[-2:] == ["plan-revised", "budget-line-added"]
    path = f"/v1/people/{person}/plan?kind=care-and-support"
    assert (await it.get(it.of(person), path)).json()["budget"] == []
    await it.post(it.of(person), agreement, {"revision": 2, "agreed": True})
    (line,) = (await it.get(it.of(person), path)).json()["budget"]
    assert line == MONEY | {"id": answer.json()["line"], "from": str(council.organisation)}
    assert (await it.get(it.of(person), f"/v1/people/{person}/plan")).status_code == 404


async def test_the_two_plans_stand_beside_each_other__p8(it: PathwayPlace) -> None:
    person = it.arrive()
    for kind in ("safety", "care-and-support"):
        plan = await a_plan(it, person, kind)
        await it.post(it.of(person), f"/v1/plans/{plan}/agreement", {"revision": 1, "agreed": True})
    for kind in ("safety", "care-and-support"):
        page = (await it.get(it.of(person), f"/v1/people/{person}/plan?kind={kind}")).json()
        assert (page["kind"], page["in_force"]) == (kind, True)


@pytest.mark.parametrize("kind", ["peer-group", "charity", "police"])
async def test_only_a_council_or_the_nhs_promises_money__p8(it: PathwayPlace, kind: str) -> None:
    person = it.arrive()
    plan = await a_plan(it, person)
    other = it.supporter(person, it.community.join(kind))
    assert (await it.post(other, f"/v1/plans/{plan}/budget-lines", MONEY)).json()["code"] == "not-a-payer"
    trust = it.supporter(person, it.community.join("nhs-trust"))
    assert (await it.post(trust, f"/v1/plans/{plan}/budget-lines", MONEY)).status_code == 201
    unknown = it.member(it.community.join("council"))
    assert (await it.post(unknown, f"/v1/plans/{plan}/budget-lines", MONEY)).status_code == 404
    peer = it.supporter(person, it.community.join("council"), Role.PEER_SUPPORTER)
    assert (await it.post(peer, f"/v1/plans/{plan}/budget-lines", MONEY)).status_code == 403


async def test_a_safety_plan_holds_no_money__p8(it: PathwayPlace) -> None:
    person = it.arrive()
    council = it.supporter(person, it.community.join("council"))
    plan = await a_plan(it, person, "safety")
    answer = await it.post(council, f"/v1/plans/{plan}/budget-lines", MONEY)
    assert answer.json()["code"] == "not-that-kind-of-plan"


@pytest.mark.parametrize(
    "wrong", [{"pence": 0}, {"pence": -5}, {"pence": 10.5}, {"pence": "100"}, {"kind": "cash"}, {"for": ""}]
)
async def test_money_is_whole_pence_of_a_known_kind_for_something__p8(it: PathwayPlace, wrong: dict[str, Any]) -> None:
    person = it.arrive()
    council = it.supporter(person, it.community.join("council"))
    plan = await a_plan(it, person)
    answer = await it.post(council, f"/v1/plans/{plan}/budget-lines", MONEY | wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
