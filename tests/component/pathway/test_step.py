"""Steps over HTTP: one reversible act; nobody steps down from crisis to nowhere unheard (J6, J13)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from shared.event import Code, Role
from shared.events.notify import AlertAcknowledged
from shared.ids import new_id
from shared.passes import Pass, timer
from shared.shell import Origin
from tests.support.pathway_place import PathwayPlace, a_pathway

SAFE = {"sleeping": "somewhere-safe"}


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[PathwayPlace]:
    async with a_pathway(tmp_path / "place") as place:
        yield place


async def step(it: PathwayPlace, by: Pass, person: UUID, to: str, **more: Any) -> httpx2.Response:
    return await it.post(by, f"/v1/people/{person}/steps", {"to": to} | more)


async def linked(it: PathwayPlace, person: UUID, kind: str, intensity: str, *, leads: bool) -> Pass:
    """Have an offer of a new organisation meet the person."""
    organisation = it.community.join(kind)
    offer = it.community.offer_of(organisation, intensity)
    worker = it.supporter(person, organisation)
    body = {"offer": str(offer.id), "leads": leads}
    link = (await it.post(it.of(person), f"/v1/people/{person}/links", body)).json()["link"]
    for what in ("welcome", "met"):
        assert (await it.post(worker, f"/v1/links/{link}/{what}")).status_code == 204
    return worker


async def acknowledged(it: PathwayPlace, person: UUID, kind: str) -> None:
    """Have pathway hear that a human answered an alert, as notify's event tells it."""
    subscriptions = it.place.system.running["pathway"].subscriptions
    handle = next(s.handle for s in subscriptions if s.kind is AlertAcknowledged)
    said = AlertAcknowledged(subject=person, alert=new_id(), kind=Code(kind))
    shell = it.place.system.running["pathway"].shell

    class Heard:
        subject = person

    async with shell.database.write() as connection:
        await handle(said, Heard(), shell.transaction(connection, Origin(timer("test"), new_id())))  # type: ignore[arg-type]


async def test_a_step_up_and_down_is_reversible_and_touches_nobody_else__j6(it: PathwayPlace) -> None:
    person = it.arrive()
    group = await linked(it, person, "peer-group", "community", leads=False)
    house = await linked(it, person, "crisis-house", "crisis", leads=True)
    links = (await it.get(it.of(person), f"/v1/people/{person}/links")).json()
    for to in ("community", "crisis", "enhanced", "inpatient", "community"):
        answer = await step(it, house, person, to, **SAFE)
        assert answer.status_code == 201, answer.text
        assert answer.json()["now"] == to
        assert await it.lead(person) == house.organisation
    assert (await it.get(it.of(person), f"/v1/people/{person}/links")).json() == links
    told = [each for each in await it.told(person) if each.startswith("stepped")]
    assert told == ["stepped-up", "stepped-down", "stepped-up", "stepped-down", "stepped-up", "stepped-down"]
    assert "alongside-left" not in await it.told(person)
    assert group.organisation != house.organisation


async def test_a_step_down_from_crisis_needs_the_persons_answer__j13(it: PathwayPlace) -> None:
    person = it.arrive()
    house = await linked(it, person, "crisis-house", "crisis", leads=True)
    assert (await step(it, house, person, "community")).json()["code"] == "not-asked-where-to-sleep"
    assert (await step(it, house, person, "community", sleeping="perhaps")).status_code == 422
    assert "stepped-down" not in await it.told(person)
    assert (await step(it, house, person, "community", **SAFE)).status_code == 201
    assert (await step(it, house, person, "enhanced")).status_code == 201
    assert (await step(it, house, person, "community")).status_code == 201


