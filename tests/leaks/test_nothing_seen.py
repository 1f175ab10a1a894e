"""What an operator sees names nobody: names, numbers, addresses and words planted in a whole journey, errors included,
stand in no span, no figure and no line of the log.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
import structlog
from opentelemetry.trace import get_current_span
from prometheus_client import CollectorRegistry, Counter

from services.calls.afar import Afar
from shared.cursor import on_every
from shared.errors import UnavailableError
from shared.event import Part, Recorded, Role
from shared.ids import new_id
from shared.shell import Tx
from shared.tracing import span
from tests.support.notify_servers import RESET, Box, Script, mailbox, receiving, reply
from tests.support.place import Place, a_pass, a_place, person_pass
from tests.support.processes import Double, inside, ring, serving
from tests.support.seen import figures, leaked, logging_as_a_process, spans_seen
from tests.support.setting_up import Body, a_commissioned_body, a_group, a_place_that_serves

NAME, AUNT = "Rowan Ashgrove", "Philippa Ashgrove"
NHS, PHONE, EMAIL = "943 476 5919", "+44 7700 900123", "rowan.ashgrove@home.example"
WORDS = "the kingfisher on the weir"
SAID = f"{NAME}, {NHS}, {PHONE}, {EMAIL}: {WORDS}"
PLANTED = {
    "Ashgrove", "kingfisher", EMAIL, "home.example",
    NHS, NHS.replace(" ", ""), PHONE, PHONE.replace(" ", ""), PHONE.replace("+44 ", "0"),
}  # fmt: skip


@dataclass
class Scene:
    """R, who has told everything; a team that leads, a group they trust, and the group's system."""

    place: Place
    team: Body
    group: Body
    r: UUID

    @property
    def me(self) -> httpx2.AsyncClient:
        return self.place.client(person_pass(self.r))

    def ids(self) -> set[str]:
        """Ids of R and of whoever is beside them, in both ways that they are written."""
        found = {self.r, self.team.id, self.group.id, self.team.by.member, self.group.by.member}
        return {form for each in found if each for form in (str(each), each.hex)}


async def ok(answer: Awaitable[Any]) -> Any:
    found = await answer
    assert found.is_success, found.text
    return found.json()


async def arrive(place: Place) -> Scene:
    await a_place_that_serves(place)
    team = await a_commissioned_body(place, "crisis-house", "The Willows")
    group = await a_group(place, vouched_by=team)
    aunt = {"called": AUNT, "note": WORDS, "ways": {"phone": PHONE, "email": EMAIL}}
    body = {
        "called": NAME, "nhs_number": NHS, "circle": [aunt], "ring_if_quiet": [aunt],
        "reach": {"phone": PHONE, "email": EMAIL, "interpreter": WORDS, "code_word": WORDS, "ways": [{"how": "email"}]},
        "passages": [{"heading": "what-matters-most", "words": SAID}],
    }  # fmt: skip
    came = await ok(place.client().post("/v1/arrivals", json=body))
    return Scene(place, team, group, UUID(came["person"]))


async def live(scene: Scene, partner: Script) -> None:
    """Have R tell, choose and be read; have a partner's endpoint fail, and a mail be turned away."""
    for organisation in (scene.team.id, scene.group.id):
        who = {"organisation": str(organisation)}
        await ok(scene.me.post(f"/v1/people/{scene.r}/choices", json={"who": who, "what": [*Part], "permit": True}))
    system = a_pass(Role.SYSTEM, organisation=scene.group.id, scopes=frozenset({"read", "write", "subscriptions"}))
    url = partner.url("/kingfisher/943-476-5919")
    await ok(scene.place.client(system).post("/v1/subscriptions", json={"url": url, "events": ["*"]}))
    await scene.place.settle()
    told = {"passages": [{"heading": "what-happened", "words": SAID}]}
    await ok(scene.me.post(f"/v1/people/{scene.r}/stories", json=told))
    await ok(scene.group.http.get(f"/v1/people/{scene.r}/stories"))
    contact = {"outcome": "made", "how": "phone", "words": SAID}
    await scene.group.http.post(f"/v1/people/{scene.r}/contacts", json=contact)
    await scene.place.client().post("/v1/sign-in/links", json={"email": EMAIL})
    await scene.place.settle()
    await scene.place.pass_time(timedelta(hours=1))


async def send_what_is_wrong(scene: Scene) -> None:
    """Plant it in whatever a request has: body, names of fields, path, query, headers, token."""
    http, json = scene.group.http, {"Content-Type": "application/json"}
    await http.post("/v1/arrivals", content=f'{{"called": "{SAID}", "called": 1}}'.encode(), headers=json)
    await http.post("/v1/arrivals", json={SAID: SAID, "called": [SAID], "nhs_number": SAID})
    await http.post("/v1/arrivals", json={"called": NAME, "nhs_number": "943 476 5910"})
    await http.get(f"/v1/people/{NAME}/stories", params={WORDS: SAID})
    await http.get(f"/v1/{WORDS}")
    await http.request("ASHGROVE", "/v1/offers", params={"near": SAID})
    await http.get("/v1/offers", headers={"X-Request-ID": EMAIL, "X-Correlation-ID": NHS})
    await http.get("/v1/offers", headers={"Authorization": f"Bearer {EMAIL}", "traceparent": SAID})


