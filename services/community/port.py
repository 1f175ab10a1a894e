"""What community answers other services with (``shared.ports.CommunityPort``)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from services.community.kinds import Membership
from services.community.member.domain import routes_of
from services.community.place.domain import NotReadyError
from services.community.route.domain import answering_routes
from shared.errors import NotFoundError
from shared.event import Code, Role
from shared.events.community import PLACE
from shared.ports import Offer, Organisation, Route, Rulebook, SignIn

if TYPE_CHECKING:
    from uuid import UUID

    from services.community.rulebook.handlers import RulebookKeeper
    from services.community.store import CommunityStore
    from shared.service import Kit
    from shared.shell import Shell


class CommunityAnswers:
    """Answers from the read connection; the rulebook from memory."""

    def __init__(self, shell: Shell[CommunityStore], kit: Kit, keeper: RulebookKeeper) -> None:
        """Keep where the answers are."""
        self.shell = shell
        self.clock = kit.clock
        self.zone = ZoneInfo(kit.settings.time_zone)
        self.keeper = keeper
        self.was_ready = False

    def rulebook(self) -> Rulebook:
        """Give the rulebook in force (M6)."""
        return self.keeper.rulebook()

    def version(self) -> int:
        """Give the version that every event names (M6)."""
        return self.keeper.version()

    async def ready(self) -> bool:
        """Say whether the place serves: a backstop and a duty line with two tested routes are set (J2a).

        What was set stays set, so a yes is remembered.
        """
        if not self.was_ready:
            async with self.shell.database.read() as connection:
                self.was_ready = (await self.shell.make_store(connection).place()).ready
        return self.was_ready

    async def must_be_ready(self) -> None:
        """Raise NotReadyError while the place serves only its own setting-up (J2a)."""
        if not await self.ready():
            raise NotReadyError

    async def organisation(self, organisation_id: UUID) -> Organisation:
        """Give an organisation; ``active`` only while it takes part. Raises NotFoundError for one that has
        only asked to join, or is unknown.
        """
        async with self.shell.database.read() as connection:
            found = await self.shell.make_store(connection).get_organisation(organisation_id)
        if found.membership is Membership.ASKED:
            raise NotFoundError
        return Organisation(
            id=found.id,
            kind=Code(found.kind.value),
            funded=found.facts.funded,
            commissioned=found.facts.commissioned,
            active=found.works,
            buddy=found.buddy,
            can_lead=found.works and found.facts.can_lead,
            offered_to_strangers=found.offered_to_strangers,
        )

    async def offer(self, offer_id: UUID) -> Offer:
        """Give an offer; open only while its organisation works or is listed. Raises NotFoundError."""
        async with self.shell.database.read() as connection:
            store = self.shell.make_store(connection)
            found = await store.get_offer(offer_id)
            owner = await store.get_organisation(found.organisation)
        stands = owner.membership in {Membership.JOINED, Membership.LISTED}
        return Offer(
            id=found.id,
            organisation=found.organisation,
            intensity=found.intensity,
            needs=frozenset(Code(need.value) for need in found.needs),
            is_open=found.is_open and stands,
            places_free=found.places_free,
            leaving_needs_a_bed=found.leaving_needs_a_bed,
            watched_after_leaving=found.watched_after_leaving,
        )

    async def backstop(self) -> UUID:
        """Give the backstop holder. Raises NotReadyError until the place is set up (J2a)."""
        async with self.shell.database.read() as connection:
            place = await self.shell.make_store(connection).place()
        if not place.ready or place.backstop is None:
            raise NotReadyError
        return place.backstop

    async def routes(self, organisation_id: UUID) -> tuple[Route, ...]:
        """Give how an organisation is told: today's members' own ways first (on duty, named workers, others),
        then the ways it shares. None when it does not take part (W1). Raises NotFoundError.
        """
        async with self.shell.database.read() as connection:
            store = self.shell.make_store(connection)
            organisation = await store.get_organisation(organisation_id)
            if not organisation.works:
                return ()
            members = await store.members_of(organisation_id)
            shared = await store.routes_of(organisation_id)
        weekday = self.clock.now().astimezone(self.zone).isoweekday()
        return (*routes_of(members, weekday), *(route.as_route() for route in shared))

    async def duty_line(self) -> tuple[Route, ...]:
        """Give the tested routes of the duty line, those that last answered first (W1)."""
        async with self.shell.database.read() as connection:
            routes = await self.shell.make_store(connection).routes_of(PLACE)
        return tuple(route.as_route() for route in answering_routes(routes))

    async def sign_in(self, email: str) -> SignIn | None:
        """Say which member of a working organisation has this e-mail address; the letters' size is ignored."""
        async with self.shell.database.read() as connection:
            store = self.shell.make_store(connection)
            member = await store.member_by_email(email.strip().lower())
            if member is None or not (await store.get_organisation(member.organisation)).works:
                return None
        return SignIn(role=member.role, member=member.id, organisation=member.organisation)

    async def is_member(self, member: UUID, organisation: UUID) -> bool:
        """Say whether a member belongs to an organisation that works, now."""
        async with self.shell.database.read(once=True) as connection:
            return await self.shell.make_store(connection).works_for(member, organisation)

    async def role_of(self, member: UUID, organisation: UUID) -> Role | None:
        """Give as what a member acts for an organisation that works, now."""
        async with self.shell.database.read(once=True) as connection:
            return await self.shell.make_store(connection).role_in(member, organisation)

    async def names(self, ids: frozenset[UUID]) -> dict[UUID, str]:
        """Give the names of organisations. Members are left out: none has said yet that theirs may be shown (C6)."""
        async with self.shell.database.read() as connection:
            return await self.shell.make_store(connection).names_of(ids)
