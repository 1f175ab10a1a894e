"""How far a demo's clock may go, and how health is named (the NHS API platform's ``pass``, ``warn``, ``fail``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from shared.errors import AlongsideError, Kind

FURTHEST = timedelta(days=3_660)


class Standing(StrEnum):
    """How a part of the instance is."""

    PASS = "pass"  # noqa: S105 - not a secret: it is well
    WARN = "warn"
    FAIL = "fail"


class ClockTooFarError(AlongsideError):
    """A demo's clock would be more than ten years ahead."""

    code = "clock-too-far"
    kind = Kind.INVALID
    says = "A demo's clock may be moved ten years ahead in all. Start a fresh demo to go on."


def not_too_far(offset: timedelta) -> timedelta:
    """Give the new offset of a demo's clock. Raises ClockTooFarError: then nothing is moved."""
    if offset > FURTHEST:
        raise ClockTooFarError
    return offset


def overall(checks: Mapping[str, Standing]) -> Standing:
    """Say how the whole is: as its worst part."""
    for worst in (Standing.FAIL, Standing.WARN):
        if worst in checks.values():
            return worst
    return Standing.PASS


def health(version: str, checks: Mapping[str, Standing]) -> dict[str, Any]:
    """Give health as the NHS API platform names it; it counts and names nobody."""
    parts = {f"alongside:{name}": [{"status": standing.value}] for name, standing in checks.items()}
    return {"status": overall(checks).value, "version": version, "checks": parts}
