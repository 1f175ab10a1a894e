"""A request waits for its databases for one time in all, whatever it passes through (reliability P10)."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from math import inf
from typing import TYPE_CHECKING, Any

import pytest

from services.calls.afar import Afar
from services.calls.hurried import LEFT, Hurried
from services.calls.questions import questions_of
from services.consent.ledger.domain import Entry
from services.consent.ledger.writer import Ledger
from shared.db_postgres_hurry import REQUEST_SECONDS, SHORTEST_SECONDS, left, within
from shared.errors import UnavailableError
from shared.ids import new_id
from tests.support.processes import inside, ring, serving
from tests.support.samples import sample

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

pytestmark = pytest.mark.asyncio


async def test_who_has_no_time_of_their_own_waits_as_long_as_they_say() -> None:
    assert left(1.5) == 1.5


async def test_all_waits_of_a_request_share_one_time_and_each_has_a_little_even_then() -> None:
    with within(1.0):
        assert left(0.4) == 0.4
        assert SHORTEST_SECONDS < left(1.5) <= 1.0
        with within(inf):
            assert left(60) == 60
        with within(0.0):
            assert left(1.5) == SHORTEST_SECONDS
            assert left(0.2) == 0.2
    assert left(1.5) == 1.5


async def test_what_a_request_begins_has_its_time_and_a_loop_beside_it_has_none() -> None:
    found: dict[str, float] = {}
    go = asyncio.Event()

    async def look(name: str) -> None:
        await go.wait()
        found[name] = left(1.5)

    loop = asyncio.create_task(look("loop"))
    with within(0.0):
        go.set()
        await asyncio.gather(look("request"), loop)
    assert found == {"request": SHORTEST_SECONDS, "loop": 1.5}


class NotThere:
    """A database that is away, and notes how long it was waited for."""

    def __init__(self) -> None:
        self.left: list[float] = []

    def write(self) -> Any:
        self.left.append(left(1.5))
        raise UnavailableError


async def test_a_ledger_line_of_a_hurried_request_does_not_hurry_those_after_it() -> None:
    database = NotThere()
    ledger = Ledger(database)  # type: ignore[arg-type]
    with within(0.0), pytest.raises(UnavailableError):
        await ledger.write(sample(Entry, full=True))
    assert database.left == [1.5]


class Told:
    """An app that notes how long it may wait."""

    def __init__(self) -> None:
        self.left: list[float] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.left.append(left(100.0))


@pytest.mark.parametrize(
    ("path", "told", "at_most"),
    [
        ("/v1/arrivals", None, REQUEST_SECONDS),
        ("/v1/arrivals", b"60000", REQUEST_SECONDS),
        ("/internal/consent/decide", b"600", 0.6),
        ("/internal/consent/decide", b"60000", 60.0),
        ("/internal/consent/decide", None, REQUEST_SECONDS),
        ("/internal/consent/decide", b"-1", REQUEST_SECONDS),
        ("/internal/consent/decide", b"9" * 400, REQUEST_SECONDS),
        ("/internal/consent/decide", "\u0661".encode(), REQUEST_SECONDS),
    ],
)
async def test_only_a_question_between_processes_says_how_long_it_is_waited_for(
    path: str, told: bytes | None, at_most: float
) -> None:
    app = Told()
    headers = [] if told is None else [(LEFT.lower().encode(), told)]
    await Hurried(app)({"type": "http", "path": path, "headers": headers}, None, None)  # type: ignore[arg-type]
    (found,) = app.left
    assert at_most / 2 < found <= at_most


class Slow:
    """Pathway, as slow as a database that is away lets it be."""

    service = "pathway"

    def __init__(self) -> None:
        self.given: list[float] = []

    async def lead(self, person_id: object) -> None:
        self.given.append(left(60))
        raise UnavailableError


async def test_a_process_that_is_asked_waits_for_no_longer_than_whoever_asks(tmp_path: Path) -> None:
    slow, keys = Slow(), ring(tmp_path / "keys")
    async with serving(Hurried(inside(slow, keys))) as address:
        stub = Afar("pathway", [address], keys)
        for seconds in (inf, 0.9, 0.0):
            with within(seconds), pytest.raises(UnavailableError):
                await stub.lead(new_id())  # type: ignore[attr-defined]
        stub.close()
    unhurried, hurried, late = slow.given
    assert REQUEST_SECONDS < unhurried <= questions_of("pathway")["lead"].seconds
    assert SHORTEST_SECONDS < hurried <= 0.9
    assert late == SHORTEST_SECONDS


async def test_what_is_waited_for_whoever_asks_is_not_taken_from_them() -> None:
    clock, app = [0.0], Told()

    async def slowly_sent() -> Any:
        clock[0] += 30.0
        return {"type": "http.request"}

    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await app(scope, receive, send)

    with pytest.MonkeyPatch.context() as patched:
        for place in ("services.calls.hurried", "shared.db_postgres_hurry"):
            patched.setattr(f"{place}.monotonic", lambda: clock[0])
        await Hurried(reads)({"type": "http", "path": "/v1/arrivals", "headers": []}, slowly_sent, None)  # type: ignore[arg-type]
    assert app.left == [REQUEST_SECONDS]


async def test_a_line_of_the_ledger_is_waited_for_as_long_as_whoever_asks_waits() -> None:
    class Hangs:
        @asynccontextmanager
        async def write(self) -> AsyncIterator[None]:
            await asyncio.Event().wait()
            yield

    ledger = Ledger(Hangs())  # type: ignore[arg-type]
    with within(0.0), pytest.raises(UnavailableError):
        await ledger.write(sample(Entry, full=True))
