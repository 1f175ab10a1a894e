"""One endpoint that hangs, drips or floods slows no other; a thousand that wait are each decided as they leave."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from shared.clock import monotonic
from shared.decisions import WITHDRAWAL_WAIT_SECONDS
from shared.event import Part
from shared.events.pathway import DriftingEnded
from shared.ids import new_id
from tests.support.notify_doubles import partner, say, stand_in, subscribed, told
from tests.support.notify_servers import Script, receiving, reply
from tests.support.place import a_place
from tests.support.wait import until

if TYPE_CHECKING:
    from pathlib import Path

SERVICES = ("notify",)
QUICK = 5.0
"""Seconds: less than the ten for which a sick endpoint is waited for."""


async def test_endpoints_that_hang_drip_or_flood_slow_no_other(tmp_path: Path) -> None:
    sick = [Script(), Script(), Script()]
    async with (
        a_place(tmp_path, SERVICES) as place,
        receiving(sick[0]), receiving(sick[1]), receiving(sick[2]),
        receiving() as well,
    ):  # fmt: skip
        around, person = stand_in(place), new_id()
        for script in (*sick, well):
            by = partner()
            around.choices.permit(by, person, Part.JOURNEY)
            await subscribed(place, by, script)
        sick[0].hold = asyncio.Event()
        sick[1].drip, sick[1].replies = 0.5, [reply(200, b"x" * 1000)]
        sick[2].replies = [reply(200, b"x" * 50_000_000)]
        place.system.loops.start()
        for number in range(1, 11):
            await say(place, DriftingEnded(subject=person))
            await until(lambda: len(well.about(person)) == number, QUICK)  # noqa: B023 - awaited here
        assert len(sick[0].about(person)) == 1


async def test_with_a_thousand_queued_nothing_leaves_after_the_choice_is_gone__c2_c7(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person, other = stand_in(place), partner(), new_id(), new_id()
        made = await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        around.choices.permit(by, other, Part.JOURNEY)
        async with place.client(by) as http:
            await http.post(f"/v1/subscriptions/{made['id']}/pause")
            await told(place, *[DriftingEnded(subject=person)] * 1_000, DriftingEnded(subject=other))
            await http.post(f"/v1/subscriptions/{made['id']}/resume")
        place.system.loops.start()
        await until(lambda: len(script.about(person)) >= 20, 60)
        around.choices.may.discard((by.organisation, person, Part.JOURNEY))
        gone_at = monotonic()
        await until(lambda: monotonic() - gone_at > WITHDRAWAL_WAIT_SECONDS)
        left = len(script.about(person))
        await until(lambda: script.about(other) != [], 60)
        assert len(script.about(person)) == left < 1_000
        assert [each["order"] for each in script.about(person)] == list(range(1, left + 1))
