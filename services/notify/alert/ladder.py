"""Works alerts that are due to be looked at: whom to tell on this rung, and when to look again.

Whom to tell is asked of the owners of addresses and choices outside any transaction; what came of it is kept in one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from services.notify.alert import domain, handlers
from services.notify.alert.domain import Around, Rung
from services.notify.message.domain import choose
from services.notify.message.routes import routes_of
from shared.errors import AlongsideError, NotFoundError, UnavailableError, fault
from shared.ids import new_id
from shared.lease import Lease
from shared.loops import Wake
from shared.passes import Origin, timer

if TYPE_CHECKING:
    from uuid import UUID

    from services.notify.alert.domain import Alert, Recipient
    from services.notify.message.domain import Message
    from services.notify.store import NotifyStore
    from shared.decisions import Decisions
    from shared.event import Event
    from shared.ports import Channel, Ports
    from shared.shell import Shell

BATCH = 20
AGAIN_AFTER = timedelta(minutes=1)
PRINCIPAL = timer("notify-alerts")
log = structlog.get_logger()


class Ladder:
    """The alert loop."""

    def __init__(
        self,
        shell: Shell[NotifyStore],
        ports: Ports,
        decisions: Decisions,
        usable: frozenset[Channel],
        time_zone: str,
    ) -> None:
        """``usable``: the channels by which this instance can send."""
        self.shell = shell
        self.decisions = decisions
        self.ports = ports
        self.usable = usable
        self.zone = ZoneInfo(time_zone)
        self.wake = Wake()
        self.lease = Lease(shell.database, shell.tables, "alerts")

    async def step(self) -> bool:
        """Work what is due; says whether there was something."""
        now = self.shell.clock.now()
        due = await self.shell.read(lambda store: store.alerts_due(now, BATCH), once=True)
        if not due or not await self.lease.held():
            return False
        for alert in due:
            told = await self._worked(alert, now)
            await self.shell.run(handlers.tell, told, Origin(PRINCIPAL, new_id()), gives=type(None))
        return True

    async def close(self) -> None:
        """Let the next process begin at once."""
        await self.lease.release()

    async def _worked(self, alert: Alert, now: datetime) -> handlers.Told:
        """Work one alert; one that fails by a fault of ours is looked at again in a minute, and holds up no other."""
        try:
            return await self._work(alert, now)
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - logged by its kind and place; others' alerts go on
            log.error("alert-failed", **fault(error))
            return handlers.Told(alert, replace(alert, next_at=now + AGAIN_AFTER))

    async def _work(self, seen: Alert, now: datetime) -> handlers.Told:
        """Say what is to be done with an alert: stop, wait, or tell this rung or the next."""
        if not await self.ports.pathway.told(seen.person):
            return handlers.Told(seen, domain.over(seen, now))
        rung_time = self.ports.community.rulebook().drift_rung
        if seen.told_at is None:
            return await self._tell(seen, seen, (), now)
        left = await self.shell.read(lambda store: store.any_sent(seen.id, int(seen.rung)))
        later = domain.look(seen, now, rung_time, any_left=left)
        if later is not None:
            return handlers.Told(seen, later)
        return await self._tell(seen, *domain.climb(seen), now)

    async def _tell(self, seen: Alert, alert: Alert, facts: tuple[Event, ...], now: datetime) -> handlers.Told:
        to = domain.recipients(alert, await self._around(alert))
        way = 1 if alert.rung == Rung.NEXT_WAYS else 0
        planned = [(each, await self._plan(each, alert, way, now)) for each in to]
        messages = tuple(message for _, message in planned if message is not None)
        can_go = any(message.send_after <= now for message in messages)
        rung_time = self.ports.community.rulebook().drift_rung
        return handlers.Told(seen, domain.told(alert, now, rung_time, any_can_go=can_go), facts, to, messages)

    async def _plan(self, to: Recipient, alert: Alert, way: int, now: datetime) -> Message | None:
        """Give the message for a recipient; None when they have no way, or no further one."""
        routes = await routes_of(self.ports, self.decisions, to.who, to.id, alert.person)
        any_hour = to.who is domain.Who.DUTY_LINE
        chosen = choose(routes, self.usable, now.astimezone(self.zone), way, any_hour=any_hour)
        if chosen is None:
            return None
        return handlers.message_to(to, alert, new_id(), now, way=way, after=chosen.at)

    async def _around(self, alert: Alert) -> Around:
        asked, person = alert.asked, alert.person
        lead = await self.ports.pathway.lead(person) if asked.lead else None
        watchers = await self.ports.intake.watchers(person)
        councils = await self.shell.read(lambda store: store.councils()) if asked.councils else ()
        backstop = await self._backstop() if asked.backstop else None
        around = Around(lead, watchers, backstop, councils)
        if alert.rung != Rung.BUDDIES:
            return around
        first = domain.first_told(asked, around)
        buddies = [await self._buddy(each.id) for each in first if each.who is domain.Who.ORGANISATION]
        return replace(around, buddies=tuple(each for each in buddies if each is not None))

    async def _backstop(self) -> UUID | None:
        try:
            return await self.ports.community.backstop()
        except AlongsideError as error:
            if error.code == UnavailableError.code:
                raise
            return None

    async def _buddy(self, organisation: UUID) -> UUID | None:
        try:
            return (await self.ports.community.organisation(organisation)).buddy
        except NotFoundError:
            return None
