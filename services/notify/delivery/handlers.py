"""A delivery's transactions: queued as facts are heard, begun, recorded or dropped, and sent again on request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.notify.alert.domain import Who
from services.notify.delivery.domain import State, judge, outside_id
from services.notify.message.domain import Message, Text
from services.notify.message.domain import State as MessageState
from services.notify.subscription import domain as wishes
from services.notify.subscription.handlers import read_wish
from shared.events.notify import DeliveryFailedForGood

if TYPE_CHECKING:
    from datetime import datetime

    from services.notify.delivery.domain import Delivery, Outcome
    from services.notify.store import NotifyStore
    from services.notify.subscription.domain import Wish
    from shared.event import Event, Recorded
    from shared.shell import Tx

NEWEST = 2**62


async def on_fact(event: Event | None, recorded: Recorded, tx: Tx[NotifyStore]) -> None:  # noqa: ARG001 - a consumer's shape
    """Queue a fact for those who wish to be told. Whether it may leave is decided as it leaves (C7)."""
    if recorded.type in wishes.told_outside() and await tx.store.queue(recorded, tx.now):
        tx.leave_work()


@dataclass(frozen=True, slots=True)
class Going:
    """A delivery with its number, and where it goes."""

    delivery: Delivery
    wish: Wish


async def begin(store: NotifyStore, delivery: Delivery, fresh: bytes, now: datetime) -> Going | None:
    """Give the order number and the outside id, durably, before a byte leaves; None when it may no longer go, or not
    yet.

    ``fresh``: 32 random bytes, the key of the ids where the subscription has none yet.
    """
    wish = await store.wish(delivery.subscription)
    key = wish.id_key or await store.keep_id_key(wish.id, fresh)
    begun = await store.begin(delivery, outside_id(key, delivery.event), now)
    return None if begun is None else Going(begun, wish)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try. ``jitter`` lies between -1 and 1."""

    delivery: Delivery
    outcome: Outcome
    jitter: float

    @property
    def streams(self) -> tuple[UUID, ...]:
        """The subscription's own; and of whom it tells, whose next fact must not be queued behind it meanwhile."""
        return (self.delivery.subscription, self.delivery.subject)


async def record(command: Tried, tx: Tx[NotifyStore]) -> None:
    """Record a try and what follows for the subscription; an owner whose subscription was paused is told."""
    delivery, outcome = command.delivery, command.outcome
    verdict = judge(delivery.tries + 1, outcome, tx.now, command.jitter)
    await tx.store.record(delivery, outcome, verdict, tx.now)
    wish = await tx.store.wish(delivery.subscription)
    if wish.state is wishes.State.ENDED:
        return
    if outcome.good:
        changed, facts = wishes.after_success(wish, tx.now)
    elif verdict.ends:
        changed, facts = wishes.end(wish)
    else:
        problem = outcome.problem.value if outcome.problem else "failed"
        changed, facts = wishes.after_failure(wish, problem, verdict.quiet_until, tx.now)
    if changed != wish:
        await tx.store.change_wish(changed)
    if verdict.ends:
        await tx.store.drop_open(wish.id)
    elif verdict.state is State.FAILED and delivery.id is not None:
        tx.emit(DeliveryFailedForGood(subject=wish.id, delivery=delivery.id))
    if changed.state is wishes.State.PAUSED and wish.state is wishes.State.ACTIVE:
        await tx.store.add_messages([_paused(wish, tx.new_id(), tx.now)])
    tx.emit(*facts)


def _paused(wish: Wish, message_id: UUID, now: datetime) -> Message:
    return Message(
        message_id, None, None, Who.ORGANISATION.value, wish.organisation, Text.WEBHOOKS_PAUSED, 0,
        wish.id.hex[:8].upper(), MessageState.WAITING, 0, 0, now, now,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SendAgain:
    """One delivery, or every one about ``person`` from order number ``since`` on."""

    organisation: UUID
    delivery: UUID | None = None
    subscription: UUID | None = None
    person: UUID | None = None
    since: int = 1

    @property
    def streams(self) -> tuple[UUID, ...]:
        """No fact is told."""
        return ()


async def send_again(command: SendAgain, tx: Tx[NotifyStore]) -> None:
    """Put what finished back on its way, ids and numbers unchanged; each is decided anew as it leaves (C7)."""
    tx.leave_work()
    if command.delivery is not None:
        found = await tx.store.delivery(command.delivery, command.organisation)
        await tx.widen(found.subject)
        await tx.store.again([found.pos], found.subscription, found.subject, tx.now)
    elif command.subscription is not None and command.person is not None:
        wish = await read_wish(tx.store, command.subscription, command.organisation)
        await tx.widen(command.person)
        positions = await tx.store.since(wish.id, command.person, command.since)
        await tx.store.again(positions, wish.id, command.person, tx.now)


async def read_log(
    store: NotifyStore, organisation: UUID | None, subscription: UUID | None, after: UUID | None, most: int
) -> list[Delivery]:
    """Give a page of the log, newest first. Only what went on the wire stands in it (C4)."""
    before = (await store.delivery(after, organisation)).pos if after else NEWEST
    return await store.log(organisation, subscription, before, most)


async def read_delivery(store: NotifyStore, delivery_id: UUID, organisation: UUID) -> Delivery:
    """Give one delivery of the log. Raises NotFoundError."""
    return await store.delivery(delivery_id, organisation)
