"""On PostgreSQL the migrations make what the code names, too; each service's role may do what it does, and no more."""

import asyncio

import asyncpg
import pytest
from sqlalchemy.schema import CreateIndex, CreateTable

from services.migrate import BehindError, at_head, head, metadata_of, version_table
from services.migrate_postgres import CollationError, migrate, waiting
from services.system import SERVICES
from shared.db_postgres import PostgresPlace, protecting
from shared.dialects import DIALECTS
from shared.settings import Settings
from tests.support import postgres

Shape = dict[str, list[str]]
COLUMNS = """SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || is_identity
    || ' ' || coalesce(identity_generation, '') FROM information_schema.columns WHERE table_schema = 'public'"""
INDEXES = "SELECT regexp_replace(indexdef, '::text|[()]', '', 'g') FROM pg_indexes WHERE schemaname = 'public'"
TRIGGERS = """SELECT pg_get_triggerdef(t.oid) || p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal"""
GRANTS = """SELECT table_name || ' ' || privilege_type FROM information_schema.role_table_grants
    WHERE grantee = $1 ORDER BY 1"""


async def shape(database: str, prefix: str) -> Shape:
    """What the tables of a service are like: columns, indexes, triggers."""
    connection = await asyncpg.connect(postgres.told_of(database)["database_owner_url"])
    try:
        found = {}
        for name, asked in (("columns", COLUMNS), ("indexes", INDEXES), ("triggers", TRIGGERS)):
            rows = sorted(row[0] for row in await connection.fetch(asked))
            found[name] = [row for row in rows if f"{prefix}_" in row and version_table(prefix) not in row]
        return found
    finally:
        await connection.close()


async def test_upgraded_from_nothing_it_is_what_the_code_names() -> None:
    postgres.needed()
    made = postgres.a_database()
    engine = DIALECTS["postgresql"]()
    said: list[str] = []
    for owner in SERVICES:
        tables = metadata_of(owner).sorted_tables
        said += [str(CreateTable(table).compile(dialect=engine)) for table in tables]
        said += [str(CreateIndex(each).compile(dialect=engine)) for table in tables for each in table.indexes]
        said += protecting(owner)
    postgres.statements(*said, url=postgres.told_of(made)["database_owner_url"])
    for owner in SERVICES:
        upgraded, named = await shape(postgres.migrated(), owner), await shape(made, owner)
        assert upgraded == named
        assert len(upgraded["triggers"]) == 2
        assert not [each for each in upgraded["columns"] if "character varying" in each or " integer" in each]
    postgres.drop(made)


async def test_a_services_role_may_insert_into_its_journal_and_no_more_and_touch_nobody_elses_tables() -> None:
    postgres.needed()
    connection = await asyncpg.connect(postgres.told_of(postgres.migrated())["database_owner_url"])
    for owner in SERVICES:
        rows = await connection.fetch(GRANTS, f"{postgres.roles()}_{owner}")
        granted = [row[0] for row in rows]
        assert all(each.startswith(f"{owner}_") for each in granted)
        for table in metadata_of(owner).tables.values():
            rights = {each.partition(" ")[2] for each in granted if each.startswith(f"{table.name} ")}
            changes = set() if table.info.get("insert_only") else {"UPDATE", "DELETE"}
            assert rights == {"SELECT", "INSERT"} | changes, table.name
        version = [each for each in granted if each.startswith(version_table(owner))]
        assert version == [f"{version_table(owner)} SELECT"]
    await connection.close()


async def test_tables_that_are_there_are_not_touched_again_and_those_that_are_not_are_told() -> None:
    postgres.needed()
    database = postgres.a_database()
    settings = Settings(**postgres.told_of(database))
    place = PostgresPlace(settings.database_of)
    assert await waiting(settings) == list(SERVICES)
    assert not await at_head(place.for_service("intake"))
    moved = await migrate(settings)
    assert [(each.owner, each.was, each.now) for each in moved] == [(name, None, head(name)) for name in SERVICES]
    assert await waiting(settings) == []
    assert await migrate(settings) == []
    assert await at_head(place.for_service("intake"))
    place.close()
    postgres.drop(database)


async def test_two_that_migrate_at_once_do_it_once() -> None:
    postgres.needed()
    database = postgres.a_database()
    settings = Settings(**postgres.told_of(database))
    moved = await asyncio.gather(migrate(settings, ("gateway",)), migrate(settings, ("gateway",)))
    assert sorted(len(each) for each in moved) == [0, 1]
    postgres.drop(database)


async def test_a_database_that_sorts_by_a_language_is_turned_away() -> None:
    postgres.needed()
    name = f"l{postgres.roles()}"
    try:
        postgres.statements(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'en_US.UTF-8' LC_CTYPE 'en_US.UTF-8'"
        )
    except asyncpg.PostgresError:
        pytest.skip("this server knows no language to sort by")
    with pytest.raises(CollationError):
        await migrate(Settings(**postgres.told_of(name)), ("gateway",))
    postgres.drop(name)


def test_to_be_behind_is_told_a_steward() -> None:
    assert "alongside migrate" in BehindError().says
