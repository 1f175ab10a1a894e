"""A PostgreSQL for the tests: one server for a run of them, and a fresh database made from a template for each test.

It is looked for as DESIGN's contract says: ``DATABASE_URL`` (an account that may make databases and roles); Docker
through testcontainers; a local ``initdb``, not as root. Else tests skip with a loud reason, and fail where
``ALONGSIDE_REQUIRE_ENGINES`` is 1. What was started ends with the test process, even when that is killed.
"""

from __future__ import annotations

import asyncio
import atexit
import ctypes
import hashlib
import hmac
import importlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import MetaData
from sqlalchemy.schema import CreateIndex, CreateTable

from services.migrate import OWNERS
from services.migrate_postgres import grants, migrate
from shared.db_postgres import PostgresPlace, protecting
from shared.dialects import DIALECTS
from shared.ids import new_id
from shared.settings import Settings
from tests.support.ports import a_free_port
from tests.support.wait import until_blocking

ACCOUNTS = ("postgres", "nobody")
"""Who may own a server when the tests run as root, which ``initdb`` turns away."""
SETTINGS = {
    "listen_addresses": "127.0.0.1", "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on",
    "max_connections": "200", "shared_buffers": "64MB", "autovacuum_naptime": "10s",
}  # fmt: skip
PARENT_DEATH = 1
START_SECONDS = 60
SECRET = "alongside"
ADMIN = "alongside_admin"


class NoPostgresError(RuntimeError):
    """There is none here, for the reasons that it says."""


@cache
def server() -> str:
    """Give the address of a server, as an account that may make databases and roles. Raises NoPostgresError."""
    if given := os.environ.get("DATABASE_URL"):
        return given
    why = []
    for way in (_in_docker, _here):
        try:
            return way()
        except NoPostgresError as error:
            why.append(str(error))
    raise NoPostgresError("; ".join(why))


def needed() -> str:
    """Give the server, or skip the test; a skip fails where every engine is required."""
    try:
        return server()
    except NoPostgresError as error:
        reason = f"NO POSTGRESQL: set DATABASE_URL, start Docker or install postgresql ({error})"
        if os.environ.get("ALONGSIDE_REQUIRE_ENGINES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


def _in_docker() -> str:
    try:
        made: Any = importlib.import_module("testcontainers.postgres").PostgresContainer("postgres:16", driver=None)
        made.start()
    except Exception as error:
        raise NoPostgresError(f"Docker: {type(error).__name__}") from error
    atexit.register(made.stop)
    return str(made.get_connection_url())


def _here() -> str:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    program = shutil.which("initdb") or (str(found[-1]) if found else None)
    if program is None:
        raise NoPostgresError("no initdb on this machine")
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="alongside-postgres-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    (folder / "secret").write_text(SECRET)
    (folder / "secret").chmod(0o644)
    port = a_free_port()
    data = folder / "data"
    made = subprocess.run(
        [program, "-D", str(data), "-U", ADMIN, "--pwfile", str(folder / "secret"), "-A", "scram-sha-256",
         "-E", "UTF8", "--locale", "C", "--no-instructions"],
        capture_output=True, check=False, preexec_fn=_as(account), cwd="/",
    )  # fmt: skip
    if made.returncode:
        raise NoPostgresError(made.stderr.decode(errors="replace")[-300:])
    told = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(Path(program).with_name("postgres")), "-D", str(data), "-p", str(port), "-k", str(folder), *told],
            stdout=log, stderr=log, preexec_fn=_as(account), cwd="/",  # noqa: PLW1509 - see `_as`
        )  # fmt: skip
    atexit.register(_end, process)
    until_blocking(lambda: _answers(process, port), START_SECONDS, "PostgreSQL to answer")
    return f"postgresql://{ADMIN}:{SECRET}@127.0.0.1:{port}/postgres"


def _account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgresError("this is root, and there is no other account")


