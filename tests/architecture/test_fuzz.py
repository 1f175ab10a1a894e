"""schemathesis makes up requests from the API's own description: no fault of ours, and one shape of error.

A few for each route in the suite; ``--fuzz 200`` makes it a search.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from shared.event import Role
from tests.support.place import a_pass
from tests.support.whole_place import WholePlace, whole_place

SCOPES = frozenset({"read", "write", "subscriptions", "texts"})


class Asked:
    """The whole place on an event loop of its own: schemathesis and hypothesis are not async."""

    def __init__(self, loop: asyncio.AbstractEventLoop, whole: WholePlace) -> None:
        self.loop = loop
        self.whole = whole
        self.schema = schemathesis.openapi.from_dict(whole.place.system.app.openapi())
        house = whole.house
        self.callers = {
            "anyone": whole.place.client(),
            "person": whole.me,
            "partner-system": whole.place.client(a_pass(Role.SYSTEM, organisation=house.id, scopes=SCOPES)),
            "practitioner": house.http,
            "steward": whole.place.client(a_pass(Role.STEWARD)),
        }

    def ask(self, made_up: Any, roles: list[str]) -> httpx2.Response:
        """Send one made-up request as the first caller that the route lets in."""
        caller = next((http for name, http in self.callers.items() if name in roles), self.callers["practitioner"])
        made = made_up.as_transport_kwargs(base_url="http://place")
        known = ("method", "url", "params", "json", "data", "content")
        sent = {name: made[name] for name in known if made.get(name) is not None}
        headers = {
            k: v for k, v in made["headers"].items() if k.lower() in {"if-match", "x-request-id", "content-type"}
        }
        answer: httpx2.Response = self.loop.run_until_complete(caller.request(**sent, headers=headers))
        return answer


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        whole = runner.run(stack.enter_async_context(whole_place(tmp_path_factory.mktemp("fuzz"))))
        yield Asked(runner.get_loop(), whole)
        runner.run(stack.aclose())


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_made_up_requests_never_find_a_fault_of_ours(asked: Asked, mode: GenerationMode, fuzz: int) -> None:
    wrong: dict[str, str] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # schemathesis says of some routes that nothing about them can be wrong
        for found in asked.schema.get_all_operations():
            operation: Any = found.ok()  # type: ignore[union-attr]
            if "delete" in operation.method and "sessions" in operation.path:
                continue
            _search(asked, operation, mode, fuzz, wrong)
    assert not wrong, "\n".join(f"{label}: {what}" for label, what in wrong.items())


def _search(asked: Asked, operation: Any, mode: GenerationMode, most: int, wrong: dict[str, str]) -> None:
    roles = operation.definition.raw.get("x-roles", ["anyone"])

    @settings(
        max_examples=most,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(made_up=operation.as_strategy(generation_mode=mode))
    def one(made_up: Any) -> None:
        answer = asked.ask(made_up, roles)
        is_problem = "problem+json" in answer.headers.get("content-type", "") or operation.path == "/oauth/token"
        if answer.status_code >= 500 or (answer.status_code >= 400 and not is_problem):
            wrong[operation.label] = (
                f"{answer.status_code} {answer.text[:200]} {str(made_up.body)[:200]!r} {made_up.query!r}"
            )

    try:
        one()
    except Exception as error:  # noqa: BLE001 - a route of which schemathesis can make nothing (no wrong input exists)
        if mode is not GenerationMode.NEGATIVE or "Unsatisfiable" not in type(error).__name__ + str(error):
            wrong[operation.label] = f"{type(error).__name__}: {error}"[:300]


def test_a_fault_is_found(asked: Asked) -> None:
    class Faulty(Asked):
        def __init__(self) -> None:
            pass

        def ask(self, made_up: Any, roles: list[str]) -> httpx2.Response:
            return httpx2.Response(500, json={"made_of": [str(made_up.path), roles]})

    wrong: dict[str, str] = {}
    _search(Faulty(), asked.schema["/v1/arrivals"]["POST"], GenerationMode.POSITIVE, 1, wrong)
    assert "500" in wrong["POST /v1/arrivals"]
