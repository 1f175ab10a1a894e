"""``alongside migrate``: bring the tables to what this version expects."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Annotated, Any

import typer

from services.cli.options import DataOption, file_in, settings_for
from services.cli.output import JsonFlag, Out, plainly
from services.stores import on_postgres


def migrate(
    data: DataOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit 1 when something is to be done.")
    ] = False,
    draft: Annotated[
        bool, typer.Option("--draft", help="For engineers: write the next migrations from the code's tables.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Bring the tables to what this version of Alongside expects; forwards only, all or nothing."""
    from services import migrate as tables

    out = Out(as_json)
    with plainly(out):
        if draft:
            from services.cli.draft import draft as write

            written = write()
            for path in written:
                out.say(f"written: {path} (read it, then make fix)")
            out.give(written)
            return
        settings = settings_for(data)
        path = file_in(settings)
        if check:
            waiting = asyncio.run(_postgres().waiting(settings)) if on_postgres(settings) else tables.behind_in(path)
            out.say(f"To be done: {', '.join(waiting)}." if waiting else "Nothing to do.")
            out.give({"behind": waiting})
            raise typer.Exit(1 if waiting else 0)
        moved = asyncio.run(_postgres().migrate(settings)) if on_postgres(settings) else tables.migrate(path)
        out.table(("tables of", "was", "now"), [(m.owner, m.was or "none", m.now) for m in moved])
        out.say("The tables are what this version expects.")
        out.give(moved)


def _postgres() -> Any:
    return import_module("services.migrate_postgres")  # and with it asyncpg, only where it is used
