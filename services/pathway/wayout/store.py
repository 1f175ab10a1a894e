"""Rows of ways out: agreements to manage independently, what was taken, the conversation of two, moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, desc, select, update

from services.pathway.holding.domain import State
from services.pathway.tables import INDEPENDENCE, MOVE, VOICE, WAY_OUT
from services.pathway.wayout.domain import How, Independence, Move, WayOut
from services.pathway.wayout.quiet import Voice
from shared.db import Id, Instant, Sql, insert_into, upsert_into

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.db import Connection
    from shared.decisions import Permit

_INDEPENDENCE = tuple(c.name for c in INDEPENDENCE.c)
_person = bindparam("of_person", type_=Id)
_SAY = Sql(upsert_into(INDEPENDENCE, "person"))
_SAID = Sql(select(INDEPENDENCE).where(INDEPENDENCE.c.person == _person))
_UNSAY = Sql(update(INDEPENDENCE).where(INDEPENDENCE.c.person == _person).values(agreed=0))
_GO = Sql(insert_into(WAY_OUT))
_open = (WAY_OUT.c.person == _person, WAY_OUT.c.ended_at.is_(None))
_GONE = Sql(select(WAY_OUT).where(*_open).order_by(desc(WAY_OUT.c.at)).limit(1))
_BACK = Sql(
    update(WAY_OUT).where(*_open).values(
        ended_at=bindparam("now", type_=Instant), mind_changed=bindparam("changed", type_=WAY_OUT.c.mind_changed.type)
    )
)  # fmt: skip
_SPEAK = Sql(upsert_into(VOICE, "person", "member"))
_VOICES = Sql(select(VOICE).where(VOICE.c.person == _person).order_by(VOICE.c.at, VOICE.c.member))
_MOVE = Sql(insert_into(MOVE))
_GET_MOVE = Sql(select(MOVE).where(MOVE.c.id == bindparam("of_move", type_=Id), MOVE.c.person == _person))
_MET = Sql(
    update(MOVE).where(MOVE.c.id == bindparam("of_move", type_=Id)).values(
        there=bindparam("there", type_=MOVE.c.there.type), met_at=bindparam("met_at", type_=Instant)
    )
)  # fmt: skip


class WayOutStore:
    """Statements on ways out."""

    connection: Connection

    async def say_independence(self, said: Independence) -> None:
        """Write what the person says of managing independently."""
        row = {name: getattr(said, name) for name in _INDEPENDENCE}
        await self.connection.run(_SAY, **row | {"how": said.how.value})

    async def independence(self, person: UUID) -> Independence | None:
        """Give what the person last said of managing independently."""
        row = await self.connection.one(_SAID, of_person=person)
        if row is None:
            return None
        flags = {name: bool(row[name]) for name in ("agreed", "witness_chosen")}
        return Independence(**row | flags | {"how": How(row["how"])})

    async def read_independence(self, permit: Permit) -> Independence | None:
        """Give it to somebody who may know of it."""
        return await self.independence(permit.person)

    async def go(self, out: WayOut) -> None:
        """Write that somebody took a way out."""
        names = ("id", "person", "last_lead", "plan", "words", "at", "ended_at", "mind_changed")
        row = {name: getattr(out, name) for name in names}
        await self.connection.run(_GO, **row, kind=out.kind.value)

    async def way_out(self, person: UUID) -> WayOut | None:
        """Give the way out that somebody is on."""
        row = await self.connection.one(_GONE, of_person=person)
        if row is None:
            return None
        return WayOut(**row | {"kind": State(row["kind"]), "mind_changed": bool(row["mind_changed"])})

    async def come_back(self, person: UUID, now: datetime, *, mind_changed: bool) -> None:
        """Write that a way out ended; the agreement to manage independently ends with it."""
        await self.connection.run(_BACK, of_person=person, now=now, changed=mind_changed)
        await self.connection.run(_UNSAY, of_person=person)

    async def speak(self, voice: Voice) -> None:
        """Write that one of the two said: hold them quietly."""
        names = ("person", "member", "organisation", "expert", "at")
        await self.connection.run(_SPEAK, **{name: getattr(voice, name) for name in names})

    async def voices(self, person: UUID) -> list[Voice]:
        """Give who said so."""
        rows = await self.connection.all(_VOICES, of_person=person)
        return [Voice(**row | {"expert": bool(row["expert"])}) for row in rows]

    async def begin_move(self, move: Move) -> None:
        """Write a move that has begun."""
        names = ("id", "person", "lead", "place", "begun_at", "there", "met_at")
        await self.connection.run(_MOVE, **{name: getattr(move, name) for name in names})

    async def move_of(self, person: UUID, move: UUID) -> Move | None:
        """Give a move of a person."""
        row = await self.connection.one(_GET_MOVE, of_person=person, of_move=move)
        return Move(**row) if row else None

    async def move_met(self, move: UUID, there: str | None, met_at: datetime | None) -> None:
        """Write what is said of the meeting there; ``met_at`` once it is confirmed."""
        await self.connection.run(_MET, of_move=move, there=there, met_at=met_at)