async def break_everything(scene: Scene) -> None:
    """Have handlers, readers, timers and loops raise what somebody said."""

    async def hear(_: Any, __: Recorded, ___: Tx[Any]) -> None:
        raise ValueError(SAID)

    def store(_: Any) -> Any:
        raise KeyError(SAID)

    system = scene.place.system
    system.consumers["pathway"].every.append(on_every(hear))
    await scene.me.post(
        f"/v1/people/{scene.r}/stories", json={"passages": [{"heading": "what-happened", "words": "x"}]}
    )
    await scene.place.settle()
    for name in ("pathway", "notify", "intake"):
        shell = system.running[name].shell
        shell.make_store, kept = store, shell.make_store
        for loop in system.loops.loops:
            await loop.once()
        await scene.me.post(f"/v1/people/{scene.r}/stories", json={"passages": [{"heading": "story", "words": WORDS}]})
        await scene.me.get(f"/v1/people/{scene.r}/timeline")
        shell.make_store = kept


async def ask_elsewhere(folder: Path) -> None:
    """Have another process's port raise it."""
    keys = ring(folder, ("intake",))
    with span("asking", story=new_id()):
        async with serving(inside(Double("intake", {"watchers": ValueError(SAID)}), keys)) as address:
            asking: Any = Afar("intake", [address], keys)
            with pytest.raises(Exception, match="wrong on our side"):
                await asking.watchers(new_id())
            asking.close()
        asking = Afar("intake", ["http://127.0.0.1:9"], keys)
        with pytest.raises(UnavailableError):
            await asking.watchers(new_id())


async def test_nothing_of_anybody_is_in_a_span_a_figure_or_a_line_of_the_log__l36(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box = Box(replies=[f"550 no such person as {NAME} <{EMAIL}>"])
    script = Script([reply(204), reply(500, SAID.encode(), retry_after=WORDS), RESET])
    with spans_seen() as spans, logging_as_a_process():
        async with mailbox(box), receiving(script) as partner:
            async with a_place(tmp_path / "data", smtp_url=box.url) as place:
                scene = await arrive(place)
                await live(scene, partner)
                await send_what_is_wrong(scene)
                await break_everything(scene)
            await ask_elsewhere(tmp_path / "keys")
    log, seen = capsys.readouterr().err, spans.said()
    assert not leaked(PLANTED | scene.ids(), log, seen, figures())
    told = (
        "sign-in-mail-not-taken",
        "handler-failed",
        "lane-parked",
        "request-failed",
        "loop-failed",
        "question-failed",
    )
    assert all(line in log for line in told)
    names = {each.name for each in spans.all}
    assert {"notify hears intake.story-told", "answer intake.watchers", "other none"} <= names
    attributes = [each.attributes or {} for each in spans.all]
    errors, why = {each.get("error") for each in attributes}, {each.get("why") for each in attributes}
    assert {"ValueError", "KeyError", "unavailable"} <= errors
    assert {"answer-was-not-2xx", "answer-was-broken"} <= why


def leave_in_a_name() -> None:
    with span(WORDS, story=new_id()):
        pass


def leave_in_an_attribute() -> None:
    with span("command", story=new_id(), type=WORDS):
        pass


def leave_in_an_exception() -> None:
    with span("command", story=new_id()):
        get_current_span().record_exception(ValueError(SAID))


def leave_in_a_status() -> None:
    with span("command", story=new_id()) as made:
        made.set_attribute("person", NHS)


def leave_in_the_log() -> None:
    structlog.get_logger().error(WORDS)


@pytest.mark.parametrize(
    "leave", [leave_in_a_name, leave_in_an_attribute, leave_in_an_exception, leave_in_a_status, leave_in_the_log]
)
def test_what_is_planted_there_is_found(leave: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> None:
    with spans_seen() as spans, logging_as_a_process():
        leave()
    assert leaked(PLANTED, capsys.readouterr().err, spans.said())


def test_what_is_planted_in_a_figure_is_found() -> None:
    registry = CollectorRegistry()
    Counter("planted", "Planted", ["who"], registry=registry).labels(NAME).inc()
    assert leaked(PLANTED, figures(registry))


def test_it_is_found_however_it_is_written() -> None:
    assert leaked({"Zoë said “no”"}, '{"event": "zo\\u00eb said \\u201cno\\u201d"}')
    assert not leaked({"Zoë"}, "nobody")
