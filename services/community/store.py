"""Everything that community keeps, on one connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.community.member.store import MemberStore
from services.community.offer.store import OfferStore
from services.community.organisation.store import OrganisationStore
from services.community.place.store import PlaceStore
from services.community.route.store import RouteStore
from services.community.rulebook.store import RulebookStore

if TYPE_CHECKING:
    from shared.db import Connection


class CommunityStore(OrganisationStore, MemberStore, RouteStore, OfferStore, PlaceStore, RulebookStore):
    """The store of community."""

    def __init__(self, connection: Connection) -> None:
        """Keep the connection."""
        self.connection = connection
