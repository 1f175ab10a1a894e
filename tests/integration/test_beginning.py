"""How a process begins on PostgreSQL: it waits for one that is away, and is warm before anybody gets through to it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import asyncpg
import pytest

from services.instance import AwayError, as_soon_as_can_be
from services.system import build
from services.warming import CONNECTIONS, statements, warm
from shared.clock import MovableClock
from shared.settings import Settings
from tests.support import postgres
from tests.support.cluster_net import Link, Net
from tests.support.ports import a_free_port
from tests.support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.system import System

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def away(tmp_path: Path) -> Iterator[tuple[System, int]]:
    """Give two services whose databases are to be at a port at which nothing listens yet."""
    port, there = a_free_port(), urlsplit(postgres.needed()).port or 5432
    told = postgres.told_of(postgres.migrated())
    url = told["database_url"].replace(f":{there}/", f":{port}/")
    system = build(Settings(data=tmp_path, database_url=url), MovableClock(), ("gateway", "community"))
    yield system, port
    system.close()


async def test_a_process_that_finds_no_database_begins_when_it_comes(away: tuple[System, int]) -> None:
    system, port = away
    beginning = asyncio.create_task(as_soon_as_can_be(system))
    tried = system.running["gateway"].shell.database
    dialling = getattr(tried, "place").dialling  # noqa: B009 - of this engine only
    await until(lambda: dialling.begun)
    assert not beginning.done()
    net = Net()
    try:
        Link(net, urlsplit(postgres.server()).port or 5432, port=port)
        async with asyncio.timeout(10):
            await beginning
    finally:
        net.close()


async def test_one_that_finds_none_for_long_says_so_plainly(away: tuple[System, int]) -> None:
    with pytest.raises(AwayError, match="did not answer"):
        await as_soon_as_can_be(away[0], 0.01)


async def test_before_the_first_request_every_statement_is_compiled_and_connections_are_there(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, **postgres.told_of(postgres.migrated()))
    system = build(settings, MovableClock(), ("gateway", "notify"))
    try:
        await warm(system)
        for name, each in system.running.items():
            found = list(statements(name, each.shell.tables))
            assert len(found) > 20, name
            assert all("postgresql" in sql.compiled for sql in found)
            pool = getattr(each.shell.database, "pool")  # noqa: B009 - of this engine only
            assert len(pool.idle) >= CONNECTIONS
    finally:
        system.close()


async def test_a_database_that_is_away_keeps_nobody_from_being_warm(away: tuple[System, int]) -> None:
    async with asyncio.timeout(10):
        await warm(away[0])


async def test_the_roles_script_keeps_passwords_so_that_they_open() -> None:
    script = (REPOSITORY / "deploy" / "postgres" / "roles.sh").read_text()
    begins, ends = script.index("CREATE FUNCTION pg_temp.padded"), script.index("SELECT format('CREATE ROLE")
    password, parts = "0f" * 32, urlsplit(postgres.needed())
    name = f"{postgres.roles()}_verified"
    admin = await asyncpg.connect(postgres.server())
    try:
        await admin.execute(script[begins:ends])
        kept = await admin.fetchval("SELECT pg_temp.verifier($1, 256)", password)
        await admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{kept}'")
        assert await admin.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = $1", name) == kept
        for given, opens in ((password, True), ("0f" * 31 + "00", False)):
            try:
                url = f"postgresql://{name}:{given}@{parts.hostname}:{parts.port or 5432}/postgres"
                await (await asyncpg.connect(url)).close()
            except asyncpg.InvalidPasswordError:
                assert not opens
            else:
                assert opens
    finally:
        await admin.execute(f"DROP ROLE IF EXISTS {name}")
        await admin.close()
