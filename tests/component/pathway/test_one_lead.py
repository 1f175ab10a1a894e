"""Held until held: no interleaving of pathway's commands leaves nobody or two leading (J2).

A state machine plays arbitrary commands against one person through the real routes and ports, with jumps in time,
organisations that end and access that is withdrawn; after each step the whole journal is replayed. Then two hundred
commands come at once.
"""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from shared.event import Recorded, Role
from shared.events.community import BackstopSet, Ending, MemberLeft, OrganisationGoesOn, OrganisationStopped
from shared.ids import new_id
from shared.passes import Origin, Pass
from tests.support.foreign import Foreign
from tests.support.one_lead import leads
from tests.support.pathway_person import WAY_BACK
from tests.support.pathway_place import PathwayPlace, a_pathway

KINDS = ("community-team", "crisis-house", "peer-group")
SOME = st.integers(0, len(KINDS) - 1)
MAYBE = st.one_of(st.none(), SOME)


ON_A_LINK: dict[str, tuple[str, Any, bool]] = {
    "welcome": ("welcome", None, False),
    "met": ("met", None, False),
    "not-right": ("not-right", {"reason": "no-place-free", "call_together": True}, False),
    "that-did-not-happen": ("that-did-not-happen", None, True),
    "settled": ("settlement", {"met": True}, True),
    "not-settled": ("settlement", {"met": False}, True),
}
"""What may be said of a link: the route, its body, and whether the person says it."""
ACTS = ["acknowledge", "alongside", "hand_back", "contact", "let_go", "go_on", "stop", "member_left"]


class Players:
    """One person, three organisations that know them, and every act of pathway."""

    def __init__(self, it: PathwayPlace, chosen: int | None = 0) -> None:
        self.it = it
        self.foreign = Foreign(it.place)
        self.orgs = [it.community.join(kind) for kind in KINDS]
        self.person = it.arrive(chosen=None if chosen is None else self.orgs[chosen])
        self.me = it.of(self.person)
        roles = (Role.PRACTITIONER, Role.PRACTITIONER, Role.PEER_SUPPORTER)
        self.by = [it.supporter(self.person, org, role) for org, role in zip(self.orgs, roles, strict=True)]
        self.offers = [
            it.community.offer_of(org, intensity)
            for org, intensity in zip(self.orgs, ("enhanced", "crisis", "community"), strict=True)
        ]
        self.links: list[tuple[str, int]] = []
        self.plans: list[str] = []
        self.port = it.place.system.running["pathway"].port

    async def post(self, by: Pass, path: str, body: Any = None) -> httpx2.Response:
        where = path if path.startswith("/") else f"/v1/people/{self.person}/{path}"
        answer = await self.it.post(by, where, body)
        assert answer.status_code < 500, answer.text
        return answer

    def origin(self) -> Origin:
        return Origin(self.me, new_id())

    async def arrive_again(self, chosen: int | None) -> None:
        await self.port.arrive_again(self.person, None if chosen is None else self.orgs[chosen], self.origin())

    async def come_back(self, chosen: int | None) -> None:
        body = {} if chosen is None else {"chosen_holder": str(self.orgs[chosen])}
        assert (await self.post(self.me, "/v1/returns", body)).status_code == 201

    async def acknowledge(self, n: int) -> None:
        await self.post(self.by[n], "lead/acknowledgement")

    async def alongside(self, n: int) -> None:
        await self.post(self.by[n], "alongside")

    async def hand_back(self, n: int) -> None:
        await self.post(self.by[n], "lead/hand-back")

    async def contact(self, n: int) -> None:
        await self.post(self.by[n], "contacts", {"outcome": "made", "how": "phone"})

    async def step(self, n: int, to: str) -> None:
        await self.post(self.by[n], "steps", {"to": to, "sleeping": "somewhere-safe"})

    async def link(self, by: int, to: int) -> None:
        body = {"offer": str(self.offers[to].id), "leads": True}
        answer = await self.post(self.by[by], "links", body)
        if answer.status_code == 201:
            self.links.append((answer.json()["link"], to))

    async def on_link(self, which: int, what: str) -> None:
        if self.links:
            link, to = self.links[which % len(self.links)]
            path, body, themself = ON_A_LINK[what]
            await self.post(self.me if themself else self.by[to], f"/v1/links/{link}/{path}", body)

    async def ready(self) -> None:
        """Have a plan in force and agree to manage independently."""
        body = {"lines": [{"heading": "warning-signs", "words": "I go quiet."}], "co_produced": True}
        plan = (await self.post(self.me, "plans", body)).json()["plan"]
        self.plans.append(plan)
        await self.post(self.me, f"/v1/plans/{plan}/agreement", {"revision": 1, "agreed": True})
        async with self.it.place.client(self.me) as http:
            said = {"agreed": True, "way_back": WAY_BACK, "check_ins": 14}
            assert (await http.put(f"/v1/people/{self.person}/independence", json=said)).status_code == 200

    async def undo(self) -> None:
        """Say that the plan in force, or the one before it, is not what they agreed."""
        for plan in self.plans[-2:]:
            await self.post(self.me, f"/v1/plans/{plan}/agreement/undoing", {"words": "Not that."})

    async def let_go(self, n: int) -> None:
        await self.post(self.by[n], "/v1/let-go", {"person": str(self.person)})

    async def leave_me_be(self) -> None:
        assert (await self.post(self.me, "leave-me-be")).status_code == 200

    async def ask(self) -> None:
        assert (await self.post(self.me, "asks")).status_code == 201

    async def go_quiet(self) -> None:
        """Climb the whole ladder, then have everyone say it."""
        for n, how in enumerate(("phone", "text", "letter", "in-person", "phone")):
            await self.post(self.by[n % 3], "contacts", {"outcome": "tried", "how": how})
            await self.it.place.pass_time(timedelta(days=7))
        for by in self.by:
            await self.post(by, "quietly-held")

    async def move(self) -> None:
        answer = await self.post(self.me, "moves", {"new_place": "Leeds"})
        if answer.status_code == 201:
            await self.post(self.me, f"moves/{answer.json()['move']}/met")

    async def stop(self, n: int) -> None:
        at = self.it.community.the_backstop
        await self.foreign.say(OrganisationStopped(subject=self.orgs[n], how=Ending.SUSPENDED, backstop=at))

    async def go_on(self, n: int) -> None:
        await self.foreign.say(OrganisationGoesOn(subject=self.orgs[n]))

    async def member_left(self, n: int) -> None:
        left = MemberLeft(subject=self.orgs[n], member=self.by[n].member or new_id(), on_duty=None)
        await self.foreign.say(left, again=True)

    async def new_backstop(self) -> None:
        before = self.it.community.the_backstop
        self.it.community.the_backstop = self.it.community.join("nhs-trust")
        await self.foreign.say(BackstopSet(subject=self.it.community.the_backstop, before=before), again=True)

    async def withdraw(self, n: int | None, instead: int | None) -> None:
        gone = self.it.community.the_backstop if n is None else self.orgs[n]
        to = None if instead is None else self.orgs[instead]
        await self.port.lead_lost_sight(self.person, gone, to, self.origin())

    async def journal(self) -> list[Recorded]:
        return await self.it.place.journal("pathway", self.person)

    async def check(self) -> None:
        """Hold the invariant at every position, and the stored lead against the journal.

        Until pathway has a record, whom the arrival was written with leads (J2a), whatever else was journalled.
        """
        journal = await self.journal()
        held = any(event.type == "pathway.lead-changed" for event in journal)
        first = self.it.intake.holds[self.person].lead
        assert await self.it.lead(self.person) == (leads(journal) if held else first)


