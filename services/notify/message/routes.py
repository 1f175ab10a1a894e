"""Asks the owner of an address for it, at the moment it is needed; nothing of it is kept here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notify.alert.domain import Who
from shared.errors import AlongsideError, NotFoundError, UnavailableError

if TYPE_CHECKING:
    from uuid import UUID

    from shared.ports import Ports, Route


async def routes_of(ports: Ports, who: Who, to: UUID, person: UUID | None) -> tuple[Route, ...]:
    """Give somebody's safe ways in their order; none when they are not known any more."""
    try:
        match who:
            case Who.ORGANISATION:
                return await ports.community.routes(to)
            case Who.DUTY_LINE:
                return await duty_line_of(ports)
            case Who.PERSON:
                return await ports.intake.routes(to)
            case Who.SUPPORTER:
                return await ports.intake.supporter_routes(person, to) if person else ()
    except NotFoundError:
        return ()


async def duty_line_of(ports: Ports) -> tuple[Route, ...]:
    """Give the duty line's routes; none where the place is not set up yet (J2a)."""
    try:
        return await ports.community.duty_line()
    except AlongsideError as error:
        if error.code == UnavailableError.code:
            raise
        return ()
