"""Small real answers of community, intake and pathway for consent's own tests: who leads, who stands beside whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from shared.errors import NotFoundError
from shared.ports import Standing

if TYPE_CHECKING:
    from uuid import UUID


@dataclass
class KnownCommunity:
    """A community of the organisations that a test names."""

    organisations: dict[UUID, str] = field(default_factory=dict)
    members: dict[UUID, UUID] = field(default_factory=dict)
    offers: set[UUID] = field(default_factory=set)
    commissioned: set[UUID] = field(default_factory=set)
    by_name_only: set[UUID] = field(default_factory=set)
    fails: list[Exception] = field(default_factory=list)

    def rulebook(self) -> Any:
        return SimpleNamespace(version=1)

    async def organisation(self, organisation_id: UUID) -> Any:
        if organisation_id not in self.organisations:
            raise NotFoundError
        return SimpleNamespace(
            id=organisation_id,
            commissioned=organisation_id in self.commissioned,
            offered_to_strangers=organisation_id not in self.by_name_only,
        )

    async def offer(self, offer_id: UUID) -> UUID:
        if offer_id not in self.offers:
            raise NotFoundError
        return offer_id

    async def is_member(self, member: UUID, organisation: UUID) -> bool:
        if self.fails:
            raise self.fails.pop()
        return self.members.get(member) == organisation

    async def names(self, ids: frozenset[UUID]) -> dict[UUID, str]:
        return {i: name for i, name in self.organisations.items() if i in ids}


@dataclass
class SimplePathway:
    """Who leads whom and who stands beside; the backstop leads instead of who lost sight."""

    backstop: UUID
    leads: dict[UUID, UUID] = field(default_factory=dict)
    beside: dict[tuple[UUID, UUID], frozenset[Standing]] = field(default_factory=dict)
    moved: list[tuple[UUID, UUID, UUID | None, bool]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    async def lead(self, person_id: UUID) -> UUID | None:
        return self.leads.get(person_id)

    async def standing(self, organisation: UUID, person_id: UUID) -> frozenset[Standing]:
        found = self.beside.get((organisation, person_id), frozenset())
        return found | {Standing.LEADS} if self.leads.get(person_id) == organisation else found

    async def told(self, person_id: UUID) -> bool:
        return True

    async def arrive_again(self, person_id: UUID, chosen: UUID | None, origin: Any) -> None:
        self.leads[person_id] = chosen or self.backstop

    async def lead_lost_sight(
        self, person_id: UUID, organisation: UUID, instead: UUID | None, origin: Any, *, blind: bool = False
    ) -> None:
        if self.fails:
            raise self.fails.pop()
        self.moved.append((person_id, organisation, instead, blind))
        self.beside.pop((organisation, person_id), None)
        if self.leads.get(person_id) == organisation:
            self.leads[person_id] = instead or self.backstop


@dataclass
class KnownIntake:
    """Which passages are whose, and who there is."""

    told: dict[UUID, set[UUID]] = field(default_factory=dict)
    people: set[UUID] = field(default_factory=set)

    async def exists(self, person_id: UUID) -> bool:
        return person_id in self.people

    async def passages(self, person_id: UUID, passages: frozenset[UUID]) -> frozenset[UUID]:
        return passages & self.told.get(person_id, set())
