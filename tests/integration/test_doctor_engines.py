"""What doctor finds of PostgreSQL and Kafka, alive and dead: within seconds, and without making anything."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from services import SERVICES
from services.cli.engines import TOPICS, looked
from shared.bus_kafka import KafkaBus
from shared.clock import monotonic
from shared.settings import KafkaSettings, Settings
from tests.support import kafka as engine
from tests.support import postgres
from tests.support.command_line import a_process
from tests.support.ports import a_free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.kafka import Broker

MOST_SECONDS = 9.0
"""It waits for 5 s at most; a busy machine takes its own time beside that."""
Looks = dict[str, tuple[str, str]]


@pytest.fixture
def database() -> Iterator[str]:
    postgres.needed()
    name = postgres.a_database(postgres.migrated())
    yield name
    postgres.drop(name)


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """One for this file, with no topic of anybody's."""
    engine.jars()
    with engine.broker() as own:
        yield own


@pytest.fixture
def look(database: str, tmp_path: Path) -> Callable[..., Looks]:
    def over(servers: str = "", **more: Any) -> Looks:
        told = postgres.told_of(database) | {"data": tmp_path, "kafka": KafkaSettings(servers=servers)} | more
        began = monotonic()
        found = {what: (standing, says) for what, standing, says in looked(Settings(**told))}
        assert monotonic() - began < MOST_SECONDS
        return found

    return over


def ids_of(servers: str, topics: tuple[str, ...]) -> dict[str, str]:
    """Have the bus make topics as a process does that begins to use them; gives their ids."""

    async def made() -> dict[str, str]:
        bus = KafkaBus(KafkaSettings(servers=servers))
        try:
            return {topic: await bus.identity(topic) for topic in topics}
        finally:
            await bus.close()

    return asyncio.run(made())


def test_a_place_on_postgresql_without_a_broker_fails(look: Callable[..., Looks]) -> None:
    looks = look()
    assert looks["bus"][0] == "fail"
    assert looks["PostgreSQL"][0] == "pass"
    assert "fsync" in looks["PostgreSQL"][1]
    assert {looks[name][0] for name in SERVICES} == {"pass"}


def test_topics_that_are_not_there_are_said_and_none_is_made(look: Callable[..., Looks], broker: Broker) -> None:
    ids_of(broker.servers, TOPICS[:1])
    for _ in range(2):
        standing, says = look(broker.servers)["Kafka"]
        assert standing == "warn"
        assert [topic for topic in TOPICS if topic in says] == list(TOPICS[1:])


def test_a_kafka_that_relays_know_passes_and_another_one_fails(
    look: Callable[..., Looks], database: str, broker: Broker
) -> None:
    ids = ids_of(broker.servers, TOPICS)
    own = f"INSERT INTO intake_bus VALUES ('relay={ids['alongside.intake']}')"  # noqa: S608 - ours
    heard = f"INSERT INTO pathway_bus VALUES ('intake={ids['alongside.intake']}')"  # noqa: S608 - ours
    postgres.statements(own, heard, database=database)
    looks = look(broker.servers)
    assert looks["Kafka"] == ("pass", "it answers; 6 topics are there")
    assert looks["Kafka's identity"][0] == "pass"
    postgres.statements("UPDATE pathway_bus SET id = 'intake=another'", database=database)
    standing, says = look(broker.servers)["Kafka's identity"]
    assert standing == "fail"
    assert "pathway's consumer of alongside.intake" in says
    assert "intake's relay" not in says


def test_a_dead_engine_fails_within_five_seconds_and_the_other_is_still_looked_at(look: Callable[..., Looks]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as never:
        silent = f"127.0.0.1:{never.getsockname()[1]}"
        looks = look(silent)
        assert looks["Kafka"][0] == "fail"
        assert {looks[name][0] for name in (*SERVICES, "PostgreSQL")} == {"pass"}
        looks = look(silent, database_url=f"postgresql://{{service}}:x@{silent}/place")
        assert {looks[name][0] for name in (*SERVICES, "PostgreSQL", "Kafka", "duty line")} == {"fail"}


def test_a_database_that_would_lose_what_is_committed_fails(look: Callable[..., Looks], database: str) -> None:
    role = f"{postgres.roles()}_consent"
    postgres.statements(f"ALTER ROLE {role} IN DATABASE {database} SET synchronous_commit = off")
    looks = look()
    assert looks["consent"][0] == "fail"
    assert "cannot keep what is written" in looks["consent"][1]
    assert looks["intake"][0] == "pass"


def test_an_engine_that_is_away_ends_the_command_with_1(database: str, tmp_path: Path) -> None:
    url = postgres.told_of(database)["database_url"]
    done = a_process(
        "doctor", "--json", "--data", tmp_path,
        ALONGSIDE_DATABASE_URL=url, ALONGSIDE_KAFKA_SERVERS=f"127.0.0.1:{a_free_port()}",
    )  # fmt: skip
    looks = {each["what"]: each["standing"] for each in json.loads(done.stdout)}
    assert (done.returncode, looks["Kafka"], looks["intake"]) == (1, "fail", "pass")
    assert "Traceback" not in done.stderr
