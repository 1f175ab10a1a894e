"""Rows of holds. One row a person: two leads can't be written (J2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Integer, bindparam, delete, func, or_, select, update

from services.pathway.holding.domain import Holding, Led, State
from services.pathway.holding.errors import NotHeldYetError
from services.pathway.tables import ALONGSIDE, HOLDING, LOST_SIGHT, STOPPED
from shared.db import Id, Instant, Sql, insert_into, insert_unless, listed, upsert_into
from shared.errors import BusyError
from shared.event import Code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from shared.db import Connection, Row
    from shared.decisions import Permit

HOLDS = HOLDING.outerjoin(ALONGSIDE, ALONGSIDE.c.person == HOLDING.c.person)
COLUMNS = (*HOLDING.c, ALONGSIDE.c.organisation.label("beside"))
_of = bindparam("organisation", type_=Id)
_GET = Sql(
    select(*COLUMNS).select_from(HOLDS).where(HOLDING.c.person == bindparam("person", type_=Id))
    .order_by(ALONGSIDE.c.place)
)  # fmt: skip
_GET_MANY = Sql(
    select(*COLUMNS).select_from(HOLDS).where(listed(HOLDING.c.person, "people")).order_by(ALONGSIDE.c.place)
)
_SAVE = Sql(upsert_into(HOLDING, "person"))
_JOIN = Sql(insert_into(ALONGSIDE))
_LEAVE = Sql(
    delete(ALONGSIDE).where(ALONGSIDE.c.person == bindparam("person", type_=Id), ALONGSIDE.c.organisation == _of)
)
_CONCERNED = Sql(
    select(HOLDING.c.person).where(
        or_(
            HOLDING.c.lead == _of,
            HOLDING.c.chosen == _of,
            HOLDING.c.last_lead == _of,
            HOLDING.c.person.in_(select(ALONGSIDE.c.person).where(ALONGSIDE.c.organisation == _of)),
        )
    )
)
_member = bindparam("member", type_=Id)
_NAMES = Sql(select(HOLDING.c.person).where(or_(HOLDING.c.named == _member, HOLDING.c.deputy == _member)))
_HELD_BY = Sql(select(func.count().label("n")).select_from(HOLDING).where(HOLDING.c.named == _member))
_LED_BY = Sql(
    select(HOLDING.c.person).where(HOLDING.c.lead == _of, HOLDING.c.person > bindparam("after", type_=Id))
    .order_by(HOLDING.c.person).limit(bindparam("most", type_=Integer))
)  # fmt: skip
_PER_MEMBER = Sql(
    select(HOLDING.c.named, func.count().label("people"), func.count(HOLDING.c.met_at).label("met"))
    .where(HOLDING.c.lead == _of)
    .group_by(HOLDING.c.named)
)
_STOPPED = Sql(select(STOPPED.c.organisation).where(STOPPED.c.stopped == 1))
_STOP = Sql(upsert_into(STOPPED, "organisation"))
_GOES_ON = Sql(delete(STOPPED).where(STOPPED.c.organisation == _of))
_TO_TAKE = Sql(select(STOPPED).where(STOPPED.c.taken_at.is_(None)).order_by(STOPPED.c.at).limit(1))
_LOSE = Sql(insert_unless(LOST_SIGHT))
_LOST = Sql(select(LOST_SIGHT).limit(1))
_FOUND = Sql(
    delete(LOST_SIGHT).where(LOST_SIGHT.c.person == bindparam("person", type_=Id), LOST_SIGHT.c.organisation == _of)
)
_AGAIN = Sql(update(STOPPED).where(STOPPED.c.organisation == _of, STOPPED.c.stopped == 1).values(taken_at=None))
_TAKEN = Sql(update(STOPPED).where(STOPPED.c.organisation == _of).values(taken_at=bindparam("done", type_=Instant)))


@dataclass(frozen=True, slots=True)
class PerMember:
    """How many people one named person holds, and how many of them were met (J2b)."""

    member: UUID | None
    people: int
    met: int


@dataclass(frozen=True, slots=True)
class LostSight:
    """An organisation whose access was withdrawn, as consent's event told it."""

    person: UUID
    organisation: UUID
    instead: UUID | None
    correlation: UUID


