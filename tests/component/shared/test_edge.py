"""The edge: every answer has one shape, nothing that came in goes out again, and a fault says nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from starlette.types import Message

from shared.app import MOST_BYTES, Edge, handle_errors
from shared.decisions import PERMIT_SECONDS, Decisions
from shared.errors import UnavailableError
from shared.event import Part, Role
from shared.http import Body, Call, Line, Service, answer, calls, router
from shared.ids import new_id
from shared.news import AskOfMany
from shared.passes import Pass
from shared.ports import Answer, Ask, Why
from tests.support.toy import Tell, Toy, ToyStore, tell
from tests.support.wait import slowly

GOOD = Pass(Role.PRACTITIONER, new_id(), member=new_id(), organisation=new_id())
ROUTES = router("toy")
PLAIN = APIRouter()
ToyCall = Call[ToyStore]


class Note(Body):
    """A number told."""

    number: int
    words: Line | None = None
    tags: dict[str, int] | None = None


@ROUTES.post("/v1/notes/{subject}")
async def post_note(
    subject: UUID, note: Note, call: Annotated[ToyCall, calls("teller", Role.PRACTITIONER, Role.ANYONE)]
) -> Any:
    """Tell a number."""
    return answer({"number": await call.run(tell, Tell(subject, note.number), int)}, status=201)


@ROUTES.get("/v1/notes/{subject}")
async def get_notes(subject: UUID, call: Annotated[ToyCall, calls("teller", Role.PRACTITIONER)]) -> Any:
    """Read the numbers of somebody."""
    permit = await call.permit(subject, Part.STORY)
    return call.disclose(permit, await call.read(lambda store: store.noted(subject)))


@PLAIN.post("/plain")
async def post_plain(note: Note) -> Any:
    """Take a note on a route that does not read strictly."""
    return answer({"number": note.number})


@ROUTES.get("/v1/faults")
async def get_fault(call: Annotated[ToyCall, calls("teller", Role.ANYONE, Role.PRACTITIONER)]) -> Any:
    """Fail."""
    raise RuntimeError("the words of somebody")


@dataclass
class Consent:
    """Says what it was told to say."""

    answer: Answer | None
    asked: int = 0

    async def surely_not(self, ask: AskOfMany) -> frozenset[UUID]:
        return frozenset()

    async def decide(self, ask: Ask) -> Answer:
        self.asked += 1
        if self.answer is None:
            raise UnavailableError
        return self.answer

    async def hidden(self, person_id: UUID, ids: frozenset[UUID]) -> frozenset[UUID]:
        return frozenset()


@pytest.fixture
def consent() -> Consent:
    return Consent(Answer(permitted=True, why=Why.CHOICE))


@pytest.fixture
def app(toy: Toy, consent: Consent) -> FastAPI:
    app = FastAPI(redirect_slashes=False)
    app.include_router(ROUTES)
    app.include_router(PLAIN)
    handle_errors(app)
    app.state.services = {"teller": Service("teller", toy.teller, Decisions(consent), None)}

    async def identify(token: str) -> Pass | None:
        return GOOD if token == "good" else None

    app.add_middleware(Edge, identify=identify)
    return app


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Authorization": "Bearer good"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://toy", headers=headers) as made:
        yield made


def path() -> str:
    return f"/v1/notes/{new_id()}"


@pytest.mark.parametrize("given", ["Bearer bad", "Bearer", "Bearer ", "Basic Zm9vOmJhcg==", "good", "Bearer \xe9"])
async def test_a_bad_token_is_401_on_an_open_route_too(http: httpx2.AsyncClient, given: str) -> None:
    told = await http.post(path(), json={"number": 1}, headers=[(b"Authorization", given.encode("latin-1"))])
    assert told.status_code == 401
    assert told.headers["WWW-Authenticate"] == "Bearer"
    assert told.json()["code"] == "not-signed-in"


async def test_no_token_is_anyone_where_anyone_may_and_401_elsewhere(http: httpx2.AsyncClient) -> None:
    del http.headers["Authorization"]
    assert (await http.post(path(), json={"number": 1})).status_code == 201
    assert (await http.get(path())).status_code == 401


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b'{"number": 1,', "application/json", 400, "malformed"),
        (b'{"number": 1, "number": 2}', "application/json", 400, "malformed"),
        (b'{"number": 1e400}', "application/json", 400, "malformed"),
        (b'{"number": 99999999999999999999}', "application/json", 400, "malformed"),
        (b"\xff", "application/json", 400, "malformed"),
        (b'{"number": 1}', "text/plain", 415, "unsupported"),
        (b'{"number": 1}', "", 415, "unsupported"),
        (b'{"number": "x"}', "application/json", 422, "invalid"),
        (b"[]", "application/json", 422, "invalid"),
        (b"", "application/json", 422, "invalid"),
        (b"{}", "application/json", 422, "invalid"),
    ],
)
async def test_a_bad_body_gets_its_own_answer_and_nothing_happens(
    toy: Toy, http: httpx2.AsyncClient, body: bytes, kind: str, status: int, code: str
) -> None:
    told = await http.post(path(), content=body, headers={"Content-Type": kind})
    assert (told.status_code, told.json()["code"]) == (status, code)
    assert told.headers["Content-Type"] == "application/problem+json"
    assert toy.rows("teller_journal") == 0


async def test_an_answer_never_repeats_what_came_in(http: httpx2.AsyncClient) -> None:
    secret = "Rowan"
    for body in (
        {"number": secret},
        {secret: 1, "number": 1},
        {"number": 1, "tags": {secret: secret}},
        {"number": 1, "words": f"{secret}\x07"},
        {"number": 1, "words": secret * 500},
    ):
        told = await http.post(path(), json=body)
        assert told.status_code == 422
        assert secret not in told.text
    fields = (await http.post(path(), json={"number": secret, secret: 1})).json()["fields"]
    assert fields == ["number", "(unknown field)"]
    for wrong in (f"/v1/notes/{secret}", f"/v1/{secret}"):
        told = await http.get(wrong)
        assert secret not in told.text


@pytest.mark.parametrize("name", ["X-Request-ID", "X-Correlation-ID"])
@pytest.mark.parametrize("given", ["1", "", "Rowan", "x" * 5_000, "\xe9"])
async def test_an_id_that_is_no_uuid_is_422(http: httpx2.AsyncClient, name: str, given: str) -> None:
    told = await http.post(path(), json={"number": 1}, headers=[(name.encode(), given.encode("latin-1"))])
    assert told.status_code == 422
    assert told.json()["fields"] == [name]


async def test_ids_given_come_back_and_a_correlation_is_made(http: httpx2.AsyncClient) -> None:
    request = str(new_id())
    told = await http.post(path(), json={"number": 1}, headers={"X-Request-ID": request})
    assert told.headers["X-Request-ID"] == request
    assert UUID(told.headers["X-Correlation-ID"]).version == 4
    assert told.headers["Cache-Control"] == "no-store"


async def test_the_same_request_id_is_one_effect_over_http(toy: Toy, http: httpx2.AsyncClient) -> None:
    where, ids = path(), {"X-Request-ID": str(new_id())}
    first, again, other = [
        await http.post(where, json=body, headers=ids) for body in ({"number": 1}, {"number": 1}, {"number": 2})
    ]
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (201, {"number": 1})
    assert (other.status_code, other.json()["code"]) == (422, "request-id-used")
    assert toy.rows("teller_journal") == 1


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_body_over_the_limit_is_413(http: httpx2.AsyncClient, *, streamed: bool) -> None:
    long = b'{"number": 1, "words": "' + b"x" * MOST_BYTES + b'"}'

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(long), 4_096):
            yield long[start : start + 4_096]

    told = await http.post(path(), content=pieces() if streamed else long, headers={"Content-Type": "application/json"})
    assert (told.status_code, told.json()["code"]) == (413, "too-large")


async def test_a_body_over_the_limit_is_413_on_a_route_of_the_framework_too(http: httpx2.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(MOST_BYTES // 4_096 + 2):
            yield b"x" * 4_096

    told = await http.post("/plain", content=pieces(), headers={"Content-Type": "application/json"})
    assert (told.status_code, told.json()["code"]) == (413, "too-large")


async def test_another_method_is_405_and_says_which_are_taken(http: httpx2.AsyncClient) -> None:
    told = await http.delete(path())
    assert (told.status_code, told.json()["code"]) == (405, "method")
    assert told.headers["Allow"]


async def test_an_address_with_a_slash_too_many_is_not_found_and_not_sent_elsewhere(http: httpx2.AsyncClient) -> None:
    assert (await http.get(path() + "/")).status_code == 404


async def test_a_fault_says_nothing(http: httpx2.AsyncClient) -> None:
    told = await http.get("/v1/faults")
    assert (told.status_code, told.json()["code"]) == (500, "fault")
    assert "words" not in told.text


async def test_a_caller_who_goes_away_leaves_nothing_half_done(toy: Toy, app: FastAPI) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path(), "raw_path": b"", "query_string": b"", "root_path": "",
             "headers": [(b"content-type", b"application/json")], "http_version": "1.1", "scheme": "http",
             "server": ("toy", 80), "client": ("toy", 1)}  # fmt: skip
    await app(scope, receive, send)
    assert sent == []
    assert toy.rows("teller_journal") == 0


async def test_a_no_and_an_unknown_person_are_one_answer_and_a_silence_of_consent_is_one_of_its_own(
    http: httpx2.AsyncClient, consent: Consent
) -> None:
    where, ids = path(), {"X-Request-ID": str(new_id()), "X-Correlation-ID": str(new_id())}
    said = []
    for says in (Answer(permitted=False, why=Why.WITHDRAWN), Answer(permitted=False, why=Why.NO_CHOICE), None):
        consent.answer = says
        told = await http.get(where, headers=ids)
        said.append((told.status_code, told.content, sorted(told.headers.items())))
    assert said[0] == said[1]
    assert (said[0][0], said[2][0]) == (404, 503)


async def test_when_consent_falls_silent_after_a_yes_the_answer_is_503_and_not_that_nothing_is_there(
    toy: Toy, http: httpx2.AsyncClient, consent: Consent
) -> None:
    async def silent_from_now(work: Any, **how: Any) -> Any:
        await slowly(PERMIT_SECONDS)
        consent.answer = None
        return await reads(work, **how)

    reads, toy.teller.read = toy.teller.read, silent_from_now  # type: ignore[assignment, method-assign]
    told = await http.get(path())
    assert (told.status_code, told.json()["code"]) == (503, "unavailable")
    assert consent.asked == 3  # the last gate asks a second time where consent is silent


async def test_a_reading_passes_the_gate_with_its_first_permit(
    toy: Toy, http: httpx2.AsyncClient, consent: Consent
) -> None:
    told = await http.get(path())
    assert (told.status_code, told.json(), consent.asked) == (200, [], 1)
