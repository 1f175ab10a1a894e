"""People at work on a place while it is harmed: every operation has a number of its own and is kept as it ended.

``ok``: a 2xx came. ``failed``: a 4xx came, so nothing was done. ``unknown``: neither; it may have been done, once.
Half of what is unknown is asked again under the same request id until it is answered, as a careful caller does.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx2
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from services.cli.door import issue
from services.demo.callers import Caller, PartnerSystem
from services.demo.journey_1.journey import EVERYTHING
from services.demo.mailbox import Mailbox
from services.demo.servers import Servers, stream_server, web_server
from services.demo.setting import CENTRE, PEERS, SYSTEMS, World, set_up
from services.demo.webhooks import Receiver, endpoints
from services.system import build
from shared.bus_log import LogBus
from shared.clock import SystemClock, monotonic, real_now
from shared.db_sqlite import SqliteFile
from shared.errors import UnavailableError
from shared.event import Role
from shared.ids import new_id
from shared.passes import Pass
from tests.support.wait import slowly

if TYPE_CHECKING:
    import random
    from collections.abc import AsyncIterator, Iterator

    from services.system import System
    from tests.support.cluster import Cluster

ANSWER_SECONDS = 8.0
AGAIN_SECONDS = 90.0
MOST_PEOPLE = 60


@dataclass
class Noting(Receiver):
    """A receiver that keeps every arrival, those that come again too: id, person, order number, type, when."""

    arrivals: list[tuple[str, str, int, str, float]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        """Take a delivery as a partner does; the instant is that of its last byte."""
        try:
            await request.body()
        except ClientDisconnect:  # who sent it was killed
            return Response(status_code=400)
        at = monotonic()
        answer = await super().take(request)
        told = await request.json()
        if answer.status_code < httpx2.codes.BAD_REQUEST:
            self.arrivals.append((told["id"], told.get("subject", ""), int(told["order"]), told["type"], at))
        return answer


@contextmanager
def noting_servers() -> Iterator[Servers]:
    """Run a mailbox and the partners' receivers on loopback."""
    mailbox: Mailbox = Mailbox()
    receivers: dict[str, Receiver] = {key: Noting(key) for key in SYSTEMS}
    with (
        stream_server(mailbox.smtp, 0) as smtp,
        web_server(mailbox.notify()) as notify,
        web_server(endpoints(list(receivers.values()))) as hooks,
    ):
        yield Servers(mailbox, smtp, notify, hooks, receivers)


@dataclass
class Operation:
    """One thing that was asked for. Instants are of the monotonic clock."""

    number: int
    kind: str
    person: str
    began: float
    ended: float = 0.0
    outcome: str = "unknown"
    status: int = 0
    told: dict[str, Any] = field(default_factory=dict)