class HoldingStore:
    """Statements on holds."""

    connection: Connection
    thought_stopped: frozenset[UUID] = frozenset()
    """What ``stopped`` gave in this transaction."""

    async def find_holding(self, person: UUID) -> Holding | None:
        """Give the hold, or None before there is a record of one."""
        return holding_of(await self.connection.all(_GET, person=person))

    async def get_holding(self, person: UUID) -> Holding:
        """Give the hold. Raises NotHeldYetError before there is a record of one."""
        found = await self.find_holding(person)
        if found is None:
            raise NotHeldYetError
        return found

    async def read_holding(self, permit: Permit) -> Holding | None:
        """Give the hold to somebody who may know of it."""
        return await self.find_holding(permit.person)

    async def get_holdings(self, people: Iterable[UUID]) -> list[Holding]:
        """Give the holds of several people."""
        rows = await self.connection.all(_GET_MANY, people=sorted(people))
        by_person: dict[UUID, list[Row]] = {}
        for row in rows:
            by_person.setdefault(row["person"], []).append(row)
        return [holding for each in by_person.values() if (holding := holding_of(each)) is not None]

    async def save_holdings(self, changed: Iterable[tuple[Holding | None, Holding]]) -> None:
        """Write holds as they are now, each beside what it was."""
        pairs = list(changed)
        await self.connection.many(_SAVE, [_row(now) for _, now in pairs])
        for was, now in pairs:
            before = was.alongside if was else ()
            for gone in set(before).difference(now.alongside):
                await self.connection.run(_LEAVE, person=now.person, organisation=gone)
            new = [
                {"person": now.person, "organisation": each, "place": place}
                for place, each in enumerate(now.alongside)
                if each not in before
            ]
            if new:
                await self.connection.many(_JOIN, new)

    async def concerned(self, organisation: UUID) -> list[UUID]:
        """Give whom an organisation leads, was chosen for, walks beside or owes the way back."""
        return [row["person"] for row in await self.connection.all(_CONCERNED, organisation=organisation)]

    async def named_for(self, member: UUID) -> list[UUID]:
        """Give the people whose named person or deputy a member is."""
        return [row["person"] for row in await self.connection.all(_NAMES, member=member)]

    async def held_by(self, member: UUID) -> int:
        """Count the people held by a named person (J2b)."""
        row = await self.connection.one(_HELD_BY, member=member)
        return int(row["n"]) if row else 0

    async def led_by(self, organisation: UUID, after: UUID, most: int) -> list[UUID]:
        """Give whom an organisation leads, a page at a time, in an order that tells nothing."""
        rows = await self.connection.all(_LED_BY, organisation=organisation, after=after, most=most)
        return [row["person"] for row in rows]

    async def per_member(self, organisation: UUID) -> list[PerMember]:
        """Give how many people each named person of an organisation holds (J2b)."""
        rows = await self.connection.all(_PER_MEMBER, organisation=organisation)
        return [PerMember(row["named"], row["people"], row["met"]) for row in rows]

    async def stopped(self) -> frozenset[UUID]:
        """Give the organisations that ended or are suspended."""
        self.thought_stopped = frozenset(row["organisation"] for row in await self.connection.all(_STOPPED))
        return self.thought_stopped

    async def must_go_on(self, organisations: Collection[UUID]) -> None:
        """See to it that nobody is given to an organisation whose people have been taken since ``stopped`` was read:
        the takeover waits for us, or we for it (J2a). Raises BusyError when it was first: then all begins again.
        """
        thought = self.thought_stopped
        shared = bool(organisations) and await self.connection.guard(*organisations)
        if shared and (await self.stopped() - thought).intersection(organisations):
            raise BusyError

    async def stop(self, organisation: UUID, correlation: UUID, now: datetime, *, stopped: bool = True) -> None:
        """Keep that the backstop is to take an organisation's people; ``stopped``: it can't lead from now on."""
        row = {"organisation": organisation, "correlation": correlation, "at": now, "taken_at": None}
        await self.connection.run(_STOP, **row, stopped=stopped)

    async def goes_on(self, organisation: UUID) -> None:
        """Keep that an organisation may lead again."""
        await self.connection.run(_GOES_ON, organisation=organisation)

    async def to_take(self) -> tuple[UUID, UUID] | None:
        """Give the next organisation whose people are to be taken, with its correlation."""
        row = await self.connection.one(_TO_TAKE)
        return (row["organisation"], row["correlation"]) if row else None

    async def take_again(self, organisation: UUID) -> None:
        """Keep that somebody was given to an organisation that stopped, after its people were taken."""
        await self.connection.run(_AGAIN, organisation=organisation)

    async def taken(self, organisation: UUID, now: datetime) -> None:
        """Keep that nobody is left with an organisation."""
        await self.connection.run(_TAKEN, organisation=organisation, done=now)

    async def lost(self, person: UUID, organisation: UUID, instead: UUID | None, correlation: UUID) -> None:
        """Keep that an organisation's access was withdrawn and pathway has still to act on it (C2)."""
        row = {"person": person, "organisation": organisation, "instead": instead, "correlation": correlation}
        await self.connection.run(_LOSE, **row)

    async def next_lost(self) -> LostSight | None:
        """Give the next organisation that lost its access and still stands to the person."""
        row = await self.connection.one(_LOST)
        return LostSight(**row) if row else None

    async def lost_is_done(self, person: UUID, organisation: UUID) -> None:
        """Keep that it was acted on."""
        await self.connection.run(_FOUND, person=person, organisation=organisation)


