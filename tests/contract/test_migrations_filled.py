"""What a migration fills: rows that stood there before it are as the code expects them, on either engine."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg

from services.migrate import FILE, migrate
from services.migrate_postgres import migrate as migrate_postgres
from services.notify.subscription.domain import KEY_BYTES
from shared.ids import new_id
from shared.settings import Settings
from tests.support import postgres
from tests.support.migrated import migrated

BEFORE = (
    "ALTER TABLE notify_subscription DROP COLUMN id_key",
    "ALTER TABLE notify_subscription DROP COLUMN base",
    "UPDATE notify_version SET version_num = '0004'",
)
KEYS = "SELECT id_key FROM notify_subscription"


def a_subscription() -> str:
    return (
        "INSERT INTO notify_subscription (id, organisation, url, events, state, secret, made_at) "  # noqa: S608 - a test's
        f"VALUES ('{new_id().hex}', '{new_id().hex}', 'https://partner.example', '[]', 'active', 's', 0)"
    )


def are_keys(rows: list[Any]) -> bool:
    """Three subscriptions, each with a whole key that no other has."""
    keys = {bytes(row[0]) for row in rows}
    return len(rows) == len(keys) == 3 and {len(key) for key in keys} == {KEY_BYTES}


def test_each_subscription_of_a_file_is_given_a_key_of_its_own_for_ids(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_bytes(migrated())
    with closing(sqlite3.connect(path)) as file, file:
        for each in (*BEFORE, *(a_subscription() for _ in range(3))):
            file.execute(each)
    assert [moved.owner for moved in migrate(path)] == ["notify"]
    with closing(sqlite3.connect(path)) as file:
        assert are_keys(file.execute(KEYS).fetchall())


def test_each_subscription_of_a_database_is_given_a_key_of_its_own_for_ids() -> None:
    postgres.needed()
    name = postgres.a_database(postgres.migrated())
    try:
        postgres.statements(*BEFORE, *(a_subscription() for _ in range(3)), database=name)
        settings = Settings(**postgres.told_of(name))
        assert [moved.owner for moved in asyncio.run(migrate_postgres(settings))] == ["notify"]
        assert are_keys(asyncio.run(_keys(settings.database_of("notify"))))
    finally:
        postgres.drop(name)


async def _keys(url: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(KEYS))
    finally:
        await connection.close()
