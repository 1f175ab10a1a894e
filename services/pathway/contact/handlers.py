"""Contacts, promises and drifting: one function is one transaction (J8, J9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from services.pathway.ask.answering import contact_was_made
from services.pathway.contact import domain
from services.pathway.contact.domain import Contact, LogContact, Promise, Watch, Watched
from services.pathway.holding import domain as holds
from services.pathway.holding.domain import State
from services.pathway.holding.handlers import keep
from services.pathway.sleeping import Sleeping, asked_where
from shared.errors import InvalidError

if TYPE_CHECKING:
    from services.pathway.store import PathwayStore
    from shared.decisions import Permit
    from shared.due import DueItem
    from shared.shell import Tx

CONTACT_BY = "contact-by"
PROMISED = "promised"
WATCHED = frozenset({State.SUPPORTED, State.INDEPENDENT})


@dataclass(frozen=True, slots=True)
class LeaveBuilding:
    """Somebody physically left. ``after``: the rulebook's drift time; None when the offer is not watched (J9)."""

    person: UUID
    organisation: UUID
    left_at: datetime | None
    after: timedelta | None
    leaving_needs_a_bed: bool
    sleeping: Sleeping | None

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class Kept:
    """A contact that was kept, and the promise made in it."""

    contact: UUID
    promise: UUID | None


@dataclass(frozen=True, slots=True)
class Watching:
    """By when somebody has to make contact; None when nobody has to."""

    contact_by: datetime | None


async def log_contact(command: LogContact, tx: Tx[PathwayStore]) -> Kept:
    """Keep a contact and give its id, and that of the promise made in it (J8)."""
    holding, watch = await tx.store.get_watched(command.person)
    logged = domain.log(command, watch, tx.now, tx.new_id(), tx.new_id())
    await tx.store.add_contact(logged.contact)
    tx.emit(*logged.facts)
    if logged.promise is not None:
        await tx.store.add_promise(logged.promise)
        tx.remind(PROMISED, logged.promise.by, command.person, logged.promise.id)
    if logged.kept:
        await tx.store.keep_promises(logged.kept, tx.now)
    if logged.watch != watch:
        await tx.store.save_watch(logged.watch)
    if logged.contact.outcome is domain.Outcome.MADE:
        now = await keep(tx, holding, holds.reached(holding, command.organisation, tx.now), command.within)
        if now.state is not holding.state:
            await tx.store.come_back(now.person, tx.now, mind_changed=False)
        if watch.signs:
            await contact_was_made(tx, command.person, logged.contact.happened_at)
    return Kept(logged.contact.id, logged.promise.id if logged.promise else None)


async def leave_building(command: LeaveBuilding, tx: Tx[PathwayStore]) -> Watching:
    """Begin to watch somebody who left the building; give by when contact has to be made (J9, J13)."""
    holding, watch = await tx.store.get_watched(command.person)
    left_at = command.left_at or tx.now
    if left_at > tx.now:
        raise InvalidError(fields=("left_at",))
    tx.emit(*asked_where(command.person, command.sleeping, needed=command.leaving_needs_a_bed))
    if command.after is None or holding.state not in WATCHED:
        return Watching(None)
    last = await tx.store.last_contact(command.person) if watch.left_at is not None else None
    contacted = last is not None and watch.left_at is not None and last >= watch.left_at
    after, facts = domain.left_the_building(watch, command.organisation, left_at, command.after, contacted=contacted)
    tx.emit(*facts)
    await tx.store.save_watch(after)
    tx.remind(CONTACT_BY, after.contact_by or left_at + command.after, command.person)
    return Watching(after.contact_by)


async def contact_by(item: DueItem, tx: Tx[PathwayStore]) -> None:
    """Say that somebody drifts when nobody at all made contact in time after they left the building (J9)."""
    holding, watch = await tx.store.get_watched(item.subject)
    if watch.left_at is not None:
        last = await tx.store.last_contact(item.subject)
        contacted = holding.state not in WATCHED or (last is not None and last >= watch.left_at)
        await save(tx, watch, domain.time_came(watch, contacted=contacted))


async def promised(item: DueItem, tx: Tx[PathwayStore]) -> None:
    """Say that somebody drifts when a promised date came and nobody at all made contact (J9)."""
    holding, watch = await tx.store.get_watched(item.subject)
    made = next((each.made_at for each in watch.promises if each.id == item.ref), None)
    if made is not None:
        last = await tx.store.last_contact(item.subject)
        contacted = holding.state not in WATCHED or (last is not None and last > made)
        await save(tx, watch, domain.promise_came(watch, item.ref, contacted=contacted))


async def stop_watching(tx: Tx[PathwayStore], watch: Watch) -> None:
    """Stop every clock of contact about a person who took a way out or is held quietly (J4)."""
    tx.forget(CONTACT_BY, watch.person)
    tx.forget(PROMISED, watch.person)
    await save(tx, watch, domain.stopped(watch))


async def save(tx: Tx[PathwayStore], was: Watch, watched: Watched) -> None:
    """Write a watch that changed and say its facts."""
    now, facts = watched
    tx.emit(*facts)
    if now != was:
        await tx.store.save_watch(now)


async def read_contacts(
    store: PathwayStore, permit: Permit, before: datetime, before_id: UUID, most: int
) -> list[tuple[Contact, Promise | None]]:
    """Read a page of contacts, newest first."""
    return await store.list_contacts(permit, before, before_id, most)