class OneLead(RuleBasedStateMachine):
    """Plays commands against one person of a place that stays."""

    loop: asyncio.AbstractEventLoop
    it: PathwayPlace
    seen: Counter[str]

    def do(self, act: Any) -> None:
        self.loop.run_until_complete(act)

    @initialize(chosen=MAYBE)
    def arrive(self, chosen: int | None) -> None:
        self.r = Players(self.it, chosen)

    @rule(chosen=MAYBE)
    def arrives_again(self, chosen: int | None) -> None:
        self.do(self.r.arrive_again(chosen))

    @rule(chosen=MAYBE)
    def comes_back(self, chosen: int | None) -> None:
        self.do(self.r.come_back(chosen))

    @rule(
        n=SOME,
        what=st.sampled_from(
            ["acknowledge", "alongside", "hand_back", "contact", "let_go", "go_on", "stop", "member_left"]
        ),
    )
    def acts(self, n: int, what: str) -> None:
        self.do(getattr(self.r, what)(n))

    @rule(n=SOME)
    def acknowledges(self, n: int) -> None:
        self.do(self.r.acknowledge(n))

    @rule(by=SOME, to=SOME)
    def links(self, by: int, to: int) -> None:
        self.do(self.r.link(by, to))

    @rule(which=st.integers(0, 5), what=st.sampled_from(sorted(ON_A_LINK)))
    def answers_a_link(self, which: int, what: str) -> None:
        self.do(self.r.on_link(which, what))

    @rule(by=SOME, to=SOME)
    def is_met_by(self, by: int, to: int) -> None:
        self.do(self.r.link(by, to))
        for what in ("welcome", "met"):
            self.do(self.r.on_link(-1, what))

    @rule(settled=st.sampled_from(["settled", "not-settled"]), by=SOME, to=SOME)
    def is_not_met_after_all(self, by: int, to: int, settled: str) -> None:
        self.do(self.r.link(by, to))
        for what in ("welcome", "met", "that-did-not-happen", settled):
            self.do(self.r.on_link(-1, what))

    @rule(n=SOME, to=st.sampled_from(["community", "enhanced", "crisis", "inpatient"]))
    def steps(self, n: int, to: str) -> None:
        self.do(self.r.step(n, to))

    @rule()
    def gets_ready(self) -> None:
        self.do(self.r.ready())

    @rule(by=SOME, to=SOME)
    def is_met_and_let_go(self, by: int, to: int) -> None:
        self.is_met_by(by, to)
        self.do(self.r.ready())
        for n in range(len(KINDS)):
            self.do(self.r.let_go(n))

    @rule(what=st.sampled_from(["leave_me_be", "ask", "move", "go_quiet", "new_backstop"]))
    def takes_a_way(self, what: str) -> None:
        self.do(getattr(self.r, what)())

    @rule()
    def undoes_what_was_agreed(self) -> None:
        self.do(self.r.ready())
        self.do(self.r.undo())

    @rule()
    def leaves(self) -> None:
        self.do(self.r.leave_me_be())

    @rule(by=SOME, to=SOME)
    def is_turned_back_by_the_offer(self, by: int, to: int) -> None:
        self.do(self.r.link(by, to))
        self.do(self.r.on_link(-1, "not-right"))

    @rule(n=MAYBE, instead=MAYBE)
    def withdraws(self, n: int | None, instead: int | None) -> None:
        self.do(self.r.withdraw(n, instead))

    @rule(hours=st.sampled_from([1, 5, 73, 24 * 15]))
    def time_passes(self, hours: int) -> None:
        self.do(self.it.place.pass_time(timedelta(hours=hours)))

    @invariant()
    def exactly_one_leads_at_every_position(self) -> None:
        if hasattr(self, "r"):
            self.do(self.r.check())

    def teardown(self) -> None:
        if hasattr(self, "r"):
            self.seen.update(event.type for event in self.loop.run_until_complete(self.r.journal()))


