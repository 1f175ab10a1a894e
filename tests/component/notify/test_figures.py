"""What notify shows of its tables: endpoints that fail, deliveries that are late, alerts that nobody has answered."""

from datetime import timedelta
from pathlib import Path

from prometheus_client import REGISTRY

from services.notify import figures
from services.notify.alert.store import ALERT
from shared.db import EPOCH, Sql, insert_into
from shared.event import Part
from shared.ids import new_id
from tests.support.notify_servers import Script, receiving, reply
from tests.support.whole_place import whole_place

TOLD = "intake.story-told"
TWO_HOURS = 7_200.0


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"alongside_{name}", labels) or 0.0


async def test_a_delivery_that_is_late_is_seen_until_it_is_taken_or_its_endpoint_is_paused(tmp_path: Path) -> None:
    taken, failed = figure("deliveries_total", outcome="taken"), "answer-was-not-2xx"
    before = figure("deliveries_total", outcome=failed)
    script = Script([reply(204), reply(500)])
    async with whole_place(tmp_path / "data") as here, receiving(script) as partner:
        await here.yes(here.group.id, Part.STORY)
        async with here.place.client(here.system_of(here.group)) as system:
            made = (await system.post("/v1/subscriptions", json={"url": partner.url(), "events": [TOLD]})).json()
            await here.place.settle()
            body = {"passages": [{"heading": "what-happened", "words": "I lost the thread."}]}
            async with here.me as me:
                await me.post(f"/v1/people/{here.r}/stories", json=body)
            await here.place.settle()
            assert figure("deliveries_total", outcome="taken") - taken == 1
            assert figure("deliveries_total", outcome=failed) - before == 1
            here.place.clock.move(timedelta(hours=2))
            await figures.take(here.place.system.running["notify"].shell)
            assert figure("deliveries_waiting") == 1
            assert TWO_HOURS - 10 < figure("oldest_delivery_seconds") < TWO_HOURS
            await system.post(f"/v1/subscriptions/{made['id']}/pause")
        await figures.take(here.place.system.running["notify"].shell)
        assert (figure("subscriptions_paused"), figure("deliveries_waiting")) == (1, 0)
        assert figure("oldest_delivery_seconds") == 0


async def test_an_alert_that_waits_for_somebody_is_seen(tmp_path: Path) -> None:
    async with whole_place(tmp_path / "data") as here:
        shell = here.place.system.running["notify"].shell
        await figures.take(shell)
        assert figure("oldest_alert_seconds") == 0
        row = dict.fromkeys(column.name for column in ALERT.columns)
        row |= {"id": new_id(), "person": here.r, "kind": "drifting", "asked": {}, "awaited": True, "state": "open"}
        async with shell.database.write() as connection:
            raised = {"rung": 0, "raised_at": here.place.clock.now(), "repeats": 0, "next_at": EPOCH}
            await connection.run(Sql(insert_into(ALERT)), **row | raised)
        here.place.clock.move(timedelta(hours=2))
        await figures.take(shell)
        assert figure("oldest_alert_seconds") >= TWO_HOURS
