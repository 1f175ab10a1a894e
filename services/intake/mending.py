"""What intake does after a restore (ADR 0019): words, names and routes are in no fact, so it only grows more careful.

A safe route that was changed since may be unsafe as it stands here: nobody is written to by it until it is said again.
Who was changed in a circle since is not rung. All of it is listed: somebody asks the person.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services.intake.reach.domain import KeptReach
from shared.events.intake import CircleChanged, SafeContactChanged

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from services.intake.store import IntakeStore
    from shared.event import Recorded
    from shared.ports import Ports
    from shared.shell import Tx


def silent(kept: KeptReach, mark: UUID) -> KeptReach:
    """Give a safe route by which nobody may be written to; the code word stays."""
    return replace(kept, reach=replace(kept.reach, may_be_written_to=False), mark=mark)


class IntakeMends:
    """Implements ``services.recover.Mends``."""

    async def restored(self, tx: Tx[IntakeStore]) -> None:
        """Nothing: what may be unsafe is named by the facts."""

    async def took_up(self, facts: Sequence[Recorded], tx: Tx[IntakeStore]) -> Collection[UUID]:
        """Write to nobody by a route, and ring nobody, that was changed since."""
        for fact in facts:
            event = fact.event() if fact.known() else None
            if isinstance(event, SafeContactChanged):
                kept = await tx.store.reach_of(event.subject)
                if kept is not None:
                    await tx.store.save_reach(silent(kept, tx.new_id()))
            if isinstance(event, CircleChanged):
                await tx.store.set_ringing([(event.entry, None)])
        return ()


def mends(ports: Ports) -> Any:  # noqa: ARG001 - every service's takes them
    """Give intake's."""
    return IntakeMends()
