"""A subscription's transactions: made, confirmed by its test event, paused, resumed, its secret rotated, ended."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from services.notify.subscription import domain
from services.notify.subscription.domain import NotInThisStateError, State, TooManySubscriptionsError, Wish
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.notify.store import NotifyStore
    from shared.shell import Tx


@dataclass(frozen=True, slots=True)
class Subscribe:
    """``id`` is new; the URL and the events have been checked; ``id_key`` and the secret's bytes are random."""

    id: UUID
    organisation: UUID
    url: str
    events: tuple[str, ...]
    person: UUID | None
    secret: str
    id_key: bytes

    @property
    def streams(self) -> tuple[UUID, ...]:
        """The subscription's own; and the organisation, so that two at once can't pass its limit."""
        return (self.id, self.organisation)


@dataclass(frozen=True, slots=True)
class OfWish:
    """A command about a subscription of the caller's organisation; None for a steward's, about anybody's.

    ``secret`` is for a rotation.
    """

    id: UUID
    organisation: UUID | None
    secret: str = ""

    @property
    def streams(self) -> tuple[UUID, ...]:
        """The subscription's own."""
        return (self.id,)


async def subscribe(command: Subscribe, tx: Tx[NotifyStore]) -> UUID:
    """Keep an unconfirmed subscription and send it its test event. Raises TooManySubscriptionsError."""
    if await tx.store.wishes_in_force(command.organisation) >= domain.MOST_SUBSCRIPTIONS:
        raise TooManySubscriptionsError
    wish = Wish(
        command.id, command.organisation, command.url, command.events, command.person,
        State.UNCONFIRMED, command.secret, tx.now, command.id_key,
    )  # fmt: skip
    await tx.store.add_wish(wish)
    await tx.store.queue_test(wish.id, tx.new_id(), tx.now)
    tx.leave_work()
    return wish.id


async def test(command: OfWish, tx: Tx[NotifyStore]) -> None:
    """Send the test event; its answer confirms an unconfirmed subscription."""
    wish = await _own(command, tx)
    if wish.state is State.ENDED:
        raise NotInThisStateError
    await tx.store.queue_test(wish.id, tx.new_id(), tx.now)
    tx.leave_work()


async def pause(command: OfWish, tx: Tx[NotifyStore]) -> None:
    """Send nothing until it is resumed."""
    why = domain.BY_STEWARD if command.organisation is None else domain.BY_OWNER
    await _change(command, tx, partial(domain.pause, why=why))


async def resume(command: OfWish, tx: Tx[NotifyStore]) -> None:
    """Go on where it stopped, at once."""
    await _change(command, tx, domain.resume)
    await tx.store.hurry(command.id, tx.now)


async def end(command: OfWish, tx: Tx[NotifyStore]) -> None:
    """Send nothing any more; what waits is dropped."""
    await _change(command, tx, domain.end)
    await tx.store.drop_open(command.id)


async def rotate(command: OfWish, tx: Tx[NotifyStore]) -> None:
    """Sign with a new secret, and for a day with the former one too."""
    wish = await _own(command, tx)
    await tx.store.change_wish(domain.rotate(wish, command.secret, tx.now))


async def _own(command: OfWish, tx: Tx[NotifyStore]) -> Wish:
    return await read_wish(tx.store, command.id, command.organisation)


async def _change(command: OfWish, tx: Tx[NotifyStore], rule: Callable[[Wish], domain.Change]) -> None:
    wish, facts = rule(await _own(command, tx))
    await tx.store.change_wish(wish)
    tx.emit(*facts)


async def read_wish(store: NotifyStore, wish_id: UUID, organisation: UUID | None) -> Wish:
    """Give a subscription to its own organisation, or to a steward (None). Raises NotFoundError for another's (C4)."""
    wish = await store.wish(wish_id)
    if organisation not in {None, wish.organisation}:
        raise NotFoundError
    return wish


async def read_wishes(store: NotifyStore, organisation: UUID | None) -> list[Wish]:
    """Give an organisation's subscriptions; everybody's for None."""
    return list(await store.wishes_of(organisation))
