"""``alongside import-assets``: lists a directory's file, with a bar and a report of what was not understood."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.door import a_door, asked, notice_in, opened_here
from services.cli.options import DataOption, existing, settings_for
from services.cli.output import JsonFlag, Out, plainly

if TYPE_CHECKING:
    from shared.settings import Settings

SHOWN = 30


def import_assets(
    file: Annotated[
        Path,
        typer.Argument(
            help="A CSV with the columns name, description, address, postcode, telephone, website or our fuller ones.",
            exists=True,
            dir_okay=False,
        ),
    ],
    data: DataOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List a directory's organisations, each with an offer. The same file again changes nothing."""
    out = Out(as_json)
    with plainly(out):
        settings = settings_for(data)
        existing(settings)
        raw = file.read_bytes()
        report = asyncio.run(imported(settings, raw, out))
        say_report(out, report)
        out.give(report)


async def imported(settings: Settings, raw: bytes, out: Out) -> Any:
    if notice_in(settings.data) is not None:
        async with a_door(settings) as http:
            return await asked(http, "POST", "/v1/place/assets", {"csv_base64": b64encode(raw).decode()})
    from rich.progress import Progress

    from services.community.asset.api import view
    from services.community.asset.handlers import import_assets as take
    from services.community.asset.reading import read_assets
    from shared.event import Role
    from shared.ids import new_id
    from shared.passes import Origin, Pass

    async with opened_here(settings) as (system, _):
        shell = system.running["community"].shell
        origin = Origin(Pass(Role.STEWARD, new_id()), new_id())
        with Progress(console=out.console, disable=out.json) as bar:
            task = bar.add_task("Listing", total=None)
            report = await take(
                shell, read_assets(raw), system.kit.ports.community.rulebook(), origin,
                lambda done, of: bar.update(task, completed=done, total=of),
            )  # fmt: skip
        return view(report)


def say_report(out: Out, report: dict[str, Any]) -> None:
    counts = ("new", "changed", "same", "left_out")
    out.say(
        f"{report['lines']} lines: " + ", ".join(f"{report[name]} {name.replace('_', ' ')}" for name in counts) + "."
    )
    remarks = report["remarks"]
    if remarks:
        rows = [(r["line"], r["column"], r["says"], "left out" if r["left_out"] else "taken") for r in remarks[:SHOWN]]
        out.table(("line", "column", "not understood", "the line was"), rows)
    if len(remarks) > SHOWN:
        out.say(f"… and {len(remarks) - SHOWN} more; --json gives them all.")
