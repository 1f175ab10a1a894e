"""News of nothing but what is withheld from a subscriber is none for them; the rest is told as ever (S4, C7)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.event import Part
from shared.events.intake import StoryTold
from shared.ids import new_id
from tests.support.notify_doubles import partner, say, stand_in, subscribed, told
from tests.support.notify_servers import Script, receiving, reply
from tests.support.place import a_place

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from tests.support.notify_doubles import Around
    from tests.support.place import Place

SERVICES = ("notify",)
SCHEDULE_OVER, A_MOMENT = timedelta(days=1), timedelta(seconds=2)


async def withheld(place: Place, around: Around, person: UUID) -> None:
    """Have all that was told of the person so far be withheld passages."""
    around.choices.withheld = frozenset({new_id()})
    around.intake.no_news[person] = {fact.time for fact in await place.journal("intake", person)}


async def test_what_tells_of_nothing_else_leaves_no_trace_and_uses_no_number__s4_c4(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        await subscribed(place, by, script)
        around.choices.permit(by, person, Part.STORY)
        await say(place, StoryTold(subject=person, story=new_id(), passages=1))
        await withheld(place, around, person)
        await place.settle()
        assert script.about(person) == []
        await told(place, StoryTold(subject=person, story=new_id(), passages=1))
        assert [each["order"] for each in script.about(person)] == [1]


async def test_what_is_tried_again_is_looked_at_again__s4_c7(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving(Script([reply(204), reply(503), reply(204)])) as script:
        around, by, person = stand_in(place), partner(), new_id()
        await subscribed(place, by, script)
        around.choices.permit(by, person, Part.STORY)
        await told(place, StoryTold(subject=person, story=new_id(), passages=1))
        assert len(script.about(person)) == 1
        await withheld(place, around, person)
        await place.pass_time(SCHEDULE_OVER)
        assert len(script.about(person)) == 1


async def test_while_intake_can_not_say_it_waits_and_nothing_is_lost__c3_s4(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        await subscribed(place, by, script)
        around.choices.permit(by, person, Part.STORY)
        around.choices.withheld, around.intake.down = frozenset({new_id()}), True
        await told(place, StoryTold(subject=person, story=new_id(), passages=1))
        assert script.about(person) == []
        around.intake.down = False
        await place.pass_time(A_MOMENT)
        assert len(script.about(person)) == 1
