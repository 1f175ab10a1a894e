"""The ledger's lines and batches: written, read and checked; never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select, true

from services.consent.choice.domain import Who, WhoKind
from services.consent.ledger.domain import FIRST, Entry, Left
from services.consent.tables import BATCH, KERNEL, LEDGER
from shared.db import EPOCH, Connection, Id, Row, Sql, insert_into, listed, locking
from shared.event import Part, Role
from shared.lease import NOBODY
from shared.passes import Purpose
from shared.ports import Act, Why

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

_SEEN = and_(LEDGER.c.person == bindparam("person", type_=Id), LEDGER.c.permitted == true())
_LOCK = Sql(locking(KERNEL.lease.c.name, "names", holder=NOBODY, epoch=0, until=EPOCH))
_TAIL = Sql(select(BATCH).order_by(BATCH.c.number.desc()).limit(1))
_ADD_BATCH = Sql(insert_into(BATCH))
_ADD = Sql(insert_into(LEDGER, without=("pos",)))
_NEWEST = Sql(select(LEDGER).where(_SEEN).order_by(LEDGER.c.pos.desc()).limit(bindparam("most")))
_older_than = select(LEDGER.c.pos).where(_SEEN, LEDGER.c.id == bindparam("after", type_=Id)).scalar_subquery()
_OLDER = Sql(
    select(LEDGER).where(_SEEN, LEDGER.c.pos < _older_than).order_by(LEDGER.c.pos.desc()).limit(bindparam("most"))
)
_BATCHES = Sql(
    select(BATCH).where(BATCH.c.number > bindparam("beyond")).order_by(BATCH.c.number).limit(bindparam("most"))
)
_LINES = Sql(
    select(LEDGER)
    .where(LEDGER.c.batch >= bindparam("first"), LEDGER.c.batch <= bindparam("last"))
    .order_by(LEDGER.c.pos)
)


def _left(reader: ColumnElement[bool]) -> Sql:
    by = (LEDGER.c.role, LEDGER.c.organisation, LEDGER.c.part, LEDGER.c.act)
    counted: Select[tuple[object, ...]] = select(
        *by,
        func.count().label("times"),
        func.min(LEDGER.c.at).label("first"),
        func.max(LEDGER.c.at).label("last"),
    )
    covered = and_(reader, listed(LEDGER.c.part, "parts"))
    on_it = LEDGER.c.choice == bindparam("choice", type_=Id)
    left = LEDGER.c.act != Act.WRITE.value
    return Sql(counted.where(_SEEN, left, or_(covered, on_it)).group_by(*by).order_by(func.max(LEDGER.c.at).desc()))


_WHO = bindparam("who", type_=Id)
_LEFT = {
    WhoKind.ORGANISATION: _left(LEDGER.c.organisation == _WHO),
    WhoKind.OFFER: _left(LEDGER.c.organisation == _WHO),
    WhoKind.MEMBER: _left(LEDGER.c.member == _WHO),
    WhoKind.ROLE: _left(LEDGER.c.role == bindparam("role")),
    WhoKind.ANY_CRISIS_SERVICE: _left(LEDGER.c.choice == bindparam("choice", type_=Id)),
}


class LedgerStore:
    """Who was let see what."""

    def __init__(self, connection: Connection) -> None:
        """Work on one connection."""
        self.connection = connection

    async def tail(self) -> tuple[int, bytes]:
        """Give the number and the hash of the last batch; no other process writes the next until this one has."""
        await self.connection.lock(_LOCK, names=["ledger"])
        row = await self.connection.one(_TAIL)
        return (0, FIRST) if row is None else (row["number"], row["hash"])

    async def append(self, number: int, prev: bytes, digest: bytes, entries: Sequence[Entry]) -> None:
        """Write one batch."""
        await self.connection.many(_ADD, [_row(entry, number) for entry in entries])
        await self.connection.run(_ADD_BATCH, number=number, rows=len(entries), prev=prev, hash=digest)

    async def seen(self, person: UUID, after: UUID | None, most: int) -> list[Entry]:
        """Give who was let see something of a person, newest first; ``after`` is the last line already given."""
        if after is None:
            rows = await self.connection.all(_NEWEST, person=person, most=most)
        else:
            rows = await self.connection.all(_OLDER, person=person, after=after, most=most)
        return [_entry(row) for row in rows]

    async def left(
        self, person: UUID, who: Who, organisation: UUID | None, parts: Collection[Part], choice: UUID
    ) -> list[Left]:
        """Give what left to whom a choice was about. ``organisation``: whose offer it is, for an offer."""
        named = {
            "who": organisation if who.kind is WhoKind.OFFER else who.id,
            "role": who.role,
            "choice": choice,
        }
        rows = await self.connection.all(_LEFT[who.kind], person=person, parts=sorted(parts), **named)
        return [_left_line(row) for row in rows]

    async def batches(self, beyond: int, most: int) -> list[Row]:
        """Give batches after number ``beyond``, in order."""
        return await self.connection.all(_BATCHES, beyond=beyond, most=most)

    async def lines(self, first: int, last: int) -> list[tuple[int, Entry]]:
        """Give the lines of batches ``first`` to ``last``, each with its batch's number, in order."""
        rows = await self.connection.all(_LINES, first=first, last=last)
        return [(row["batch"], _entry(row)) for row in rows]


def _row(entry: Entry, number: int) -> Row:
    return {
        "id": entry.id,
        "batch": number,
        "at": entry.at,
        "person": entry.person,
        "permitted": entry.permitted,
        "why": entry.why,
        "choice": entry.choice,
        "part": entry.part,
        "act": entry.act,
        "purpose": entry.purpose,
        "thing": entry.thing,
        "role": entry.role,
        "organisation": entry.organisation,
        "member": entry.member,
    }


def _entry(row: Row) -> Entry:
    return Entry(
        id=row["id"],
        at=row["at"],
        person=row["person"],
        permitted=bool(row["permitted"]),
        why=Why(row["why"]),
        choice=row["choice"],
        part=Part(row["part"]),
        act=Act(row["act"]),
        purpose=Purpose(row["purpose"]),
        thing=row["thing"],
        role=Role(row["role"]),
        organisation=row["organisation"],
        member=row["member"],
    )


def _left_line(row: Row) -> Left:
    return Left(
        role=Role(row["role"]),
        organisation=row["organisation"],
        part=Part(row["part"]),
        act=Act(row["act"]),
        times=row["times"],
        first=row["first"],
        last=row["last"],
    )
