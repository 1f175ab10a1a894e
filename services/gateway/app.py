"""Wires gateway into a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.gateway.device.api import router as devices
from services.gateway.front.api import demo_router, operations_router
from services.gateway.front.api import router as front
from services.gateway.front.probes import router as probes
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
            *([demo_router] if kit.settings.demo else []),
        ],
        port=GatewayPort(shell, kit.ports),
    )
