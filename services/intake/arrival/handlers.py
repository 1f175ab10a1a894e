"""Arriving: one transaction each, whether somebody is new or known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.intake.arrival.domain import (
    Arrival,
    ArriveKnown,
    ArriveNew,
    Held,
    Written,
    arrive_known,
    arrive_new,
)
from services.intake.arrival.store import ArrivalStore
from services.intake.paging import After
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from services.intake.store import IntakeStore
    from shared.decisions import Permit
    from shared.shell import Tx


async def come_new(command: ArriveNew, tx: Tx[IntakeStore]) -> Held:
    """Write somebody new, held by the backstop from this write (J2a)."""
    written, facts = arrive_new(command, tx.by, tx.now, tx.new_id)
    if written.person is not None:
        await tx.store.add_person(written.person)
    await tx.store.add_known_by(command.person, written.known_by, written.surety)
    if written.reach is not None:
        await tx.store.save_reach(written.reach)
    if written.ringed:
        await tx.store.add_entries(written.ringed)
    tx.emit(*facts)
    return await _come(written, tx)


async def come_known(command: ArriveKnown, tx: Tx[IntakeStore]) -> Held:
    """Write that somebody known came, or came back. Raises NotFoundError when there is no such person."""
    if not await tx.store.person_exists(command.person):
        raise NotFoundError
    written, facts = arrive_known(command, tx.by, tx.now, tx.new_id)
    tx.emit(*facts)
    return await _come(written, tx)


async def _come(written: Written, tx: Tx[IntakeStore]) -> Held:
    arrival = written.arrival
    await tx.store.add_arrival(arrival)
    if written.needs:
        await tx.store.add_needs(written.needs)
    if written.story is not None:
        await tx.store.add_story(written.story)
    return Held(arrival.id, arrival.person, arrival.at)


async def read_arrivals(store: ArrivalStore, permit: Permit, behind: After, most: int) -> list[Arrival]:
    """Give arrivals of the person that the permit is about, oldest first."""
    return await store.list_arrivals(permit, behind, most)
