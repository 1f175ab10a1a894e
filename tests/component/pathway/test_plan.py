"""Plans over HTTP: who wrote each line, new versions, what is in force, openings in a crisis (P1, P2, P3, P6)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.pathway.plan.headings import LADDER
from shared.event import Part, Role
from shared.ids import new_id
from shared.passes import Pass
from tests.support.pathway_place import PathwayPlace, a_pathway

MINE = {"heading": "warning-signs", "words": "I stop opening the post."}


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[PathwayPlace]:
    async with a_pathway(tmp_path / "place") as place:
        yield place


async def drafted(it: PathwayPlace, by: Pass, person: UUID, **more: Any) -> dict[str, Any]:
    line = MINE if by.role is Role.PERSON else MINE | {"written": "supported-by"}
    body = {"lines": [line], "co_produced": True} | more
    answer = await it.post(by, f"/v1/people/{person}/plans", body)
    assert answer.status_code == 201, answer.text
    return {**answer.json(), "etag": answer.headers["ETag"]}


async def agreed(it: PathwayPlace, person: UUID, plan: dict[str, Any]) -> None:
    body = {"revision": plan["revision"], "agreed": True}
    answer = await it.post(it.of(person), f"/v1/plans/{plan['plan']}/agreement", body)
    assert answer.status_code == 201, answer.text


async def test_each_line_says_who_wrote_it__p2(it: PathwayPlace) -> None:
    person, group = it.arrive(), it.community.join()
    peer = it.supporter(person, group, Role.PEER_SUPPORTER)
    made = await drafted(it, peer, person, lines=[
        MINE | {"written": "supported-by"},
        {"heading": "services", "words": "The night line."},
    ])  # fmt: skip
    own = {"lines": [MINE, {"heading": "by-myself", "words": "Walk to the canal."}], "co_produced": True}
    tag = {"If-Match": made["etag"]}
    page = (await it.get(it.of(person), f"/v1/plans/{made['plan']}")).json()
    own["lines"] += [{"id": line["id"], "heading": line["heading"], "words": line["words"]} for line in page["lines"]]  # type: ignore[operator]
    answer = await it.post(it.of(person), f"/v1/plans/{made['plan']}/versions", own, headers=tag)
    assert answer.status_code == 201, answer.text
    page = (await it.get(it.of(person), f"/v1/plans/{made['plan']}")).json()
    wrote = {(line["heading"], line["written"], line["member"]) for line in page["lines"]}
    assert wrote == {
        ("warning-signs", "self", None),
        ("by-myself", "self", None),
        ("warning-signs", "supported-by", str(peer.member)),
        ("services", "recorded-by", str(peer.member)),
    }
    assert all(line["asks"] for line in page["lines"])


async def test_a_plan_with_nothing_of_the_persons_is_not_put_forward_as_co_produced__p2(it: PathwayPlace) -> None:
    person, centre = it.arrive(), it.community.join("assessment-centre")
    worker = it.supporter(person, centre)
    body = {"lines": [MINE | {"written": "recorded-by"}], "co_produced": True}
    answer = await it.post(worker, f"/v1/people/{person}/plans", body)
    assert answer.status_code == 409
    assert answer.json()["code"] == "nothing-of-theirs"
    words = "I do not want to do this now."
    answer = await it.post(
        worker, f"/v1/people/{person}/plans", body | {"co_produced": False, "did_not_want_to": words}
    )
    assert answer.status_code == 201
    page = (await it.get(worker, answer.headers["Location"])).json()
    assert (page["co_produced"], page["did_not_want_to"]) == (False, words)
    assert await it.told(person) == ["plan-drafted"]


async def test_nobody_writes_a_line_as_the_person_but_the_person__p2(it: PathwayPlace) -> None:
    person = it.arrive()
    worker = it.supporter(person, it.community.join("assessment-centre"))
    body = {"lines": [MINE | {"written": "self"}], "co_produced": True}
    answer = await it.post(worker, f"/v1/people/{person}/plans", body)
    assert (answer.status_code, answer.json()["fields"]) == (422, ["lines.written"])


async def test_the_six_rungs_stand_in_their_order__p1(it: PathwayPlace) -> None:
    person = it.arrive()
    lines = [{"heading": code, "words": "mine"} for code in ("worth-living", *reversed(LADDER))]
    made = await drafted(it, it.of(person), person, lines=lines)
    page = (await it.get(it.of(person), f"/v1/plans/{made['plan']}")).json()
    assert [line["heading"] for line in page["lines"]] == [*LADDER, "worth-living"]


async def test_a_change_makes_a_version_and_the_last_agreed_one_stays_in_force__p3(it: PathwayPlace) -> None:
    person = it.arrive()
    made = await drafted(it, it.of(person), person)
    assert (await it.get(it.of(person), f"/v1/people/{person}/plan")).status_code == 404
    await agreed(it, person, made)
    plan = (await it.get(it.of(person), f"/v1/people/{person}/plan")).json()
    changed = {"lines": [MINE | {"words": "I stop eating."}], "co_produced": True}
    tag = (await it.get(it.of(person), f"/v1/plans/{made['plan']}")).headers["ETag"]
    answer = await it.post(it.of(person), f"/v1/plans/{made['plan']}/versions", changed, headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["revision"]) == (201, 2)
    again = (await it.get(it.of(person), f"/v1/people/{person}/plan")).json()
    assert again == plan
    assert (again["revision"], again["lines"][0]["words"]) == (1, MINE["words"])


async def test_a_version_from_an_old_page_is_stale(it: PathwayPlace) -> None:
    person = it.arrive()
    made = await drafted(it, it.of(person), person)
    path, body = f"/v1/plans/{made['plan']}/versions", {"lines": [MINE], "co_produced": True}
    assert (await it.post(it.of(person), path, body)).status_code == 422
    first = await it.post(it.of(person), path, body, headers={"If-Match": made["etag"]})
    assert first.status_code == 201
    for tag in (made["etag"], '"nonsense"', f'"{new_id().hex}"', "*"):
        assert (await it.post(it.of(person), path, body, headers={"If-Match": tag})).status_code == 412


async def test_a_line_is_set_aside_at_once_and_only_by_the_person__p3(it: PathwayPlace) -> None:
    person = it.arrive()
    made = await drafted(it, it.of(person), person)
    await agreed(it, person, made)
    line = (await it.get(it.of(person), f"/v1/people/{person}/plan")).json()["lines"][0]["id"]
    path = f"/v1/plans/{made['plan']}/lines/{line}/not-now"
    other = it.arrive()
    assert (await it.post(it.of(other), path)).status_code == 404
    group = it.community.join()
    it.open(person, group)
    carer = replace(it.of(other), organisation=group)
    assert (await it.get(carer, f"/v1/people/{person}/plan")).status_code == 200
    assert (await it.post(carer, path)).status_code == 404
    assert (await it.post(it.supporter(person, it.community.join()), path)).status_code == 403
    assert (await it.post(it.of(person), f"/v1/plans/{made['plan']}/lines/{new_id()}/not-now")).status_code == 404
    assert (await it.post(it.of(person), path)).status_code == 204
    page = (await it.get(it.of(person), f"/v1/people/{person}/plan")).json()
    assert (page["revision"], [each["not_now"] for each in page["lines"]]) == (1, [True])
    assert (await it.post(it.of(person), path)).status_code == 204
    assert (await it.told(person)).count("plan-line-not-now") == 1


async def test_an_opening_in_a_crisis_is_recorded_and_asks_for_a_review_after__p6(it: PathwayPlace) -> None:
    person = it.arrive()
    house = it.supporter(person, it.community.join("crisis-house"))
    made = await drafted(it, it.of(person), person)
    assert (await it.post(house, f"/v1/plans/{made['plan']}/openings")).status_code == 409
    await agreed(it, person, made)
    answer = await it.post(house, f"/v1/plans/{made['plan']}/openings")
    assert answer.status_code == 201
    assert answer.json()["lines"][0]["words"] == MINE["words"]
    assert (await it.told(person))[-1] == "plan-opened-in-crisis"
    assert it.consent.asked[-1].by.purpose == "crisis"
    await it.place.pass_time(timedelta(days=3))
    assert (await it.told(person))[-1] == "plan-review-due"
    stranger = it.member(it.community.join())
    assert (await it.post(stranger, f"/v1/plans/{made['plan']}/openings")).status_code == 404


async def test_the_date_to_look_at_it_again_comes__p1(it: PathwayPlace) -> None:
    person = it.arrive()
    review = (it.place.clock.now() + timedelta(days=30)).isoformat()
    made = await drafted(it, it.of(person), person, review_on=review)
    await it.place.pass_time(timedelta(days=1))
    await agreed(it, person, made)
    await it.place.pass_time(timedelta(days=28))
    assert "plan-review-due" not in await it.told(person)
    await it.place.pass_time(timedelta(days=2))
    assert (await it.told(person)).count("plan-review-due") == 1


async def test_whoever_may_not_see_a_plan_cant_tell_that_it_is_there__c4(it: PathwayPlace) -> None:
    person = it.arrive()
    known = it.member(it.community.join())
    it.open(person, known.organisation, [Part.JOURNEY])
    made = await drafted(it, it.of(person), person)
    await agreed(it, person, made)
    there = await it.get(known, f"/v1/plans/{made['plan']}")
    nowhere = await it.get(known, f"/v1/plans/{new_id()}")
    assert (there.status_code, there.json()) == (nowhere.status_code, nowhere.json())
    assert (await it.get(known, f"/v1/people/{person}/plan")).json() == nowhere.json()
    assert (await it.get(known, f"/v1/people/{person}/plans")).json() == nowhere.json()


async def test_a_reader_reads_with_few_statements(it: PathwayPlace) -> None:
    person = it.arrive()
    reader = it.supporter(person, it.community.join())
    made = await drafted(it, it.of(person), person)
    await agreed(it, person, made)
    ran: list[str] = []
    it.place.watch(lambda _, text: ran.append(text))
    await it.get(reader, f"/v1/people/{person}/plan")
    assert len(ran) == 1
    ran.clear()
    await it.get(reader, f"/v1/plans/{made['plan']}")
    assert len(ran) <= 4
    ran.clear()
    await it.get(reader, f"/v1/people/{person}/plans")
    assert len(ran) <= 4
    ran.clear()
    body = {"lines": [MINE | {"written": "supported-by"}], "co_produced": True}
    answer = await it.post(reader, f"/v1/people/{person}/plans", body, headers={"X-Request-ID": str(new_id())})
    assert answer.status_code == 201
    assert len(ran) <= 6, ran


async def test_plans_are_listed_page_by_page(it: PathwayPlace) -> None:
    person = it.arrive()
    made = [(await drafted(it, it.of(person), person))["plan"] for _ in range(5)]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while query:
        page = (await it.get(it.of(person), f"/v1/people/{person}/plans", params=query)).json()
        seen += [each["plan"] for each in page["items"]]
        query = {"limit": 2, "cursor": page["next"]} if "next" in page else {}
    assert seen == made[::-1]
