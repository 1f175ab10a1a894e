"""A hidden contact and an unknown witness get one answer, decided by consent itself (P3, S6, C4)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from shared.event import Part, Role
from shared.ids import new_id
from tests.support.setting_up import a_commissioned_body, somebody_of
from tests.support.whole_place import WholePlace, whole_place

LINES = [{"heading": "warning-signs", "words": "I stop opening the post."}]


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[WholePlace]:
    async with whole_place(tmp_path / "place") as whole:
        yield whole


async def said(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def ring(w: WholePlace, organisation: UUID) -> None:
    """Have R say whom to ring if R goes quiet: a supporter of R's choosing."""
    entry = {"called": "The Table", "kind": "peer", "organisation": str(organisation), "if_quiet": True}
    await said(await w.me.post(f"/v1/people/{w.r}/circle", json=entry))


async def test_a_hidden_contact_gets_the_answer_that_an_unknown_witness_gets__p3(w: WholePlace) -> None:
    plan = (await said(await w.me.post(f"/v1/people/{w.r}/plans", json={"lines": LINES, "co_produced": True})))["plan"]
    await w.yes(w.group.id, Part.PLAN)
    await ring(w, w.group.id)
    hidden = await somebody_of(w.place, w.group.id, Role.PEER_SUPPORTER, name="A Nother")
    no = {"who": {"member": str(hidden.by.member)}, "permit": False, "hide": True}
    await said(await w.me.post(f"/v1/people/{w.r}/choices", json=no))
    stranger = await a_commissioned_body(w.place, "charity", "Elsewhere")
    body = {"revision": 1, "agreed": True, "how": "in-person"}
    answers = [
        await hidden.http.post(f"/v1/plans/{plan}/agreement", json=body),
        await stranger.http.post(f"/v1/plans/{plan}/agreement", json=body),
        await w.backstop.http.post(f"/v1/plans/{plan}/agreement", json=body),
        await hidden.http.post(f"/v1/plans/{new_id()}/agreement", json=body),
    ]
    assert [answer.status_code for answer in answers] == [409] * 4
    assert len({answer.text for answer in answers}) == 1
    assert (await w.me.get(f"/v1/people/{w.r}/plan")).status_code == 404
    await said(await w.group.http.post(f"/v1/plans/{plan}/agreement", json=body))
    page = await said(await w.me.get(f"/v1/people/{w.r}/plan"))
    assert (page["answer"]["witness"], page["answer"]["how"]) == (str(w.group.by.member), "in-person")


async def test_whoever_the_person_takes_the_plan_from_can_no_longer_witness__p3(w: WholePlace) -> None:
    plan = (await said(await w.me.post(f"/v1/people/{w.r}/plans", json={"lines": LINES, "co_produced": True})))["plan"]
    choice = await w.yes(w.group.id, Part.PLAN)
    await ring(w, w.group.id)
    await w.withdraw(choice)
    body = {"revision": 1, "agreed": True, "how": "phone"}
    answer = await w.group.http.post(f"/v1/plans/{plan}/agreement", json=body)
    assert answer.json()["code"] == "witness-unknown"


async def test_the_plan_in_force_opens_for_whom_the_person_allowed_and_who_looked_says_so__p6(w: WholePlace) -> None:
    plan = (await said(await w.me.post(f"/v1/people/{w.r}/plans", json={"lines": LINES, "co_produced": True})))["plan"]
    await said(await w.me.post(f"/v1/plans/{plan}/agreement", json={"revision": 1, "agreed": True}))
    assert (await w.house.http.get(f"/v1/people/{w.r}/plan")).status_code == 404
    assert (await w.house.http.post(f"/v1/plans/{plan}/openings")).status_code == 404
    await w.yes(w.house.id, Part.PLAN)
    page = await said(await w.house.http.get(f"/v1/people/{w.r}/plan"))
    assert page["lines"][0]["words"] == LINES[0]["words"]
    assert (await w.house.http.post(f"/v1/plans/{plan}/openings")).status_code == 201
    looked = (await said(await w.me.get(f"/v1/people/{w.r}/who-looked")))["items"]
    assert {each["part"] for each in looked if each["organisation"] == str(w.house.id)} >= {"plan"}
