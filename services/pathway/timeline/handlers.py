"""The timeline hears every event about a person, and is read by whoever may see each part (J11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.pathway.timeline.domain import Entry, entry_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from services.pathway.timeline.store import TimelineStore
    from shared.decisions import Permit
    from shared.event import Event, Part, Recorded
    from shared.shell import Tx


async def on_every_event(event: Event | None, recorded: Recorded, tx: Tx[TimelineStore]) -> None:
    """Keep an event about a person as an entry."""
    entry = entry_of(event, recorded, tx.new_id())
    if entry is not None:
        await tx.store.add_entry(entry)


async def read_parts(store: TimelineStore, person: UUID) -> frozenset[Part]:
    """Read of which parts there is something."""
    return await store.parts_present(person)


async def read_timeline(
    store: TimelineStore, permit: Permit, parts: Collection[Part], no_news: Collection[datetime], *,
    own: bool, skip: int, most: int,
) -> list[Entry]:  # fmt: skip
    """Read a page of the timeline."""
    return await store.list_entries(permit, parts, no_news, own=own, skip=skip, most=most)
