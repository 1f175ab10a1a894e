"""Messages on their way, and the codes with which supporters answer. No address is kept here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, and_, bindparam, delete, or_, select, update

from services.notify.message.domain import Message, State, Text
from services.notify.tables import METADATA, among
from shared.db import Id, Instant, Sql, insert_into

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from shared.db import Connection, Row

MESSAGE = Table(
    "notify_message", METADATA,
    Column("id", Id, primary_key=True),
    Column("alert", Id),
    Column("person", Id),
    Column("who", String(16), nullable=False),
    Column("to", Id, nullable=False),
    Column("text", String(32), nullable=False),
    Column("rung", Integer, nullable=False),
    Column("reference", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("way", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("send_after", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("resend_safe", Boolean, nullable=False),
)  # fmt: skip
_m = MESSAGE.c
_GOING = [State.WAITING.value, State.SENDING.value]
_going = among(_m.state, *_GOING)
Index("notify_message_going", _m.send_after, sqlite_where=_going, postgresql_where=_going)
Index("notify_message_alert", _m.alert)
_waiting = among(_m.state, State.WAITING.value)
Index("notify_message_person", _m.person, sqlite_where=_waiting, postgresql_where=_waiting)
CODE = Table(
    "notify_code", METADATA,
    Column("hash", String(64), primary_key=True),
    Column("alert", Id, nullable=False),
    Column("supporter", Id, nullable=False),
    Column("at", Instant, nullable=False),
)  # fmt: skip

_now = bindparam("now", type_=Instant)
_this = _m.id == bindparam("which", type_=Id)
_ADD = Sql(insert_into(MESSAGE))
_ripe = and_(
    among(_m.state, *_GOING),
    _m.send_after <= _now,
    or_(_m.state == State.WAITING.value, and_(_m.state == State.SENDING.value, _m.resend_safe)),
)
_RIPE = Sql(select(MESSAGE).where(_ripe).order_by(_m.send_after, _m.made_at).limit(bindparam("most", type_=Integer)))
_BEGIN = Sql(
    update(MESSAGE).where(_this, _ripe)
    .values(state=State.SENDING.value, tries=_m.tries + 1, send_after=bindparam("unknown_at", type_=Instant))
)  # fmt: skip
_LEFT_BEHIND = Sql(
    update(MESSAGE)
    .where(among(_m.state, *_GOING), _m.send_after > _now, _m.state == State.SENDING.value, _m.resend_safe)
    .values(send_after=bindparam("at", type_=Instant))
)
_SENT = Sql(update(MESSAGE).where(_this).values(state=State.SENT.value, sent_at=_now))
_NEXT = Sql(
    update(MESSAGE).where(_this, _m.state.in_(_GOING))
    .values(state=bindparam("becomes"), way=bindparam("by"), tries=bindparam("tried"),
            send_after=bindparam("again", type_=Instant))
)  # fmt: skip
_cancelled = {"state": State.CANCELLED.value}
_waits = among(_m.state, State.WAITING.value)
_CANCEL_ALERT = Sql(update(MESSAGE).where(_m.alert == bindparam("of", type_=Id), _waits).values(_cancelled))
_CANCEL_PERSON = Sql(update(MESSAGE).where(_m.person == bindparam("of", type_=Id), _waits).values(_cancelled))
_ANY_SENT = Sql(
    select(_m.id)
    .where(_m.alert == bindparam("alert"), _m.rung == bindparam("rung"), _m.state == State.SENT.value)
    .limit(1)
)
_ADD_CODE = Sql(insert_into(CODE))
_CODE = Sql(select(CODE.c.alert, CODE.c.supporter).where(CODE.c.hash == bindparam("hash")))
_TIDY = Sql(delete(MESSAGE).where(_m.state.not_in(_GOING), _m.made_at < bindparam("before", type_=Instant)))
_TIDY_CODES = Sql(delete(CODE).where(CODE.c.at < bindparam("before", type_=Instant)))


class MessageStore:
    """Reads and writes messages and codes."""

    connection: Connection

    async def add_messages(self, messages: Iterable[Message]) -> None:
        """Queue messages."""
        rows = [
            {c.name: getattr(message, c.name) for c in _m} | {"state": message.state.value, "text": message.text.value}
            for message in messages
        ]
        if rows:
            await self.connection.many(_ADD, rows)

    async def ripe_messages(self, now: datetime, most: int) -> list[Message]:
        """Give what is to be sent now, and what was begun long ago and never recorded, if that may be sent twice."""
        return [_message(row) for row in await self.connection.all(_RIPE, now=now, most=most)]

    async def begin_message(self, message: UUID, now: datetime, unknown_at: datetime) -> bool:
        """Record that it is being sent, before it is; False when it was cancelled or is being sent already."""
        return await self.connection.run(_BEGIN, which=message, now=now, unknown_at=unknown_at) > 0

    async def take_up_messages(self, now: datetime) -> None:
        """Let go at once what an ended process had begun to send and may be sent twice."""
        await self.connection.run(_LEFT_BEHIND, now=now, at=now)

    async def message_sent(self, message: UUID, now: datetime) -> None:
        """Record that it was taken."""
        await self.connection.run(_SENT, which=message, now=now)

    async def message_waits(self, message: UUID, state: State, way: int, tries: int, again: datetime) -> None:
        """Record what follows for one that was not taken."""
        await self.connection.run(_NEXT, which=message, becomes=state.value, by=way, tried=tries, again=again)

    async def cancel_messages_of(self, alert: UUID) -> None:
        """Send nothing more of an alert."""
        await self.connection.run(_CANCEL_ALERT, of=alert)

    async def cancel_messages_about(self, person: UUID) -> None:
        """Send nothing more to or about a person (J4)."""
        await self.connection.run(_CANCEL_PERSON, of=person)

    async def any_sent(self, alert: UUID, rung: int) -> bool:
        """Say whether any message of a rung was taken by a channel."""
        return await self.connection.one(_ANY_SENT, alert=alert, rung=rung) is not None

    async def add_code(self, hash_: str, alert: UUID, supporter: UUID, at: datetime) -> None:
        """Keep the hash of a code."""
        await self.connection.run(_ADD_CODE, hash=hash_, alert=alert, supporter=supporter, at=at)

    async def tidy_messages(self, before: datetime) -> None:
        """Forget messages that are finished, and codes, from before ``before``."""
        await self.connection.run(_TIDY, before=before)
        await self.connection.run(_TIDY_CODES, before=before)

    async def code(self, hash_: str) -> tuple[UUID, UUID] | None:
        """Give the alert and the supporter of a code."""
        row = await self.connection.one(_CODE, hash=hash_)
        return (row["alert"], row["supporter"]) if row else None


def _message(row: Row) -> Message:
    return Message(**row | {"state": State(row["state"]), "text": Text(row["text"])})
