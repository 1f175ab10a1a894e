"""R, as tests of ways out and of one lead meet them: a person with a team that holds them and a peer group."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2

from shared.event import Role
from shared.passes import Pass
from tests.support.pathway_place import PathwayPlace

WAY_BACK = "Text 07700 900123, say it is you, and we begin where we stopped."


class R:
    """A person whom a community team leads and has met; a peer group is chosen and alongside."""

    def __init__(self, it: PathwayPlace) -> None:
        self.it = it
        self.team = it.community.join("community-team")
        self.group = it.community.join("peer-group")
        self.person = it.arrive(chosen=self.team)
        self.me = it.of(self.person)
        self.worker = it.supporter(self.person, self.team)
        self.peer = it.supporter(self.person, self.group, Role.PEER_SUPPORTER)
        it.intake.rung[self.person] = (self.group,)

    async def held(self) -> R:
        """Be held by the team and met by it, with the peer group alongside."""
        await self.ok(self.post(self.worker, "lead/acknowledgement"))
        await self.ok(self.post(self.worker, "contacts", {"outcome": "made", "how": "in-person"}))
        await self.ok(self.post(self.peer, "alongside"))
        return self

    async def plan(self) -> str:
        """Have a plan in force, of one's own."""
        body = {"lines": [{"heading": "warning-signs", "words": "I stop opening the post."}], "co_produced": True}
        plan: str = (await self.ok(self.post(self.me, "plans", body))).json()["plan"]
        await self.ok(self.it.post(self.me, f"/v1/plans/{plan}/agreement", {"revision": 1, "agreed": True}))
        return plan

    async def agree(self, by: Pass | None = None, **more: Any) -> httpx2.Response:
        """Say that one wants to manage independently."""
        body = {"agreed": True, "way_back": WAY_BACK, "check_ins": 14} | more
        body = {name: value for name, value in body.items() if value is not None}
        async with self.it.place.client(by or self.me) as http:
            return await http.put(f"/v1/people/{self.person}/independence", json=body)

    async def let_go(self, by: Pass | None = None) -> httpx2.Response:
        return await self.it.post(by or self.worker, "/v1/let-go", {"person": str(self.person)})

    async def independent(self) -> R:
        """Manage independently."""
        await self.held()
        await self.plan()
        await self.ok(self.agree())
        await self.ok(self.let_go())
        return self

    async def post(self, by: Pass, what: str, body: Any = None) -> httpx2.Response:
        return await self.it.post(by, f"/v1/people/{self.person}/{what}", body)

    async def ok(self, answer: Any) -> httpx2.Response:
        found: httpx2.Response = await answer
        assert found.is_success, found.text
        return found

    async def try_(self, by: Pass, how: str = "phone") -> None:
        await self.ok(self.post(by, "contacts", {"outcome": "tried", "how": how}))

    async def ladder(self) -> None:
        """Climb every rung: six tries in two ways over five weeks, a supporter's among them."""
        for how in ("phone", "text", "phone", "letter", "phone"):
            await self.try_(self.worker, how)
            await self.it.place.pass_time(timedelta(days=7))
        await self.try_(self.peer, "in-person")

    async def lead(self) -> Any:
        return await self.it.lead(self.person)

    async def state(self) -> str:
        shown = await self.ok(self.it.get(self.me, f"/v1/people/{self.person}/lead"))
        state: str = shown.json()["state"]
        return state

    async def told(self) -> list[str]:
        return await self.it.told(self.person)
