"""Every route of the real app, by every role: none without a decision, and what one may not see one can't detect."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio

from services.gateway.front.openapi import routes
from shared.event import Part, Role
from shared.ids import new_id
from shared.passes import Pass
from tests.support.place import a_pass, person_pass
from tests.support.setting_up import Body, a_group
from tests.support.shapes import Shaped, shaped
from tests.support.whole_place import WholePlace, whole_place

pytestmark = pytest.mark.asyncio(loop_scope="module")
OPEN = {
    "/docs": "the API's description is for everybody",
    "/docs/assets/{name}": "what that page is drawn with",
    "/_ping": "whoever watches the process has no sign-in",
    "/_live": "as /_ping",
    "/_ready": "as /_ping",
    "/_status": "as /_ping; it names and counts nobody",
    "/metrics": "it asks for a steward, or for the token of the settings, by itself",
    "/problems/{code}": "what an error means is for everybody",
    "/oauth/token": "signing in; it decides by the assertion itself",
}
"""The routes that declare no role, each with why."""
ROLES = [role for role in Role if role is not Role.TIMER]
PLAN = {"lines": [{"heading": "warning-signs", "words": "Curtains shut."}], "co_produced": True}


@dataclass
class World:
    """The whole place with R's things in it, a stranger's organisation, and another person."""

    whole: WholePlace
    stranger: Body
    other: UUID
    ids: dict[str, Any]
    shapes: list[Shaped] = field(default_factory=list)

    def by(self, role: Role) -> Pass | None:
        """Give a pass of ``role`` that has nothing to do with R."""
        if role is Role.ANYONE:
            return None
        if role is Role.PERSON:
            return person_pass(self.other)
        if role is Role.SYSTEM:
            return self.whole.system_of(self.stranger)
        member = self.stranger.by.member
        return Pass(role, member or new_id(), member=member, organisation=self.stranger.id)

    async def ask(self, shape: Shaped, by: Pass | None, ids: dict[str, Any], **more: Any) -> httpx2.Response:
        """Ask a route with a body of its shape."""
        headers = {"If-Match": '"none"'} | more.pop("headers", {})
        async with self.whole.place.client(by) as http:
            return await http.request(shape.method, shape.filled(ids), json=shape.body, headers=headers, **more)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with whole_place(tmp_path_factory.mktemp("routes")) as whole:
        stranger = await a_group(whole.place, "Far Side", vouched_by=whole.house)
        other = (await whole.place.client().post("/v1/arrivals", json={"called": "Q"})).json()["person"]
        made = World(whole, stranger, UUID(other), await _things_of_r(whole))
        made.shapes = shaped(whole.place.system.app)
        assert all(made.ids.values()), "each of R's things is there to be asked for"
        await whole.place.settle()
        yield made


async def _things_of_r(whole: WholePlace) -> dict[str, Any]:
    """Make one of each thing of R's that has an id of its own."""
    r, me = whole.r, whole.me
    choice = await whole.yes(whole.house.id, Part.NAME, Part.STORY, Part.PLAN, Part.JOURNEY, Part.CIRCLE)
    offered = {"name": "Nights", "says": "Somewhere safe.", "intensity": "crisis", "needs": ["clinical"]}
    offer = await _id(whole.house.http.post("/v1/offers", json=offered | {"organisation": str(whole.house.id)}), "id")
    plan = await _id(me.post(f"/v1/people/{r}/plans", json=PLAN), "plan")
    line = (await me.get(f"/v1/plans/{plan}")).json()["lines"][0]["id"]
    entry = await _id(me.post(f"/v1/people/{r}/circle", json={"called": "Jo", "kind": "family"}), "entry")
    link = await _id(me.post(f"/v1/people/{r}/links", json={"offer": offer, "leads": False}), "link")
    told = (await me.get(f"/v1/people/{r}/stories/{whole.story}")).json()["passages"][0]["passage"]
    body = {"passage": told, "from": {"role": "carer"}}
    withholding = await _id(me.post(f"/v1/people/{r}/withholdings", json=body), "withholding")
    wish = {"url": "http://127.0.0.1:9/hook", "events": ["*"]}
    async with whole.place.client(whole.system_of(whole.house)) as system:
        subscription = (await system.post("/v1/subscriptions", json=wish)).json()
    return {
        "person": r, "organisation": whole.house.id, "story": whole.story, "choice": choice, "plan": plan,
        "offer": offer, "link": link, "member": whole.house.by.member,
        "line": line,
        "entry": entry,
        "withholding": withholding,
        "subscription_id": subscription.get("subscription") or subscription.get("id"),
    }  # fmt: skip


async def _id(answering: Any, name: str) -> str:
    answer = await answering
    assert answer.status_code == 201, answer.text
    found: str = answer.json()[name]
    return found


