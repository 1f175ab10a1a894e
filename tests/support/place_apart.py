"""The whole place in three parts, as far as one test can have it: three systems, each on its own
file, that know one another over sockets only. They share no bus: what a test needs heard is heard before they part.
"""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from services import SERVICES
from services.calls import keys
from services.calls.wire import Replica
from services.cli.door import issue
from services.instance import ready
from services.system import System, build
from shared.clock import MovableClock, real_now
from shared.settings import Settings
from tests.support.place import person_pass
from tests.support.served import Served, served
from tests.support.whole_place import WholePlace, whole_place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from uuid import UUID

    from shared.event import Part
    from shared.passes import Pass
    from tests.support.place import Place

NOT_YET = "http://127.0.0.1:9"
FRONT, CONSENT = ("gateway",), ("consent",)
CARE = tuple(name for name in SERVICES if name not in {*FRONT, *CONSENT})


@dataclass
class Half:
    """One of the three, as ``served`` sees a place."""

    system: System
    tokens: dict[Pass, str] = field(default_factory=dict)

    def client(self, by: Pass) -> Any:
        """Give the header of who signed in."""
        return SimpleNamespace(headers={"Authorization": f"Bearer {self.tokens[by]}"})


@dataclass
class Apart:
    """Care and consent, served; front too, for the others only."""

    whole: WholePlace
    choice: UUID
    care: Served
    consent: Served

    @property
    def asking(self) -> Any:
        """Give care's stub of consent."""
        afar = cast("Half", self.care.place).system.afar
        assert afar is not None
        return afar.services["consent"]


@asynccontextmanager
async def place_apart(folder: Path, *parts: Part) -> AsyncIterator[Apart]:
    """Build it: R has said yes to ``parts`` for the group, whose member is signed in, as is R."""
    async with whole_place(folder / "whole") as whole:
        choice = await whole.yes(whole.group.id, *parts)
        await whole.place.settle()
    keys.make(folder / "keys", SERVICES)
    front, care = _half(folder, "front", FRONT), _half(folder, "care", CARE)
    consent = _half(folder, "consent", CONSENT)
    for by in (whole.group.by, person_pass(whole.r)):
        token = await issue(front.system, by, real_now() + timedelta(hours=1))
        care.tokens[by] = consent.tokens[by] = token
    try:
        async with (
            served(cast("Place", front)) as first,
            served(cast("Place", care)) as one,
            served(cast("Place", consent)) as other,
        ):
            ports = (
                dict.fromkeys(FRONT, first.port) | dict.fromkeys(CARE, one.port) | dict.fromkeys(CONSENT, other.port)
            )
            for half in (front, care, consent):
                _meet(half, ports)
            for half in (front, care, consent):
                await ready(half.system)
            yield Apart(whole, choice, one, other)
    finally:
        for half in (front, care, consent):
            half.system.close()


def _half(folder: Path, name: str, services: tuple[str, ...]) -> Half:
    shutil.copytree(folder / "whole", folder / name)
    others = {each: [NOT_YET] for each in SERVICES if each not in services}
    settings = Settings(data=folder / name, demo=True, services=others, keys=folder / "keys")
    return Half(build(settings, MovableClock(), services))


def _meet(half: Half, ports: dict[str, int]) -> None:
    assert half.system.afar is not None
    for name, each in half.system.afar.services.items():
        each.replicas[:] = [Replica(f"http://127.0.0.1:{ports[name]}")]
