"""One service's rows go back to what they were: kept aside within its database, and put back past every right."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tests.support.place import ENGINE

if TYPE_CHECKING:
    from tests.support.place import Place


def _tables(service: str) -> list[str]:
    import_module(f"services.{service}.app")
    return [table.name for table in import_module(f"services.{service}.tables").METADATA.sorted_tables]


def keep(place: Place, *services: str) -> None:
    """Keep every row of some services as it is now."""
    names = [name for service in services for name in _tables(service)]
    place.by_hand(*(f"CREATE TABLE kept_{name} AS SELECT * FROM {name}" for name in names))  # noqa: S608 - our own


def put_back(place: Place, *services: str) -> None:
    """Have the rows be as they were kept. No process may have them in memory: open the place anew after it."""
    names = [name for service in services for name in _tables(service)]
    if ENGINE == "postgres":
        for name in names:
            put = f"INSERT INTO {name} OVERRIDING SYSTEM VALUE SELECT * FROM kept_{name}"  # noqa: S608 - our own
            place.by_hand(f"SET session_replication_role = replica; DELETE FROM {name}; {put}")  # noqa: S608
        return
    writer = place.system.file.writer
    assert writer is not None
    rules = writer.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    place.by_hand(*(f"DROP TRIGGER {name}" for name, _ in rules))
    for name in names:
        place.by_hand(f"DELETE FROM {name}", f"INSERT INTO {name} SELECT * FROM kept_{name}")  # noqa: S608
    place.by_hand(*(sql for _, sql in rules))