async def test_every_route_says_who_may_use_it_or_is_open_for_a_reason(world: World) -> None:
    undecided = {shape.path for shape in world.shapes if shape.roles is None}
    assert undecided == set(OPEN)
    assert all(OPEN.values())
    assert len(list(routes(world.whole.place.system.app))) > 100, "the real app, not a part of it"


async def test_no_one_gets_past_a_route_that_their_role_may_not_use(world: World) -> None:
    wrong = []
    for shape in (each for each in world.shapes if each.roles is not None):
        for role in ROLES:
            answer = await world.ask(shape, world.by(role), world.ids)
            allowed = role in (shape.roles or ())
            turned = _told(answer) == ((401, "not-signed-in") if role is Role.ANYONE else (403, "not-yours"))
            if answer.status_code >= 500 or (not allowed and not turned):
                wrong.append(f"{shape} as {role.value}: {answer.status_code} {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)


def _told(answer: httpx2.Response) -> tuple[int, str]:
    is_problem = "problem" in answer.headers.get("content-type", "")
    return answer.status_code, answer.json()["code"] if is_problem else ""


async def test_a_token_that_is_no_good_opens_nothing(world: World) -> None:
    headers = {"Authorization": "Bearer not-a-token-of-ours"}
    wrong = []
    for shape in (each for each in world.shapes if each.roles is not None):
        answer = await world.ask(shape, None, world.ids, headers=headers)
        if (answer.status_code, answer.headers.get("www-authenticate")) != (401, "Bearer"):
            wrong.append(f"{shape}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


OTHERWISE = {
    "POST /v1/plans/{plan}/agreement": (409, "an unknown witness is told just that, whatever the plan (P3)"),
    "POST /v1/plans/{plan}/agreement/undoing": (409, "as above"),
    "PUT /v1/people/{person}/reach": (403, "carers and systems never set a safe route, whoever it is about"),
    "POST /v1/people/{person}/emergency-access": (403, "a group that joined by one word never has it (M1, C5)"),
}
"""Where a stranger is not told 404, but still the same for somebody real and somebody unknown."""
OF_A_PERSON = {"person", "story", "choice", "withholding", "plan", "line", "link", "entry", "move"}


async def test_a_stranger_who_asks_about_somebody_gets_the_answer_of_somebody_unknown__c4(world: World) -> None:
    before = await _facts(world)
    wrong = []
    for shape in (each for each in world.shapes if OF_A_PERSON & set(each.params)):
        for role in (each for each in ROLES if each in (shape.roles or ())):
            by = world.by(role)
            unknown = {name: None if name in OF_A_PERSON else value for name, value in world.ids.items()}
            real = _seen(await world.ask(shape, by, world.ids))
            expected = {404} | ({OTHERWISE[str(shape)][0]} if str(shape) in OTHERWISE else set())
            if real != _seen(await world.ask(shape, by, unknown)) or real[0] not in expected:
                wrong.append(f"{shape} as {role.value}: {real}")
    assert not wrong, "\n".join(wrong)
    assert await _facts(world) == before, "and nothing was written about R"


async def _facts(world: World) -> int:
    await world.whole.place.settle()
    names = ("intake", "pathway", "consent", "notify")
    return sum([len(await world.whole.place.journal(name, world.whole.r)) for name in names])


def _seen(answer: httpx2.Response) -> tuple[int, str, list[str]]:
    """What a caller can tell two answers apart by: ids that are new with every request left out."""
    text = re.sub(r'"request_id":"[^"]+"', "", answer.text)
    own = {"x-request-id", "x-correlation-id"}
    return answer.status_code, text, sorted(f"{k}: {v}" for k, v in answer.headers.items() if k not in own)


async def test_the_person_may_use_every_route_about_themself_that_is_theirs(world: World) -> None:
    wrong = []
    for shape in (each for each in world.shapes if Role.PERSON in (each.roles or ()) and "person" in each.params):
        ids = world.ids | ({} if shape.method == "GET" else {"person": world.other})
        answer = await world.ask(shape, person_pass(ids["person"]), ids)
        if answer.status_code >= 500 or answer.status_code in {401, 403}:
            wrong.append(f"{shape}: {answer.status_code} {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)


async def test_whoever_sees_a_part_is_shown_no_other__c3(world: World) -> None:
    """One yes, to one part, to one organisation: the rest stays as if it were not."""
    group = world.stranger
    await world.whole.yes(group.id, Part.NAME)
    worker = a_pass(Role.PRACTITIONER, organisation=group.id)
    hidden = ("stories", "plan", "plans", "circle", "reach", "timeline", "contacts", "asks", "needs")
    async with world.whole.place.client(worker) as http:
        seen = {part: (await http.get(f"/v1/people/{world.whole.r}/{part}")).status_code for part in hidden}
    assert seen == dict.fromkeys(hidden, 404)
