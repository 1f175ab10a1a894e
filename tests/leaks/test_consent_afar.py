"""Nothing covered leaves after a withdrawal's answer where consent is asked over HTTP; planted delays leak nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson

from shared.clock import monotonic
from shared.decisions import PERMIT_SECONDS
from shared.event import Part
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
    assert {status for sent, status, _ in seen if sent > answered} == {404}


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
        assert status == 404
        assert here.care.written.last(CANARY.encode()) == 0.0


async def test_where_consent_can_not_be_asked_the_answer_is_that_of_somebody_unknown__c3_c4(tmp_path: Path) -> None:
    async with place_apart(tmp_path, Part.STORY) as here:
        (replica,) = here.asking.replicas
        replica.port = 9
        replica.close()
        reader = await here.care.reader(here.whole.group.by)
        status, _, body = await reader.ask("GET", f"/v1/people/{here.whole.r}/stories")
        nobody, _, other = await reader.ask("GET", f"/v1/people/{here.whole.story}/stories")
        assert (status, body) == (nobody, other)
        assert status == 404
        me = await here.care.reader(person_pass(here.whole.r))
        status, _, body = await me.ask("GET", f"/v1/people/{here.whole.r}/stories")
        assert (status, CANARY.encode() in body) == (200, True), "the person's own reading never asks"
