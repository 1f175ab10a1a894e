"""Asks the owner of an address for it, at the moment it is needed; nothing of it is kept here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notify.alert.domain import Who
from shared.decisions import Act, Ask, No, Why
from shared.errors import AlongsideError, NotFoundError, UnavailableError
from shared.event import Part, Role
from shared.passes import Pass

if TYPE_CHECKING:
    from uuid import UUID

    from shared.decisions import Decisions
    from shared.ports import Ports, Route


SHUT_OUT = frozenset({Why.SAID_NO, Why.WITHDRAWN, Why.HIDDEN, Why.STOPPED})
"""Why an organisation hears nothing of somebody any more, not even that there is something."""


async def routes_of(ports: Ports, decisions: Decisions, who: Who, to: UUID, person: UUID | None) -> tuple[Route, ...]:
    """Give somebody's safe ways in their order; none when they are not known any more, or the person shut them out."""
    try:
        match who:
            case Who.ORGANISATION:
                return () if await _shut_out(decisions, to, person) else await ports.community.routes(to)
            case Who.DUTY_LINE:
                return await duty_line_of(ports)
            case Who.PERSON:
                return await ports.intake.routes(to)
            case Who.SUPPORTER:
                return await ports.intake.supporter_routes(person, to) if person else ()
    except NotFoundError:
        return ()


async def _shut_out(decisions: Decisions, organisation: UUID, person: UUID | None) -> bool:
    """Ask whether an organisation may know that there is something of somebody: asked for each message (C2, C7).

    Who must be told though no choice names them is told, for a message names nobody; so too when consent can't answer.
    """
    if person is None:
        return False
    by = Pass(Role.SYSTEM, organisation, organisation=organisation)
    answer = await decisions.ask(Ask(by, person, Part.NAME, Act.ALERT))
    return isinstance(answer, No) and answer.why in SHUT_OUT


async def duty_line_of(ports: Ports) -> tuple[Route, ...]:
    """Give the duty line's routes; none where the place is not set up yet (J2a)."""
    try:
        return await ports.community.duty_line()
    except AlongsideError as error:
        if error.code == UnavailableError.code:
            raise
        return ()