@pytest.mark.parametrize("answer", ["nowhere", "not-safe"])
async def test_nowhere_safe_reaches_lead_and_council_before_the_step_down__j13(it: PathwayPlace, answer: str) -> None:
    person = it.arrive()
    house = await linked(it, person, "crisis-house", "crisis", leads=True)
    for _ in range(2):
        turned = await step(it, house, person, "community", sleeping=answer)
        assert (turned.status_code, turned.json()["code"]) == (409, "nowhere-to-sleep")
    assert (await it.told(person)).count("nowhere-to-sleep") == 1
    assert (await it.place.journal("pathway", person))[-1].data == {"answer": answer}
    await acknowledged(it, person, "drifting")
    assert (await step(it, house, person, "community", sleeping=answer)).status_code == 409
    await acknowledged(it, person, "nowhere-to-sleep")
    assert (await step(it, house, person, "community", sleeping=answer)).status_code == 201
    assert (await it.told(person))[-1] == "stepped-down"
    assert (await step(it, house, person, "crisis")).status_code == 201
    assert (await step(it, house, person, "community", sleeping=answer)).status_code == 409


async def test_somewhere_safe_after_all_lets_the_step_go_on__j13(it: PathwayPlace) -> None:
    person = it.arrive()
    house = await linked(it, person, "crisis-house", "crisis", leads=True)
    assert (await step(it, house, person, "community", sleeping="nowhere")).status_code == 409
    assert (await step(it, house, person, "community", **SAFE)).status_code == 201


async def test_a_kept_refusal_is_answered_again_and_told_once(it: PathwayPlace) -> None:
    person = it.arrive()
    house = await linked(it, person, "crisis-house", "crisis", leads=True)
    once = {"X-Request-ID": str(new_id())}
    body = {"to": "community", "sleeping": "nowhere"}
    first = await it.post(house, f"/v1/people/{person}/steps", body, headers=once)
    again = await it.post(house, f"/v1/people/{person}/steps", body, headers=once)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert (await it.told(person)).count("nowhere-to-sleep") == 1


async def test_only_the_person_the_lead_or_a_linked_offer_steps_down__j6(it: PathwayPlace) -> None:
    person = it.arrive()
    await linked(it, person, "crisis-house", "crisis", leads=True)
    known = it.supporter(person, it.community.join())
    assert (await step(it, known, person, "community", **SAFE)).json()["code"] == "not-yours-to-step-down"
    assert (await step(it, it.member(it.community.join()), person, "community", **SAFE)).status_code == 404
    assert (await step(it, it.of(person), person, "community", **SAFE)).status_code == 201
    assert (await step(it, known, person, "crisis")).status_code == 201


async def test_what_is_no_step_is_said_so__j4(it: PathwayPlace) -> None:
    person = it.arrive()
    me = it.of(person)
    assert (await step(it, me, person, "managing-independently")).json()["code"] == "not-a-step"
    assert (await step(it, me, person, "community")).json()["code"] == "there-already"
    assert (await step(it, me, person, "elsewhere")).json()["fields"] == ["to"]
    assert (await step(it, Pass(Role.CARER, new_id()), person, "crisis")).status_code == 403


async def test_at_crisis_a_commissioned_body_stands_beside_a_small_group__j2c(it: PathwayPlace) -> None:
    person = it.arrive()
    group = await linked(it, person, "peer-group", "community", leads=True)
    assert await it.lead(person) == group.organisation
    assert (await step(it, group, person, "crisis")).status_code == 201
    beside = (await it.place.journal("pathway", person))[-1]
    assert (beside.type, beside.data["organisation"]) == (
        "pathway.alongside-joined",
        str(it.community.the_backstop),
    )


async def test_a_step_tells_nothing_of_before_to_who_may_not_see_the_journey__c4(it: PathwayPlace) -> None:
    person = it.arrive()
    organisation = it.community.join("peer-group")
    sees = it.supporter(person, organisation)
    told = await step(it, sees, person, "enhanced")
    assert told.json() == {"was": "community", "now": "enhanced"}
    it.open(person, organisation, ())
    told = await step(it, sees, person, "crisis")
    assert told.json() == {"was": None, "now": "crisis"}
