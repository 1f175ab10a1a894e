"""Everything that gateway keeps, on one connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.gateway.front.store import ClockStore
from services.gateway.partner.store import PartnerStore
from services.gateway.signin.store import SignInStore

if TYPE_CHECKING:
    from shared.db import Connection


class GatewayStore(PartnerStore, SignInStore, ClockStore):
    """Partner systems, links and tokens; a demo's clock."""

    def __init__(self, connection: Connection) -> None:
        """Use one connection."""
        self.connection = connection
