"""What PostgreSQL forgot is taken up from Kafka: byte for byte, up to the end as it was, as often as it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services import SERVICES
from services.recover import Recover
from shared.bus import Record, topic_of
from shared.bus_kafka import KafkaBus
from shared.bus_kafka_kept import kept
from shared.db import Sql
from shared.errors import UnavailableError
from shared.ids import new_id
from shared.settings import KafkaSettings
from tests.support import postgres
from tests.support.going_back import keep, put_back
from tests.support.kafka_member import settings
from tests.support.place import a_place
from tests.support.setting_up import a_place_that_serves

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.kafka import Kafka
    from tests.support.place import Place


def record(n: int) -> Record:
    return Record(UUID(int=n % 7).bytes, str(n).encode())


async def everything(kafka: Kafka, topic: str) -> list[Record]:
    return [record async for records in kept(settings(kafka), topic) for record in records]


async def test_a_topic_is_read_whole_and_in_order_for_a_key_as_often_as_it_is_asked(kafka: Kafka) -> None:
    topic, bus = f"alongside.t-{new_id().hex[:12]}", KafkaBus(settings(kafka))
    await bus.publish(topic, [record(n) for n in range(1_700)])
    for _ in range(2):
        found = await everything(kafka, topic)
        assert len(found) == 1_700
        for key in range(7):
            mine = [int(each.value) for each in found if each.key == UUID(int=key).bytes]
            assert mine == list(range(key, 1_700, 7))
    await bus.close()


async def test_reading_ends_at_the_end_as_it_was_while_more_comes(kafka: Kafka) -> None:
    topic, bus = f"alongside.t-{new_id().hex[:12]}", KafkaBus(settings(kafka))
    await bus.publish(topic, [record(n) for n in range(600)])
    found = 0
    async for records in kept(settings(kafka), topic):
        found += len(records)
        await bus.publish(topic, [record(n) for n in range(600)])
        assert found < 100_000
    assert found >= 600
    await bus.close()


async def test_a_topic_without_records_and_one_that_is_not_there_give_nothing(kafka: Kafka) -> None:
    topic, bus = f"alongside.t-{new_id().hex[:12]}", KafkaBus(settings(kafka))
    assert await everything(kafka, topic) == []
    await bus.identity(topic)
    assert await everything(kafka, topic) == []
    await bus.close()


async def test_a_broker_that_is_away_is_an_error_and_never_an_empty_topic() -> None:
    with pytest.raises(UnavailableError):
        await anext(kept(KafkaSettings(servers="127.0.0.1:1"), "alongside.intake"))


class Topics:
    """The topics of one place under names of its own, on a broker that other tests use too."""

    def __init__(self, kafka: Kafka) -> None:
        self.settings = settings(kafka)
        self.tag = new_id().hex[:12]

    def kept(self, topic: str) -> AsyncIterator[list[Record]]:
        return kept(self.settings, f"{topic}-{self.tag}")

    async def send(self, place: Place) -> None:
        """Publish every journal, as relays do."""
        bus = KafkaBus(self.settings)
        for name in SERVICES:
            records = [Record(each.subject.bytes, each.raw) for each in await place.journal(name)]
            await bus.publish(f"{topic_of(name)}-{self.tag}", records)
        await bus.close()

    async def recovered(self, place: Place, *names: str) -> dict[str, Any]:
        return {each.service: each for each in await Recover(place.system, self.kept).run(names)}


async def arrives(place: Place) -> UUID:
    came = await place.client().post("/v1/arrivals", json={"called": "N"})
    assert came.status_code == 201, came.text
    return UUID(came.json()["person"])


async def heads(place: Place, service: str) -> list[dict[str, Any]]:
    return await place.rows(place.system.running[service].shell.tables.head)


async def lead(place: Place, person: UUID) -> UUID | None:
    found = await place.system.running["pathway"].shell.read(lambda store: store.find_holding(person))
    return found.lead if found else None


async def test_journals_cursors_and_leads_are_whole_again_and_a_second_run_finds_nothing__j2(
    kafka: Kafka, tmp_path: Path
) -> None:
    postgres.needed()
    topics = Topics(kafka)
    async with a_place(tmp_path, engine="postgres") as place:
        backstop = await a_place_that_serves(place)
        await arrives(place)
        await place.settle()
        keep(place, "pathway", "intake")
        who = [await arrives(place) for _ in range(3)]
        await place.settle()
        await topics.send(place)
        before = {name: ([e.raw for e in await place.journal(name)], await heads(place, name)) for name in SERVICES}
        put_back(place, "pathway", "intake")
    async with a_place(tmp_path, engine="postgres") as place:
        assert await lead(place, who[0]) is None
        found = await topics.recovered(place, "pathway", "intake")
        assert found["pathway"].whole
        assert {fact.about for fact in found["intake"].facts} == set(who)
        assert [await lead(place, each) for each in who] == [backstop.id] * 3
        again = await topics.recovered(place, "pathway", "intake")
        assert not [fact for each in again.values() for fact in each.facts]
        await place.settle()
        for name in SERVICES:
            raws, ends = before[name]
            assert sorted(e.raw for e in await place.journal(name)) == sorted(raws), name
            assert await heads(place, name) == ends
        for consumer in place.system.consumers.values():
            async with consumer.shell.database.read() as connection:
                assert not await consumer.store.lanes(connection)


class Killed(BaseException):
    """The run ends here, as by -9: what is open is rolled back."""


async def test_a_run_that_is_killed_half_way_is_run_again_and_nothing_is_twice__j2(
    kafka: Kafka, tmp_path: Path
) -> None:
    postgres.needed()
    topics = Topics(kafka)
    async with a_place(tmp_path, engine="postgres") as place:
        backstop = await a_place_that_serves(place)
        await place.settle()
        keep(place, "pathway")
        who = [await arrives(place) for _ in range(4)]
        await place.settle()
        await topics.send(place)
        whole = sorted(e.raw for e in await place.journal("pathway"))
        put_back(place, "pathway")
    async with a_place(tmp_path, engine="postgres") as place:
        shell = place.system.running["pathway"].shell
        journal, writes = shell.journal, 0

        async def dies_at_the_third(*given: Any) -> Any:
            nonlocal writes
            writes += 1
            if writes == 3:
                raise Killed
            return await journal(*given)

        shell.journal = dies_at_the_third  # type: ignore[assignment]
        with pytest.raises(Killed):
            await topics.recovered(place, "pathway")
        assert len([each for each in who if await lead(place, each)]) == 1
    async with a_place(tmp_path, engine="postgres") as place:
        assert (await topics.recovered(place, "pathway"))["pathway"].whole
        assert [await lead(place, each) for each in who] == [backstop.id] * 4
        assert sorted(e.raw for e in await place.journal("pathway")) == whole
        shell = place.system.running["pathway"].shell
        async with shell.database.read() as connection:
            rows = await connection.all(Sql(select(shell.tables.unsent)))
        assert len(rows) >= 4
