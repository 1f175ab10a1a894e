"""Everything that gateway keeps, on one connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.gateway.device.store import DeviceStore
from services.gateway.front.store import ClockStore
from services.gateway.openid.store import OpenIdStore
from services.gateway.partner.store import PartnerStore
from services.gateway.session.store import SessionStore
from services.gateway.signin.store import SignInStore

if TYPE_CHECKING:
    from shared.db import Connection


class GatewayStore(PartnerStore, SignInStore, SessionStore, DeviceStore, OpenIdStore, ClockStore):
    """Partner systems, links, sessions, devices; a demo's clock."""

    def __init__(self, connection: Connection) -> None:
        """Use one connection."""
        self.connection = connection
