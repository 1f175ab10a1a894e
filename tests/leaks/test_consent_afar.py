"""Nothing covered leaves after a withdrawal's answer where consent is asked over HTTP; planted delays leak nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson

from shared.clock import monotonic
from shared.decisions import PERMIT_SECONDS
from shared.event import Part
from shared.ids import new_id
from tests.support.place import person_pass
from tests.support.place_apart import Apart, place_apart
from tests.support.wait import slowly, until
from tests.support.whole_place import CANARY

if TYPE_CHECKING:
    from pathlib import Path

IN_FORCE = b'"in_force":true'
READERS = 8


async def taken_back(here: Apart) -> float:
    """Have R withdraw where consent runs; give when they had the answer."""
    me = await here.consent.reader(person_pass(here.whole.r))
    status, _, body = await me.ask("POST", f"/v1/choices/{here.choice}/withdrawal", b"{}")
    assert status == 200, body
    return monotonic()


async def hammer(here: Apart, seen: list[tuple[float, int, bytes]]) -> None:
    reader = await here.care.reader(here.whole.group.by)
    while True:
        sent = monotonic()
        status, _, body = await reader.ask("GET", f"/v1/people/{here.whole.r}/stories")
        seen.append((sent, status, body))


async def test_after_a_withdrawals_answer_no_covered_byte_leaves_another_process__c2(tmp_path: Path) -> None:
    seen: list[tuple[float, int, bytes]] = []
    async with place_apart(tmp_path, Part.STORY) as here:
        readers = [asyncio.create_task(hammer(here, seen)) for _ in range(READERS)]
        await until(lambda: len(seen) > 60)
        answered = await taken_back(here)
        first_byte = here.consent.written.first(IN_FORCE)
        await until(lambda: sum(sent > answered for sent, _, _ in seen) > 100)
        for each in readers:
            each.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        assert here.care.written.last(CANARY.encode()) < first_byte
    assert any(status == 200 and CANARY.encode() in body for _, status, body in seen)
    assert {status for sent, status, _ in seen if sent > answered} <= {404, 503}, (
        "503: consent was too slow to be asked"
    )


async def test_an_answer_that_was_on_its_way_for_longer_than_a_permit_lives_discloses_nothing__c2(
    tmp_path: Path,
) -> None:
    async with place_apart(tmp_path, Part.STORY) as here:
        (replica,) = here.asking.replicas
        ask, asked = replica.ask, []

        async def late(*args: Any) -> Any:
            answer = await ask(*args)
            asked.append(answer)
            await slowly(PERMIT_SECONDS + 0.01)
            return answer

        replica.ask = late
        reader = await here.care.reader(here.whole.group.by)
        status, _, body = await reader.ask("GET", f"/v1/people/{here.whole.r}/stories")
        assert status in {404, 503}, body
        assert asked, "consent did say yes"
        assert all(orjson.loads(said)["permitted"] for _, said in asked)
        assert here.care.written.last(CANARY.encode()) == 0.0
        replica.ask = ask
        status, _, body = await reader.ask("GET", f"/v1/people/{here.whole.r}/stories")
        assert (status, CANARY.encode() in body) == (200, True)


async def test_a_withdrawal_while_an_answer_is_on_its_way_leaves_nothing_to_be_read__c2(tmp_path: Path) -> None:
    """Consent said yes, the choice is taken back, and only then does the yes arrive."""
    async with place_apart(tmp_path, Part.STORY) as here:
        (replica,) = here.asking.replicas
        ask, arrives, said = replica.ask, asyncio.Event(), asyncio.Event()

        async def held(*args: Any) -> Any:
            answer = await ask(*args)
            said.set()
            await arrives.wait()
            return answer

        replica.ask = held
        reader = await here.care.reader(here.whole.group.by)
        reader.send("GET", f"/v1/people/{here.whole.r}/stories")
        await said.wait()
        replica.ask = ask
        await taken_back(here)
        arrives.set()
        status, _, _ = await reader.answer()
        assert status in {404, 503}
        assert here.care.written.last(CANARY.encode()) == 0.0


LINE = {"heading": "warning-signs", "words": "I stop opening the post."}
THINGS: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("GET", "/v1/people/{person}/stories", None),
    ("GET", "/v1/people/{person}/stories/{thing}", None),
    ("GET", "/v1/people/{person}/timeline", None),
    ("GET", "/v1/people/{person}/lead", None),
    ("POST", "/v1/people/{person}/needs", {"kind": "practical", "words": "a dry room"}),
    ("GET", "/v1/plans/{plan}", None),
    ("POST", "/v1/plans/{plan}/openings", None),
    ("POST", "/v1/plans/{plan}/agreement", {"revision": 1, "agreed": False}),
    ("POST", "/v1/plans/{plan}/agreement", {"revision": 1, "agreed": True, "how": "in-person"}),
    ("POST", "/v1/plans/{plan}/agreement/undoing", {"revision": 1, "words": "not mine"}),
    ("POST", "/v1/links/{link}/that-did-not-happen", None),
)
"""Everything there is a way to by somebody's id, or by a thing's of theirs."""


async def what_is_theirs(here: Apart) -> dict[str, object]:
    """Have R make a plan, and a link to what the group offers; give the ids by which there is a way to them."""
    whole = here.whole
    me, group = await here.care.reader(person_pass(whole.r)), await here.care.reader(whole.group.by)

    async def made(by: Any, path: str, body: dict[str, Any]) -> Any:
        status, _, told = await by.ask("POST", path, orjson.dumps(body))
        assert status == 201, told
        return orjson.loads(told)

    says = {"name": "The Thursday table", "says": "Come as you are.", "intensity": "community", "needs": ["social"]}
    offer = (await made(group, "/v1/offers", says | {"places_free": 4}))["id"]
    link = (await made(me, f"/v1/people/{whole.r}/links", {"offer": offer}))["link"]
    plan = (await made(me, f"/v1/people/{whole.r}/plans", {"lines": [LINE], "co_produced": True}))["plan"]
    return {"person": whole.r, "thing": whole.story, "plan": plan, "link": link}


async def everything(reader: Any, names: dict[str, object]) -> list[tuple[int, bytes]]:
    """Give how each of ``THINGS`` is answered, of these ids."""
    found = []
    for method, path, body in THINGS:
        status, _, told = await reader.ask(method, path.format(**names), b"" if body is None else orjson.dumps(body))
        found.append((status, told))
    return found


async def test_where_consent_can_not_be_asked_anybody_and_nobody_are_the_same_503__c3_c4(tmp_path: Path) -> None:
    async with place_apart(tmp_path, Part.STORY) as here:
        theirs = await what_is_theirs(here)
        (replica,) = here.asking.replicas
        replica.port = 9
        replica.close()
        reader = await here.care.reader(here.whole.group.by)
        known = await everything(reader, theirs)
        unknown = await everything(reader, {name: new_id() for name in theirs})
        assert known == unknown
        assert {status for status, _ in known} == {503}, known
        me = await here.care.reader(person_pass(here.whole.r))
        status, _, body = await me.ask("GET", f"/v1/people/{here.whole.r}/stories")
        assert (status, CANARY.encode() in body) == (200, True), "the person's own reading never asks"
