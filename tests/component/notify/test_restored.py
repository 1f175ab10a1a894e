"""Notify's database went back: the same facts go out under the same ids, numbers leap, and what restricts stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.notify.alert.store import ALERT, TOLD
from services.notify.delivery.table import DELIVERY, LANE
from services.notify.mending import mends
from services.notify.message.store import MESSAGE
from services.notify.subscription.domain import LEAP
from services.notify.subscription.store import WISH, WISH_EVENT
from services.notify.tables import KERNEL
from shared.event import Part, Role
from shared.events.pathway import Drifting, DriftingEnded
from shared.ids import new_id
from shared.passes import Origin, timer
from tests.support.going_back import Kept, goes_back, kept
from tests.support.notify_doubles import partner, stand_in, subscribed, told
from tests.support.notify_scene import a_scene
from tests.support.notify_servers import Script, receiving, reply
from tests.support.place import a_pass, a_place

if TYPE_CHECKING:
    from pathlib import Path

    from shared.event import Recorded
    from shared.shell import Tx
    from tests.support.place import Place

SERVICES = ("notify",)
TABLES = (DELIVERY, LANE, WISH, WISH_EVENT, ALERT, TOLD, MESSAGE, KERNEL.cursor)


@dataclass(frozen=True)
class Mend:
    """What ``alongside recover`` has notify do: after a restore, or for one stream's facts."""

    facts: tuple[Recorded, ...] = ()

    @property
    def streams(self) -> tuple[UUID, ...]:
        return tuple({each.subject for each in self.facts})


async def mended(place: Place, facts: list[Recorded] | None = None) -> set[UUID]:
    found: set[UUID] = set()

    async def handle(command: Mend, tx: Tx[Any]) -> None:
        mending = mends(place.system.kit.ports)
        if facts is None:
            await mending.restored(tx)
        else:
            found.update(await mending.took_up(command.facts, tx))

    shell = place.system.running["notify"].shell
    await shell.run(handle, Mend(tuple(facts or ())), Origin(timer("test"), new_id()), gives=type(None))
    return found


async def restored(place: Place, to: Kept) -> None:
    """Notify's database was put back, its numbers leapt, and it hears again what it missed."""
    await goes_back(place, "notify", to)
    await mended(place)