def test_no_interleaving_of_commands_leaves_nobody_or_two_leading__j2(tmp_path: Path) -> None:
    loop = asyncio.new_event_loop()
    opened = a_pathway(tmp_path / "place")
    place = loop.run_until_complete(opened.__aenter__())
    seen: Counter[str] = Counter()

    class Here(OneLead):
        pass

    Here.loop, Here.it, Here.seen = loop, place, seen
    try:
        run_state_machine_as_test(
            Here,
            settings=settings(
                max_examples=30,
                stateful_step_count=25,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        loop.run_until_complete(opened.__aexit__(None, None, None))
        loop.close()
    wanted = {"managing-independently", "left", "moved", "returned", "met", "let-go-turned-back", "lead-changed"}
    wanted |= {"did-not-happen", "agreement-undone", "conversation-called", "bounced"}
    assert {f"pathway.{each}" for each in wanted} <= set(seen), "the machine did not come to every kind of change"


@pytest.mark.parametrize("seed", [1, 2])
async def test_two_hundred_commands_at_once_leave_exactly_one_lead_at_every_position__j2(
    tmp_path: Path, seed: int
) -> None:
    async with a_pathway(tmp_path / "place") as it:
        r = Players(it)
        chance = random.Random(seed)  # noqa: S311 - a repeatable shuffle
        await r.acknowledge(0)
        for to in range(len(KINDS)):
            await r.link(2, to)
        await r.ready()
        acts = [
            lambda: r.arrive_again(chance.choice([None, 0, 1, 2])),
            lambda: r.come_back(chance.choice([None, 0, 1, 2])),
            lambda: r.acknowledge(chance.randrange(3)),
            lambda: r.hand_back(2),
            lambda: r.contact(chance.randrange(3)),
            lambda: r.step(chance.randrange(3), chance.choice(["community", "crisis"])),
            lambda: r.on_link(chance.randrange(3), chance.choice(["welcome", "met", "that-did-not-happen"])),
            lambda: r.let_go(chance.randrange(3)),
            r.leave_me_be,
            lambda: r.withdraw(chance.choice([0, 1, 2]), chance.choice([None, 0, 1])),
            r.ask,
        ]
        await asyncio.gather(*(chance.choice(acts)() for _ in range(200)))
        await r.check()
        await r.come_back(None)
        await r.check()
        led: set[UUID | None] = {await r.it.lead(r.person)}
        assert None not in led
        assert len(await r.journal()) > 60


async def test_the_replay_of_a_journal_sees_a_lead_that_is_missing_and_one_too_many__j2(tmp_path: Path) -> None:
    async with a_pathway(tmp_path / "place") as it:
        r = Players(it)
        await r.acknowledge(0)
        await r.leave_me_be()
        await r.come_back(None)
        journal = await r.journal()
        changes = [n for n, event in enumerate(journal) if event.type == "pathway.lead-changed"]
        assert leads(journal) == it.community.the_backstop
        for gone in changes[1:]:
            with pytest.raises(AssertionError):
                leads([event for n, event in enumerate(journal) if n != gone])
