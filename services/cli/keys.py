"""``alongside keys``: the key pairs with which services that run in processes of their own know one another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import DataOption, settings_for
from services.cli.output import JsonFlag, Out, plainly
from services.cli.run import named


def keys(
    services: Annotated[str | None, typer.Option(help="Of which services, by commas; all when not said.")] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Make another key beside the one there is; what it signed stays good.")
    ] = False,
    drop_old: Annotated[
        bool, typer.Option("--drop-old", help="Then take out the keys that were replaced: a minute later at the least.")
    ] = False,
    folder: Annotated[Path | None, typer.Option(help="Where they lie (ALONGSIDE_KEYS).", show_default=False)] = None,
    data: DataOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Make the keys that services call one another with. One process with every service in it needs none."""
    out = Out(as_json)
    with plainly(out):
        from services.calls import keys as ring

        settings = settings_for(data, keys=folder)
        where = (settings.keys or settings.data / "keys").resolve()
        names = named(services)
        made = [] if drop_old else ring.make(where, names, anew=anew)
        dropped = ring.drop_old(where, names) if drop_old else []
        for kid in made:
            out.say(f"made     {kid}")
        for kid in dropped:
            out.say(f"dropped  {kid}")
        out.say(f"Keys in {where}. Give each process {ring.PUBLIC} and the private keys of its own services only.")
        out.give({"folder": where, "made": made, "dropped": dropped})
