"""A file that the migrations have made, once for a run of the tests: each test then begins with a copy."""

import tempfile
from functools import cache
from pathlib import Path

from services.migrate import FILE, migrate
from shared.db_sqlite import SqliteFile


@cache
def migrated() -> bytes:
    """Give the bytes of an instance's file with every service's tables at head and nothing in them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        migrate(path)
        SqliteFile(path).close()  # what is still in the log beside the file goes into it
        return path.read_bytes()