async def test_a_fact_that_is_sent_again_has_its_id_and_a_number_beyond_all_others(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person, other = stand_in(place), partner(), new_id(), new_id()
        made = await subscribed(place, by, script)
        for each in (person, other):
            around.choices.permit(by, each, Part.JOURNEY)
        await told(place, DriftingEnded(subject=person))
        before = await kept(place, TABLES)
        await told(place, *[DriftingEnded(subject=person)] * 2, DriftingEnded(subject=other))
        async with place.client(by) as http:
            assert (await http.post(f"/v1/subscriptions/{made['id']}/secret")).status_code == 200
        was, of_other = script.about(person), script.about(other)
        await restored(place, before)
        await place.settle()
        again, other_again = script.about(person)[len(was) :], script.about(other)[len(of_other) :]
        assert [each["id"] for each in again] == [each["id"] for each in was[1:]]
        assert [each["id"] for each in other_again] == [each["id"] for each in of_other]
        first = again[0]["order"]
        assert first > LEAP
        assert [each["order"] for each in [*again, *other_again]] == [first, first + 1, first]
        await told(place, DriftingEnded(subject=person))
        assert script.about(person)[-1]["order"] == first + 2


async def test_one_fact_has_an_id_of_its_own_for_each_subscription__i1(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as one, receiving() as two:
        around, by, person = stand_in(place), partner(), new_id()
        for script in (one, two):
            await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        await told(place, DriftingEnded(subject=person))
        (event,) = await place.journal("pathway")
        assert len({one.about(person)[0]["id"], two.about(person)[0]["id"], str(event.id)}) == 3


async def test_a_second_restore_of_the_same_backup_leaps_further(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        before = await kept(place, TABLES)
        await told(place, *[DriftingEnded(subject=person)] * 3)
        for _ in range(2):
            await place.pass_time(timedelta(minutes=5))
            await restored(place, before)
            await place.settle()
        orders = [each["order"] for each in script.about(person)]
        assert orders == sorted(set(orders))
        assert len({each["id"] for each in script.about(person)}) == 3


async def test_what_never_left_after_a_leap_gives_its_number_back__c4(tmp_path: Path) -> None:
    script = Script([reply(204)])
    async with a_place(tmp_path, SERVICES) as place, receiving(script):
        around, by, person = stand_in(place), partner(), new_id()
        made = await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        await told(place, DriftingEnded(subject=person))
        await restored(place, await kept(place, TABLES))
        shell = place.system.running["notify"].shell
        async with place.client(by) as http:
            await http.post(f"/v1/subscriptions/{made['id']}/pause")
            await told(place, DriftingEnded(subject=person))
            await http.post(f"/v1/subscriptions/{made['id']}/resume")
        (waiting,) = [each for each in await place.rows(DELIVERY) if each["state"] == "ready"]
        async with shell.database.write() as connection:
            store = shell.make_store(connection)
            (seen,) = await store.next_of(waiting["subscription"], place.clock.now(), 2)
            begun = await store.begin(seen, new_id(), place.clock.now())
            await store.drop(begun, place.clock.now(), wired=False)
        await told(place, DriftingEnded(subject=person))
        assert script.about(person)[-1]["order"] == begun.order


async def test_a_number_of_which_nothing_had_left_is_not_used_again(tmp_path: Path) -> None:
    """It may have gone to another fact in the time that is missing: what was begun was dropped and gave it back."""
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        around, by, person = stand_in(place), partner(), new_id()
        await subscribed(place, by, script)
        around.choices.permit(by, person, Part.JOURNEY)
        await told(place, DriftingEnded(subject=person))
        before = await kept(place, TABLES)
        rows = [each for each in before[DELIVERY] if each["subject"] == person]
        before[DELIVERY] = [each | {"wired": False, "state": "ready", "sending": True} for each in rows]
        await restored(place, before)
        await place.settle()
        assert script.about(person)[-1]["order"] > LEAP
        assert script.about(person)[-1]["id"] == script.about(person)[0]["id"]


async def test_a_subscription_that_was_ended_or_paused_stays_so(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as ends, receiving() as pauses:
        around, by, person = stand_in(place), partner(), new_id()
        around.choices.permit(by, person, Part.JOURNEY)
        ended, paused = await subscribed(place, by, ends), await subscribed(place, by, pauses)
        before = await kept(place, TABLES)
        async with place.client(by) as http:
            assert (await http.delete(f"/v1/subscriptions/{ended['id']}")).status_code == 204
            assert (await http.post(f"/v1/subscriptions/{paused['id']}/pause")).status_code == 200
        await place.settle()
        await restored(place, before)
        for made in (ended, paused):
            facts = (await place.journal("notify", UUID(made["id"])))[1:]  # the first is that it was confirmed
            assert await mended(place, facts) == {each.id for each in facts}
        await told(place, DriftingEnded(subject=person))
        assert (ends.about(person), pauses.about(person)) == ([], [])
        async with place.client(by) as http:
            answered = [(await http.get(f"/v1/subscriptions/{made['id']}")).json() for made in (ended, paused)]
        assert [each["state"] for each in answered] == ["ended", "paused"]


async def test_a_subscription_that_is_gone_is_named_for_people_to_look_at(tmp_path: Path) -> None:
    async with a_place(tmp_path, SERVICES) as place, receiving() as script:
        stand_in(place)
        before = await kept(place, TABLES)
        made = await subscribed(place, partner(), script)
        await restored(place, before)
        facts = await place.journal("notify", UUID(made["id"]))
        assert len(facts) == 1
        assert await mended(place, facts) == set()


async def test_what_somebody_answered_rings_nobody_again__w1(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        place = scene.place
        await scene.drifts()
        before = await kept(place, TABLES)
        (alert,) = await scene.alerts(scene.team)
        async with place.client(a_pass(Role.PEER_SUPPORTER, organisation=scene.team)) as http:
            answered = await http.post(f"/v1/alerts/{alert['id']}/acknowledgement", json={})
        assert answered.status_code < 300, answered.text
        await restored(place, before)
        facts = [each for each in await place.journal("notify", scene.person) if "acknowledged" in each.type]
        assert await mended(place, facts) == {each.id for each in facts}
        heard = len(scene.heard())
        await place.pass_time(timedelta(hours=12))
        assert len(scene.heard()) == heard
        assert await scene.alerts(scene.team) == []


async def test_an_alert_goes_on_at_the_rung_that_it_had_come_to__w1(tmp_path: Path) -> None:
    async with a_scene(tmp_path) as scene:
        place = scene.place
        await told(place, Drifting(subject=scene.person, since=place.clock.now(), promise=None))
        before = await kept(place, TABLES)
        await place.pass_time(timedelta(hours=3))
        facts = [each for each in await place.journal("notify", scene.person) if "passed-up" in each.type]
        assert facts
        await restored(place, before)
        assert await mended(place, facts) == {each.id for each in facts}
        (row,) = await place.rows(ALERT)
        assert (row["rung"], row["state"]) == (facts[-1].data["rung"], "open")
