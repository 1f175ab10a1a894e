"""Where a process keeps its rows: one SQLite file, or PostgreSQL with a database and a role for each service."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from services.migrate import FILE
from shared.db_sqlite import SqliteFile
from shared.errors import AlongsideError, Kind, WhoActs

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.db import Database
    from shared.settings import Settings


class NoBusError(AlongsideError):
    """Rows are to be on PostgreSQL and no broker is named: the log in a file is for an embedded place alone."""

    code = "no-bus"
    kind = Kind.CONFLICT
    says = "A place on PostgreSQL needs Kafka. Set ALONGSIDE_KAFKA_SERVERS, or leave ALONGSIDE_DATABASE_URL out."
    who = WhoActs.STEWARD


class Stores(Protocol):
    """Every service's database in this process."""

    watch: Callable[[str, str], None] | None
    """Hears of every statement as it is run: whose it is, and its text."""

    def for_service(self, prefix: str) -> Database:
        """Give a service's own."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


def opened(settings: Settings) -> Stores:
    """Open what the settings name. Raises InUseError for a file that another process writes to."""
    if not on_postgres(settings):
        return SqliteFile(settings.data / FILE)
    engine = import_module("shared.db_postgres")  # an embedded place never loads it
    place: Stores = engine.PostgresPlace(settings.database_of, most=settings.database_connections)
    return place


def on_postgres(settings: Settings) -> bool:
    """Say whether the rows are on PostgreSQL."""
    return bool(settings.database_url.get_secret_value())