def _as(account: pwd.struct_passwd | None) -> Any:
    """Have a child be of ``account``, in a group of its own, and end when we do."""
    libc = ctypes.CDLL(None)

    def before() -> None:  # nothing here takes a lock, which is what makes it unsafe beside threads
        os.setsid()
        if account is not None:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
        libc.prctl(PARENT_DEATH, signal.SIGQUIT)  # after the change of account, which would undo it

    return before


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGQUIT)
    process.wait()


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    if process.poll() is not None:
        raise NoPostgresError("the server ended as it started")
    try:
        statements("SELECT 1", url=f"postgresql://{ADMIN}:{SECRET}@127.0.0.1:{port}/postgres")
    except (OSError, asyncpg.PostgresError):
        return False
    return True


def statements(*said: str, url: str = "", database: str = "") -> None:
    """Run statements as the server's administrator (or at ``url``), from wherever, even inside a running loop."""
    where = url or urlsplit(server())._replace(**({"path": f"/{database}"} if database else {})).geturl()
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, _run(where, *said)).result()


async def _run(url: str, *said: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in said:
            await connection.execute(statement)
    finally:
        await connection.close()


@cache
def roles() -> str:
    """Make a role for the owner of tables and one for each service, for this run; gives what their names begin with."""
    tag = f"t{new_id().hex[:8]}"
    needed()
    names = [f"{tag}_{owner}" for owner in ("owner", *OWNERS)]
    statements(*(f"CREATE ROLE {name} LOGIN PASSWORD '{verifier(SECRET)}'" for name in names))
    return tag


def verifier(password: str, rounds: int = 256) -> str:
    """Give what a server keeps of a password (RFC 5803), of as many rounds as `deploy/postgres/roles.sh` takes."""
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    kept, key, ours = (
        b64encode(each).decode() for each in (salt, stored, hmac.digest(salted, b"Server Key", "sha256"))
    )
    return f"SCRAM-SHA-256${rounds}:{kept}${key}:{ours}"


def a_database(template: str = "template0", *, tag: str = "") -> str:
    """Make a database, owned by the owner's role; gives its name."""
    owner, name = f"{tag or roles()}_owner", f"d{new_id().hex[:12]}"
    how = "" if template != "template0" else "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
    statements(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {owner} {how}")
    return name


def drop(name: str) -> None:
    """Drop a database, whoever is still connected."""
    statements(f"DROP DATABASE {name} WITH (FORCE)")


def told_of(database: str) -> dict[str, Any]:
    """Give the settings of an instance whose services all live in ``database``, each with its own role."""
    parts = urlsplit(server())
    where = f"{parts.hostname}:{parts.port or 5432}/{database}"
    return {
        "database_url": f"postgresql://{roles()}_{{service}}:{SECRET}@{where}",
        "database_owner_url": f"postgresql://{roles()}_owner:{SECRET}@{where}",
    }


@contextmanager
def tables_of(metadata: MetaData, *prefixes: str, most: int = 8) -> Iterator[PostgresPlace]:
    """Give a place with the tables of ``metadata``, made anew for one test, as each service's own role sees them."""
    tag, database = roles(), a_database()
    url = told_of(database)["database_owner_url"]
    engine = DIALECTS["postgresql"]()
    said = [str(CreateTable(table).compile(dialect=engine)) for table in metadata.sorted_tables]
    said += [str(CreateIndex(each).compile(dialect=engine)) for t in metadata.sorted_tables for each in t.indexes]
    for prefix in prefixes:
        if f"{prefix}_journal" in metadata.tables:
            said += protecting(prefix)
        mine = [table for table in metadata.sorted_tables if table.name.startswith(f"{prefix}_")]
        said += grants(mine, f"{tag}_intake")
    statements(*said, url=url)
    place = PostgresPlace(lambda _: told_of(database)["database_url"].replace("{service}", "intake"), most=most)
    try:
        yield place
    finally:
        place.close()
        drop(database)


@cache
def migrated() -> str:
    """Give the name of a database with every service's tables at head and nothing in them, made once for a run."""
    name = a_database()
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, migrate(Settings(**told_of(name)))).result()
    return name
