"""What holds hear: arrivals, members who left, organisations that stopped, choices that were taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.pathway.holding.handlers import HoldFirst, hold_first

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.pathway.holding.store import HoldingStore
    from shared.event import Recorded
    from shared.events.intake import Arrived
    from shared.ports import Rulebook
    from shared.shell import Tx


async def on_arrived(rules: Callable[[], Rulebook], event: Arrived, recorded: Recorded, tx: Tx[HoldingStore]) -> None:
    """Make the hold of somebody new with the lead that the arrival was written with (J2a).

    Somebody known arrived through pathway's own command, before the answer: nothing is left to do.
    """
    if event.lead is not None:
        within = rules().hold_acknowledged_within
        await hold_first(HoldFirst(event.subject, event.lead, event.chosen, recorded.time, within), tx)
