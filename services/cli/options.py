"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.migrate import FILE
from shared.errors import AlongsideError, Kind, WhoActs
from shared.settings import Settings

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="The folder that holds the instance's data (ALONGSIDE_DATA).", show_default=False),
]


class NoDataError(AlongsideError):
    """There is no instance in this folder."""

    code = "no-data"
    kind = Kind.MISSING
    says = "There is no Alongside in this folder yet. Start one with `alongside init`, or say --data."
    who = WhoActs.STEWARD


def settings_for(data: Path | None, **more: object) -> Settings:
    """Give the settings of an instance whose data lie in ``data``, made absolute."""
    given = {name: value for name, value in {"data": data, **more}.items() if value is not None}
    found = Settings.model_validate(given) if not given else Settings(**given)  # type: ignore[arg-type]
    return found.model_copy(update={"data": found.data.expanduser().resolve()})


def file_in(settings: Settings) -> Path:
    """Give the data's file."""
    return settings.data / FILE


def existing(settings: Settings) -> Path:
    """Give the data's file. Raises NoDataError when nothing was started there."""
    path = file_in(settings)
    if not path.exists():
        raise NoDataError
    return path
