"""What gateway answers the edge with: whose token this is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.gateway.device.scrypt import Scrypt
from services.gateway.front import handlers as front
from services.gateway.limits import Limits
from services.gateway.session import handlers
from services.gateway.signin.domain import hashed
from shared.clock import real_now

if TYPE_CHECKING:
    from datetime import timedelta

    from services.gateway.openid.oauth import Provider
    from services.gateway.store import GatewayStore
    from shared.passes import Pass
    from shared.ports import Ports
    from shared.shell import Shell


class GatewayPort:
    """Knows access tokens. Tokens live in real time, whatever a demo's clock says."""

    def __init__(self, shell: Shell[GatewayStore], ports: Ports, openid: Provider | None = None) -> None:
        """Read tokens from gateway's store and membership from its owner. ``openid``: the place's provider, if any."""
        self.shell = shell
        self.ports = ports
        self.limits = Limits()
        self.scrypt = Scrypt()
        self.openid = openid

    async def known(self, token: str) -> Pass | None:
        """Say whose token it is; None when it is unknown or past. Whether its member has left is not looked at here."""
        return await self.shell.read(lambda store: handlers.find_pass(store, hashed(token), real_now()), once=True)

    async def clock_offset(self) -> timedelta:
        """Give how far a demo's clock was moved on; nought in any other instance."""
        return await self.shell.read(front.clock_offset, once=True)

    async def identify(self, token: str) -> Pass | None:
        """Turn a bearer token into a pass; None when it is unknown, past, or its member has left."""
        found = await self.known(token)
        if found is None or found.member is None or found.organisation is None:
            return found
        still = await self.ports.community.is_member(found.member, found.organisation)
        return found if still else None
