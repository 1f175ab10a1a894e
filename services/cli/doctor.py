"""``alongside doctor``: looks an instance over, changes nothing, and says what to do about what it finds."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from services.cli.options import DataOption, file_in, settings_for
from services.cli.output import JsonFlag, Out, plainly
from services.stores import on_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.settings import Settings

ENOUGH_BYTES = 500 * 1024 * 1024
SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Look:
    """One thing looked at: ``pass``, ``warn`` (it serves; look at it) or ``fail``, and what to do."""

    what: str
    standing: str
    says: str


def doctor(data: DataOption = None, as_json: JsonFlag = False) -> None:
    """Look an instance over: machine, folder, database, bus, what waits, who leads, duty line, the running process."""
    out = Out(as_json)
    with plainly(out):
        settings = settings_for(data)
        rows = _stands_on(settings) if on_postgres(settings) else _data(settings)
        looks = [*_machine(), *_folder(settings), *rows, *_sending(settings), *_running(settings)]
        out.table(("", "what", "finding"), [(look.standing, look.what, look.says) for look in looks])
        out.give(looks)
    if any(look.standing == "fail" for look in looks):
        raise typer.Exit(1)


def _machine() -> Iterator[Look]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Look("Python", "pass" if sys.version_info[:2] == (3, 11) else "fail", f"{version}; 3.11 is expected")
    new_enough = sqlite3.sqlite_version_info >= (3, 37)
    yield Look("SQLite", "pass" if new_enough else "fail", f"{sqlite3.sqlite_version}; 3.37 or later is needed")


def _folder(settings: Settings) -> Iterator[Look]:
    folder = settings.data
    if not folder.exists():
        yield Look("folder", "fail", f"{folder} is not there: `alongside init` makes it, or say --data")
        return
    open_to_others = stat.S_IMODE(folder.stat().st_mode) & 0o077
    told = "others on this machine can look into it: chmod 700" if open_to_others else "only its owner can look into it"
    yield Look("folder", "warn" if open_to_others else "pass", f"{folder}: {told}")
    yield Look("writing", "pass" if os.access(folder, os.W_OK) else "fail", "this account must be able to write there")
    free = shutil.disk_usage(folder).free
    yield Look("disk", "pass" if free > ENOUGH_BYTES else "warn", f"{free // 1024**2:,} MB free")


def _data(settings: Settings) -> Iterator[Look]:
    from services.migrate import behind_in

    path = file_in(settings)
    if not path.exists():
        yield Look("data", "fail", "nothing was started here yet: `alongside init`")
        return
    waiting = behind_in(path)
    told = (
        f"behind: {', '.join(waiting)}; `alongside run` or `alongside migrate` brings them up"
        if waiting
        else "as expected"
    )
    yield Look("tables", "warn" if waiting else "pass", told)
    if not waiting:
        yield from _stands_on(settings)


def _stands_on(settings: Settings) -> Iterator[Look]:
    from services.cli.engines import looked

    for what, standing, says in looked(settings):
        yield Look(what, standing, says)


def _sending(settings: Settings) -> Iterator[Look]:
    ways = [name for name, way in (("SMTP", settings.smtp_url), ("GOV.UK Notify", settings.notify_url)) if way]
    told = f"by {' and '.join(ways)}" if ways else "nobody can be told: set ALONGSIDE_SMTP_URL or ALONGSIDE_NOTIFY_URL"
    yield Look("messages", "pass" if ways else "warn", told)


def _running(settings: Settings) -> Iterator[Look]:
    from services.cli.door import notice_in

    told = notice_in(settings.data)
    if told is None:
        yield Look("running", "pass", "no instance runs on these data now")
        return
    import httpx2

    try:
        answer = httpx2.get(f"{told.address}/_status", timeout=SECONDS)
        standing = answer.json()
    except (httpx2.HTTPError, ValueError):
        yield Look("running", "fail", f"{told.address} does not answer")
        return
    yield Look("running", standing["status"], f"{told.address} (process {told.pid})")
    for name, checks in standing["checks"].items():
        yield Look(name, checks[0]["status"], "says the running instance")
