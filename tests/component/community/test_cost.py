"""How many statements an act of community takes (a read at most 4, a creation at most 6 beside what begins it)."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.support.place import Place, a_place
from tests.support.setting_up import a_commissioned_body, a_group, a_place_that_serves

COMMUNITY = ("community",)
OFFER = {"name": "Table", "says": "Tea.", "intensity": "community", "needs": ["social"]}


async def statements(place: Place, act: Callable[[], Awaitable[Any]]) -> int:
    ran: list[str] = []
    place.watch(lambda _, text: ran.append(text))
    try:
        await act()
    finally:
        place.watch(None)
    return len(ran)


async def test_what_others_ask_at_every_request_is_one_statement(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        group = await a_group(place)
        port = place.system.running["community"].port
        member = group.by.member
        assert await statements(place, lambda: port.is_member(member, group.id)) == 1
        assert await statements(place, lambda: port.organisation(group.id)) == 1
        assert await statements(place, port.ready) == 1
        await a_place_that_serves(place)
        await port.ready()
        assert await statements(place, port.must_be_ready) == 0
        assert await statements(place, lambda: port.routes(group.id)) == 3


async def test_lists_cost_the_same_however_long_they_are(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        team = await a_commissioned_body(place)
        for n in range(4):
            await a_group(place, f"Group {n}", team)
            await team.http.post("/v1/offers", json=OFFER)
        nobody = place.client()
        assert await statements(place, lambda: nobody.get("/v1/organisations")) == 2
        assert await statements(place, lambda: nobody.get("/v1/offers")) == 1


async def test_a_creation_takes_few_statements(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        team = await a_commissioned_body(place)
        group = await a_group(place, "Group", team)
        another = await a_commissioned_body(place)
        assert await statements(place, lambda: team.http.post("/v1/offers", json=OFFER)) <= 7
        vouch = f"/v1/organisations/{group.id}/vouches"
        assert await statements(place, lambda: another.http.post(vouch)) <= 10