@dataclass
class Load:
    """The load and its record. ``people`` are those whose record is known; ``tokens`` sign them in."""

    cluster: Cluster
    world: World
    dice: random.Random
    gate: System
    tokens: dict[str, str] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)
    done: list[Operation] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(1))
    over: bool = False

    def counts(self) -> Counter[str]:
        """Say how many of each kind ended how."""
        return Counter(f"{each.kind} {each.outcome}" for each in self.done)

    async def run(self, rest: float) -> None:
        """Work until ``over``: writers, and two people who give and take back. ``rest``: seconds between requests."""
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(3):
                    group.create_task(self._writes(rest))
                for _ in range(2):
                    group.create_task(self._changes_their_mind(rest))
        finally:
            self.over = True

    async def _writes(self, rest: float) -> None:
        while not self.over:
            kinds = (self.arrive, self.tell, self.tell, self.contact, self.come_back)
            await self.dice.choice(kinds if self.people else (self.arrive,))()
            await slowly(self.dice.uniform(0, 2 * rest))

    async def arrive(self) -> None:
        """Somebody new comes; some of them become known and let the group see everything."""
        number = next(self.numbers)
        body = {"called": f"N{number}", "door": "peer"}
        came = await self._do("arrive", number, self.world.systems[PEERS], "/v1/arrivals", body)
        person = came.told.get("person")
        if came.outcome != "ok" or not person or len(self.people) >= MOST_PEOPLE:
            return
        if await self._known(person) and await self._choose(person, PEERS, "let in"):
            self.people.append(person)

    async def tell(self) -> None:
        """Somebody tells a story."""
        person, number = self.dice.choice(self.people), next(self.numbers)
        body = {"passages": [{"heading": "what-happened", "words": f"story {number}"}]}
        await self._do("story", number, self._as(person), f"/v1/people/{person}/stories", body, person)

    async def contact(self) -> None:
        """The group makes contact."""
        person, number = self.dice.choice(self.people), next(self.numbers)
        body = {"outcome": "made", "how": "phone", "note": f"contact {number}"}
        await self._do("contact", number, self.world.systems[PEERS], f"/v1/people/{person}/contacts", body, person)

    async def come_back(self) -> None:
        """Somebody who is known comes through a door again: held, and never by two."""
        person, number = self.dice.choice(self.people), next(self.numbers)
        await self._do("return", number, self._as(person), "/v1/arrivals", {"called": f"N{number}"}, person)

    async def _changes_their_mind(self, rest: float) -> None:
        """One person who lets the centre see, tells, takes it back, while the centre reads and reads."""
        person = ""
        while not self.over and not person:
            came = await self._do(
                "arrive", number := next(self.numbers), self.world.systems[PEERS], "/v1/arrivals",
                {"called": f"N{number}", "door": "peer"},
            )  # fmt: skip
            if came.outcome == "ok" and await self._known(came.told["person"]):
                person = came.told["person"]
        reading = asyncio.create_task(self._reads(person, rest))
        try:
            while not self.over:
                if not (choice := await self._choose(person, CENTRE, "let see")):
                    await slowly(rest)
                    continue
                number = next(self.numbers)
                story = {"passages": [{"heading": "what-happened", "words": f"story {number}"}]}
                await self._do("story", number, self._as(person), f"/v1/people/{person}/stories", story, person)
                await slowly(self.dice.uniform(0, rest))
                back = f"/v1/choices/{choice}/withdrawal"
                while True:
                    number = next(self.numbers)
                    gone = await self._do("withdraw", number, self._as(person), back, {}, person, again=True)
                    if gone.outcome != "unknown":
                        break
                number = next(self.numbers)
                story = {"passages": [{"heading": "what-happened", "words": f"story {number}"}]}
                await self._do("story", number, self._as(person), f"/v1/people/{person}/stories", story, person)
                await slowly(self.dice.uniform(0, 4 * rest))
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _reads(self, person: str, rest: float) -> None:
        centre = self.world.systems[CENTRE]
        while True:
            made = Operation(next(self.numbers), "read", person, monotonic())
            try:
                answer = await self.world.http.request(
                    "GET", f"/v1/people/{person}/stories", headers={"Authorization": f"Bearer {centre.token}"}
                )
                made.status = answer.status_code
                made.outcome = "ok" if answer.is_success else "unknown" if answer.is_server_error else "failed"
                if made.status == httpx2.codes.UNAUTHORIZED:
                    await centre.sign_in()
            except (httpx2.TransportError, RuntimeError):
                pass
            made.ended = monotonic()
            self.done.append(made)
            await slowly(rest / 2)

    async def _choose(self, person: str, key: str, kind: str) -> str:
        """Let an organisation see; gives the choice, empty when it is not known to be in force."""
        number = next(self.numbers)
        who = {"organisation": self.world.organisations[key]}
        body = {"who": who, "what": EVERYTHING, "permit": True, "words": f"choice {number}"}
        made = await self._do(kind, number, self._as(person), f"/v1/people/{person}/choices", body, person, again=True)
        found: str = made.told.get("choice", "")
        return found if made.outcome == "ok" else ""

    async def _known(self, person: str) -> bool:
        """Give somebody a token, past the mail: how they sign in is tried elsewhere."""
        try:
            signed_in = Pass(Role.PERSON, UUID(person), person=UUID(person))
            self.tokens[person] = await issue(self.gate, signed_in, real_now() + timedelta(hours=12))
        except UnavailableError:
            return False
        return True

    def _as(self, person: str) -> Caller:
        return Caller(self.world.http, "them", self.tokens[person])

    async def _do(
        self, kind: str, number: int, by: Caller, path: str, body: dict[str, Any], person: str = "", *,
        again: bool | None = None,
    ) -> Operation:  # fmt: skip
        """Ask for one thing and keep how it ended."""
        made = Operation(number, kind, person, monotonic())
        headers = {"X-Request-ID": str(new_id())}
        persists, sure = self.dice.random() < 0.5 if again is None else again, True
        while True:
            try:
                headers["Authorization"] = f"Bearer {by.token}"
                answer = await self.world.http.request("POST", path, json=body, headers=headers)
                made.status = answer.status_code
                if answer.is_success:
                    made.outcome, made.told = "ok", answer.json()
                elif answer.status_code == httpx2.codes.UNAUTHORIZED and isinstance(by, PartnerSystem):
                    await by.sign_in()
                    persists = True
                elif answer.is_client_error and sure:
                    made.outcome, made.told = "failed", answer.json()
                elif answer.is_client_error:
                    break  # it is turned away now; whether it was done before nobody knows
                else:
                    sure = False
            except (httpx2.TransportError, RuntimeError, ValueError):
                made.status, sure = 0, False
            if made.outcome != "unknown" or not persists or monotonic() - made.began > AGAIN_SECONDS:
                break
            await slowly(0.2)
        made.ended = monotonic()
        self.done.append(made)
        return made


@contextmanager
def _gate(cluster: Cluster) -> Iterator[System]:
    """Open gateway's own code on its database, past every link: it gives tokens."""
    folder = cluster.folder / "here"
    folder.mkdir(exist_ok=True)
    file = SqliteFile(folder / "bus.sqlite3")
    system = build(
        cluster.settings_here(), SystemClock(), ("gateway",), bus=LogBus(file.for_service("bus"), SystemClock())
    )
    try:
        yield system
    finally:
        system.close()
        file.close()


@asynccontextmanager
async def a_load(cluster: Cluster, local: Servers, dice: random.Random) -> AsyncIterator[Load]:
    """Bring the place about and give the load, not yet at work."""
    async with httpx2.AsyncClient(base_url=cluster.base, timeout=ANSWER_SECONDS) as http:
        steward = Caller(http, "the steward", cluster.token)
        world = World(http, local.mailbox, local.hooks, steward, local.receivers)
        await set_up(world)
        with _gate(cluster) as gate:
            yield Load(cluster, world, dice, gate)
