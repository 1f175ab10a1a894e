"""Setting a place up (J2a, W1)."""

from datetime import timedelta
from pathlib import Path

from shared.event import Role
from tests.support.place import a_pass, a_place
from tests.support.setting_up import a_commissioned_body, a_group, a_place_that_serves

COMMUNITY = ("community",)


async def test_a_place_serves_once_it_has_a_backstop_and_two_tested_routes__j2a(tmp_path: Path) -> None:
    async with a_place(tmp_path, COMMUNITY) as place:
        port = place.system.running["community"].port
        assert not await port.ready()
        backstop = await a_place_that_serves(place)
        assert await port.ready()
        assert await port.backstop() == backstop.id
        g = await a_group(place)
        print((await g.http.get(f"/v1/organisations/{g.id}")).json())
        print((await g.http.get("/v1/rulebook")).json())
        await place.settle()
        print(await place.types("community"))
