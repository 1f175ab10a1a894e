"""The edge gives nothing away: not what was asked to whoever has the database, no label to whoever calls."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI
from prometheus_client import generate_latest
from starlette.types import Message

from shared.app import Edge, handle_errors
from shared.clock import monotonic
from shared.decisions import PERMIT_SECONDS, Decisions, Permit
from shared.errors import AlongsideError, BusyError, NotFoundError, OtherBodyError, UnavailableError
from shared.event import Part, Role
from shared.http import Call, Disclosure, Service, calls, router
from shared.ids import new_id
from shared.news import AskOfMany
from shared.passes import Pass
from shared.ports import Answer, Ask, Why
from tests.component.shared.test_edge import ROUTES, Consent
from tests.support.toy import Toy
from tests.support.wait import slowly

BY = Pass(Role.PRACTITIONER, new_id(), member=new_id(), organisation=new_id())


@pytest.fixture
def app(toy: Toy) -> FastAPI:
    app = FastAPI(redirect_slashes=False)
    app.include_router(ROUTES)
    handle_errors(app)
    consent = Consent(Answer(permitted=True, why=Why.CHOICE))
    app.state.services = {"teller": Service("teller", toy.teller, Decisions(consent), None)}

    async def identify(_: str) -> Pass | None:
        return BY

    app.add_middleware(Edge, identify=identify)
    return app


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Authorization": "Bearer good"}
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://toy", headers=headers
    ) as made:
        yield made


async def test_what_was_asked_cannot_be_looked_for_with_the_database_alone(toy: Toy, http: httpx2.AsyncClient) -> None:
    """A code word in a body has few guesses: neither its hash nor the id that it is mixed with may be there."""
    request, path = new_id(), f"/v1/notes/{new_id()}"
    told = await http.post(path, content=b'{"number": 7}', headers=_ids(request))
    assert told.status_code == 201
    ((name, body),) = toy.file.reader.execute("SELECT request, body FROM teller_reply").fetchall()
    asked = f"POST {path} ".encode() + b'{"number": 7}'
    assert body not in {hashlib.sha256(mixed + asked).hexdigest() for mixed in (b"", UUID(name).bytes)}
    dump = "\n".join(toy.file.reader.iterdump()).lower()
    assert request.hex not in dump
    assert str(request) not in dump


async def test_a_correlation_that_is_the_request_id_is_not_taken_for_it_is_journalled(
    toy: Toy, http: httpx2.AsyncClient
) -> None:
    request = new_id()
    both = _ids(request) | {"X-Correlation-ID": str(request)}
    told = await http.post(f"/v1/notes/{new_id()}", content=b'{"number": 7}', headers=both)
    assert told.headers["X-Correlation-ID"] != str(request)
    assert str(request) not in "\n".join(toy.file.reader.iterdump())


async def test_a_caller_makes_up_no_label(http: httpx2.AsyncClient) -> None:
    await http.request("ROWAN", f"/v1/notes/{new_id()}")
    assert b"ROWAN" not in generate_latest()
    assert b'method="other"' in generate_latest()


async def test_every_permit_of_an_answer_lives_while_it_leaves__c2() -> None:
    """One that ran out while others were asked about is asked about again; a no about one is a no for all."""
    no: set[UUID] = set()
    asked: list[UUID] = []

    class Says:
        async def surely_not(self, ask: AskOfMany) -> frozenset[UUID]:
            return frozenset()

        async def decide(self, ask: Ask) -> Answer:
            asked.append(ask.person)
            return Answer(permitted=ask.person not in no, why=Why.CHOICE)

        async def hidden(self, person_id: UUID, ids: frozenset[UUID]) -> frozenset[UUID]:
            return frozenset()

    decisions = Decisions(Says())
    people = [new_id() for _ in range(3)]
    permits = [await decisions.need(Ask(BY, person, Part.NAME)) for person in people]
    old = replace(permits[1], asked_at=monotonic() - PERMIT_SECONDS)
    sent = await _sent(decisions, [permits[0], old, permits[2]])
    assert sent[0]["type"] == "http.response.start"
    assert asked[3:] == [people[1]]
    no.add(people[2])
    older = [replace(each, asked_at=monotonic() - PERMIT_SECONDS) for each in permits]
    with pytest.raises(NotFoundError):
        await _sent(decisions, older)


async def test_a_disk_that_stalls_makes_an_answer_late_and_not_wrong__c2() -> None:
    """Asking that outlasts a permit is asked again; the person's no meanwhile is still the answer."""
    took = [2 * PERMIT_SECONDS, 2 * PERMIT_SECONDS, 0.0]
    asked: list[bool] = []
    no_from = 99

    class Stalls:
        async def surely_not(self, ask: AskOfMany) -> frozenset[UUID]:
            return frozenset()

        async def decide(self, ask: Ask) -> Answer:
            await slowly(took[min(len(asked), len(took) - 1)])
            asked.append(len(asked) + 1 < no_from)
            return Answer(permitted=asked[-1], why=Why.CHOICE)

        async def hidden(self, person_id: UUID, ids: frozenset[UUID]) -> frozenset[UUID]:
            return frozenset()

    decisions = Decisions(Stalls())
    permit = await decisions.need(Ask(BY, new_id(), Part.NAME))
    assert not permit.fresh()
    sent = await _sent(decisions, [permit])
    assert (sent[0]["type"], asked) == ("http.response.start", [True, True, True])
    asked.clear()
    no_from = 3
    permit = await decisions.need(Ask(BY, new_id(), Part.NAME))
    with pytest.raises(NotFoundError):
        await _sent(decisions, [permit])
    assert asked == [True, True, False]


async def _sent(decisions: Decisions, permits: list[Permit]) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await Disclosure(decisions, permits, b"{}")({"type": "http"}, None, send)
    return sent


def _ids(request: UUID) -> dict[str, str]:
    return {"X-Request-ID": str(request), "Content-Type": "application/json"}


class Withdrawn(Consent):
    """Says yes once, then no."""

    async def decide(self, ask: Ask) -> Answer:
        answer = await super().decide(ask)
        self.answer = Answer(permitted=False, why=Why.WITHDRAWN)
        return answer


@pytest.mark.parametrize(
    ("error", "status", "asked"),
    [(UnavailableError, 503, 1), (BusyError, 404, 2), (OtherBodyError, 404, 2)],
)
async def test_what_is_away_is_said_without_another_asking_and_everything_else_passes_the_gate__c4(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, error: type[AlongsideError], status: int, asked: int
) -> None:
    monkeypatch.setattr("shared.decisions.PERMIT_SECONDS", 0.0)  # the permit has run out by then
    app, consent, routes = FastAPI(), Withdrawn(Answer(permitted=True, why=Why.CHOICE)), router("toy")

    @routes.get("/v1/people/{person}/plan")
    async def get_plan(person: UUID, call: Annotated[Call[Any], calls("teller", Role.PRACTITIONER)]) -> Any:
        await call.permit(person, Part.PLAN)
        raise error

    app.include_router(routes)
    handle_errors(app)
    app.state.services = {"teller": Service("teller", toy.teller, Decisions(consent), None)}

    async def identify(_: str) -> Pass | None:
        return BY

    app.add_middleware(Edge, identify=identify)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://toy") as made:
        told = await made.get(f"/v1/people/{new_id()}/plan", headers={"Authorization": "Bearer good"})
    assert (told.status_code, consent.asked) == (status, asked)
