"""What notify does about its state when its database was put back and its journal was made whole (ADR 0019).

Order numbers leap, so that a subscriber never has one number for two facts; the ids of what is sent are the same again
by themselves. What restricts stays: an end, a pause, an answer. What was made since and is gone (a subscription, an
alert) can't be made again from its facts: the first its owner must ask for anew, the second is raised anew as what
caused it is heard again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services.notify.alert import domain as alerts
from services.notify.delivery.domain import State as DeliveryState
from services.notify.subscription import domain as wishes
from shared.errors import NotFoundError
from shared.events.notify import (
    AlertAcknowledged,
    AlertPassedUp,
    AlertRaised,
    DeliveryFailedForGood,
    SubscriptionConfirmed,
    SubscriptionEnded,
    SubscriptionPaused,
    SubscriptionResumed,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from uuid import UUID

    from services.notify.store import NotifyStore
    from shared.event import Recorded
    from shared.ports import Ports
    from shared.shell import Tx


class Mending:
    """Notify's ``services.recover.Mends``."""

    async def restored(self, tx: Tx[NotifyStore]) -> None:
        """Have every lane of every subscription go on beyond all that was given."""
        for wish in await tx.store.wishes_of(None):
            if wish.state is not wishes.State.ENDED:
                await tx.store.leap(wish.id, wishes.leap(wish.base or 0, tx.now))
                await tx.store.take_numbers_back(wish.id)

    async def took_up(self, facts: Sequence[Recorded], tx: Tx[NotifyStore]) -> set[UUID]:
        """Put what is still there where the facts left it; gives the ids of those that hold now."""
        holds = set()
        for recorded in facts:
            mend = MENDS.get(recorded.type)
            try:
                if mend is not None and await mend(recorded.event(), recorded, tx):
                    holds.add(recorded.id)
            except NotFoundError:
                continue
        return holds


def mends(ports: Ports) -> Mending:  # noqa: ARG001 - asks nobody
    """Give it."""
    return Mending()


async def _wish(fact: Any, recorded: Recorded, tx: Tx[NotifyStore]) -> bool:
    try:
        wish = await tx.store.wish(recorded.subject)
    except NotFoundError:
        return isinstance(fact, SubscriptionEnded)  # what is not there sends nothing
    changed = wishes.taken_up(wish, fact)
    await tx.store.change_wish(changed)
    if changed.state is wishes.State.ENDED:
        await tx.store.drop_open(wish.id)
    return True


async def _failed(fact: Any, recorded: Recorded, tx: Tx[NotifyStore]) -> bool:
    """Try no more what was given up."""
    wish = await tx.store.wish(recorded.subject)
    found = await tx.store.delivery(fact.delivery, wish.organisation)
    await tx.widen(found.subject)
    if found.state in {DeliveryState.READY, DeliveryState.WAITING}:
        await tx.store.drop(found, tx.now, wired=True)
    return True


async def _raised(fact: Any, recorded: Recorded, tx: Tx[NotifyStore]) -> bool:  # noqa: ARG001 - one shape for all
    await tx.store.alert(fact.alert)
    return True


async def _passed_up(fact: Any, recorded: Recorded, tx: Tx[NotifyStore]) -> bool:  # noqa: ARG001 - one shape for all
    """Tell the rung that it had come to again: whom it told is not known any more."""
    alert = await tx.store.alert(fact.alert)
    if alert.state is alerts.State.OPEN and alert.rung < fact.rung:
        await tx.store.save_alert(replace(alert, rung=fact.rung, told_at=None, next_at=tx.now))
    return True


async def _acknowledged(fact: Any, recorded: Recorded, tx: Tx[NotifyStore]) -> bool:
    """Ring nobody about what was answered. What was said with the answer is lost."""
    alert = await tx.store.alert(fact.alert)
    if alert.state is alerts.State.OPEN:
        answered, _ = alerts.acknowledge(alert, recorded.time)
        await tx.store.save_alert(answered)
        await tx.store.keep_answer(alert.id, recorded.actor.member, recorded.actor.organisation, None, None)
        await tx.store.cancel_messages_of(alert.id)
    return True


MENDS: dict[str, Callable[[Any, Recorded, Tx[NotifyStore]], Awaitable[bool]]] = {
    **dict.fromkeys(
        [each.type for each in (SubscriptionConfirmed, SubscriptionPaused, SubscriptionResumed, SubscriptionEnded)],
        _wish,
    ),
    DeliveryFailedForGood.type: _failed,
    AlertRaised.type: _raised,
    AlertPassedUp.type: _passed_up,
    AlertAcknowledged.type: _acknowledged,
}
