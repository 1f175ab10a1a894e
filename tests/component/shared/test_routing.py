"""A route is found by the shape of its path, and answers as if every pattern had been tried in turn."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from shared.app import handle_errors
from shared.errors import UnavailableError
from shared.routing import ByShape

ROUTES = APIRouter()
OPEN = APIRouter()


@ROUTES.get("/v1/people/{person}/plan")
async def get_plan(person: str) -> str:
    return f"plan of {person}"


@ROUTES.post("/v1/people/{person}/plan")
async def post_plan(person: str) -> str:
    return f"new plan of {person}"


@ROUTES.get("/v1/people/{person}/{noun}")
async def get_noun(person: str, noun: str) -> str:
    return f"{noun} of {person}"


@ROUTES.get("/v1/people/here/plan")
async def get_here() -> str:
    return "here"


@OPEN.get("/files/{path:path}")
async def get_file(path: str) -> str:
    return f"file {path}"


class Gate:
    """Shut until a test opens it."""

    shut = False

    async def __call__(self) -> None:
        if self.shut:
            raise UnavailableError


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def http(gate: Gate) -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI(redirect_slashes=False)
    routes = [(route, gate) for route in ROUTES.routes if isinstance(route, APIRoute)]
    free = [(route, None) for route in OPEN.routes if isinstance(route, APIRoute)]
    app.router.routes.extend([ByShape([*routes, *free]), *(route for route, _ in [*routes, *free])])
    handle_errors(app)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://x") as made:
        yield made


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/v1/people/1/plan", "plan of 1"),
        ("POST", "/v1/people/1/plan", "new plan of 1"),
        ("GET", "/v1/people/here/plan", "here"),
        ("POST", "/v1/people/here/plan", "new plan of here"),
        ("GET", "/v1/people/1/needs", "needs of 1"),
        ("GET", "/files/a/b/c", "file a/b/c"),
        ("GET", "/v1/people/%7Bperson%7D/plan", "plan of {person}"),
    ],
)
async def test_the_most_particular_route_that_takes_the_method_answers(
    http: httpx2.AsyncClient, method: str, path: str, said: str
) -> None:
    told = await http.request(method, path)
    assert (told.status_code, told.json()) == (200, said)


@pytest.mark.parametrize(
    "path", ["/", "//", "/v1", "/v1/people/1", "/v1/people/1/plan/", "/v1/people/1/plan/x", "/V1/people/1/plan"]
)
async def test_what_no_pattern_takes_is_not_found(http: httpx2.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 404


async def test_a_method_that_is_not_taken_is_told_all_that_are(http: httpx2.AsyncClient) -> None:
    told = await http.delete("/v1/people/1/plan")
    assert (told.status_code, told.headers["Allow"]) == (405, "GET, POST")


async def test_what_stands_before_a_route_can_turn_the_caller_away(http: httpx2.AsyncClient, gate: Gate) -> None:
    gate.shut = True
    assert (await http.get("/v1/people/1/plan")).status_code == 503
    assert (await http.get("/files/a")).status_code == 200
