"""Wires gateway into a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.gateway.device.api import router as devices
from services.gateway.front.api import demo_router, operations_router
from services.gateway.front.api import router as front
from services.gateway.front.probes import router as probes
from services.gateway.openid.api import router as openid
from services.gateway.openid.settings import OpenIdSettings
from services.gateway.partner.api import router as partners
from services.gateway.partner.api import token_router
from services.gateway.port import GatewayPort
from services.gateway.session.api import router as sessions
from services.gateway.signin.api import router as sign_in
from services.gateway.store import GatewayStore
from services.gateway.tables import KERNEL, METADATA
from shared.service import Kit, Running
from shared.shell import Shell

if TYPE_CHECKING:
    from services.gateway.openid.oauth import Provider
    from shared.db import Database


def build(database: Database, kit: Kit) -> Running[GatewayStore]:
    """Give gateway, wired."""
    shell = Shell(database, KERNEL, GatewayStore, kit.clock)
    return Running(
        "gateway",
        METADATA,
        shell,
        routers=[
            front,
            probes,
            operations_router,
            token_router,
            partners,
            sign_in,
            sessions,
            devices,
            openid,
            *([demo_router] if kit.settings.demo else []),
        ],
        port=GatewayPort(shell, kit.ports, _provider(kit)),
    )


def _provider(kit: Kit) -> Provider | None:
    settings = OpenIdSettings()
    if not settings.issuer:
        return None
    from services.gateway.openid.oauth import Provider  # noqa: PLC0415 - slow to load, and most places have none

    return Provider(settings, settings.return_url or kit.settings.base_url + "/sign-in/openid")
