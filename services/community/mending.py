"""What community knows again after a restore (ADR 0019): who stopped or left stays so, the backstop is the backstop.

Names, routes and words of organisations, members and offers are in no fact: those that are new since are listed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services.community.kinds import Membership
from services.community.member import domain as members
from shared.events import community as said

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from services.community.organisation.domain import Organisation
    from services.community.store import CommunityStore
    from shared.event import Event, Recorded
    from shared.ports import Ports
    from shared.shell import Tx

STOPPED = {said.Ending.ENDED: Membership.ENDED, said.Ending.SUSPENDED: Membership.SUSPENDED}


def mended(organisation: Organisation, event: Event) -> Organisation | None:
    """Give an organisation as a forgotten fact says it is; None when the fact does not say."""
    to = organisation.membership
    if isinstance(event, said.OrganisationStopped):
        to = STOPPED[event.how]
    elif isinstance(event, said.OrganisationGoesOn):
        to = Membership.JOINED if to is Membership.SUSPENDED else to
    elif isinstance(event, said.OrganisationOfferedToStrangers) and not event.allowed:
        organisation = replace(organisation, offered_to_strangers=False)
    else:
        return None
    return replace(organisation, membership=to, revision=organisation.revision + 1)


class CommunityMends:
    """Implements ``services.recover.Mends``."""

    async def restored(self, tx: Tx[CommunityStore]) -> None:
        """Nothing: what restricts is in the facts."""

    async def took_up(self, facts: Sequence[Recorded], tx: Tx[CommunityStore]) -> Collection[UUID]:
        """Stop again, leave again, close again; a backstop that was set is the backstop."""
        done = set()
        for fact in facts:
            event = fact.event() if fact.known() else None
            if event is not None and await self._took_up(event, fact, tx.store):
                done.add(fact.id)
        return done

    async def _took_up(self, event: Event, fact: Recorded, store: CommunityStore) -> bool:
        if isinstance(event, said.MemberLeft):
            member = await store.find_member(event.member)
            if member is not None:
                await store.save_member(members.leave(member, (), fact.time)[0])
            return True
        if isinstance(event, (said.OfferChanged, said.CapacityChanged)):
            return await self._offer(event, store)
        organisation = await store.find_organisation(event.subject)
        if organisation is None:
            return await self._place(event, store)
        if isinstance(event, said.BackstopSet):
            await store.save_place(replace(await store.place(), backstop=event.subject))
        changed = mended(organisation, event)
        if changed is not None:
            await store.save_organisation(changed)
        return changed is not None or isinstance(event, said.BackstopSet)

    async def _place(self, event: Event, store: CommunityStore) -> bool:
        """Ring nobody by a way that was taken off the duty line; a rulebook comes into force from its file again."""
        if isinstance(event, said.DutyLineChanged) and not event.in_use:
            await store.drop_route(event.route)
            return True
        return isinstance(event, said.RulebookInForce)

    async def _offer(self, event: said.OfferChanged | said.CapacityChanged, store: CommunityStore) -> bool:
        """Shut what was shut; what else was said of an offer is its organisation's to say again."""
        offer = next((each for each in await store.offers_of(event.subject) if each.id == event.offer), None)
        if offer is None:
            return False
        if isinstance(event, said.CapacityChanged):
            changed = replace(offer, places_free=event.places_free, checked_at=event.checked_at)
        else:
            changed = replace(offer, is_open=event.is_open, intensity=event.intensity)
        await store.save_offer(replace(changed, revision=offer.revision + 1))
        return isinstance(event, said.CapacityChanged) or not event.is_open


def mends(ports: Ports) -> Any:  # noqa: ARG001 - every service's takes them
    """Give community's."""
    return CommunityMends()