def holding_of(rows: list[Row]) -> Holding | None:
    """Fold the rows of one person, one for each organisation alongside, into a hold."""
    if not rows:
        return None
    row = rows[0]
    led = None
    if row["lead"] is not None:
        times = (row["acknowledged_at"], row["met_at"])
        led = Led(row["lead"], row["since"], row["named"], row["deputy"], *times)
    return Holding(
        row["person"],
        State(row["state"]),
        led,
        intensity=Code(row["intensity"]),
        chosen=row["chosen"],
        chosen_since=row["chosen_since"],
        alongside=tuple(each["beside"] for each in rows if each["beside"] is not None),
        before=tuple(_led(each) for each in row["before"]),
        last_lead=row["last_lead"],
        blind=bool(row["blind"]),
        crisis_until=row["crisis_until"],
        out_at=row["out_at"],
        alarmed_at=row["alarmed_at"],
    )


def _row(holding: Holding) -> dict[str, Any]:
    led = holding.led
    plain = ("person", "state", "lead", "named", "deputy", "acknowledged_at", "met_at", "intensity", "chosen")
    more = ("chosen_since", "last_lead", "blind", "crisis_until", "out_at", "alarmed_at")
    row = {name: getattr(holding, name) for name in (*plain, *more)}
    return row | {"since": led.since if led else None, "before": [_plain(each) for each in holding.before]}


def _plain(led: Led) -> list[Any]:
    return [led.organisation, led.since, led.named, led.deputy, led.acknowledged_at, led.met_at]


def _led(values: list[Any]) -> Led:
    organisation, since, named, deputy, acknowledged_at, met_at = values
    return Led(
        UUID(organisation),
        datetime.fromisoformat(since),
        named=None if named is None else UUID(named),
        deputy=None if deputy is None else UUID(deputy),
        acknowledged_at=None if acknowledged_at is None else datetime.fromisoformat(acknowledged_at),
        met_at=None if met_at is None else datetime.fromisoformat(met_at),
    )
