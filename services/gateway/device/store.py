"""Devices of groups, PINs of members, and the tries that were wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, LargeBinary, String, Table, bindparam, delete, func, select, update

from services.gateway.device.domain import (
    DEVICE_IDLE,
    DEVICE_LIFE,
    DEVICES_OF_A_GROUP,
    PIN_UNUSED,
    Device,
    Digest,
    Pin,
)
from services.gateway.tables import METADATA
from shared.db import Connection, Id, Instant, Sql, insert_into, upsert_into

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.db import Row

DEVICE = Table(
    "gateway_device", METADATA,
    Column("id", Id, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("organisation", Id, nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("by", Id, nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
    Column("used_at", Instant, nullable=False, index=True),
    Column("shut_until", Instant),
)  # fmt: skip
PIN = Table(
    "gateway_pin", METADATA,
    Column("member", Id, primary_key=True),
    Column("organisation", Id, nullable=False, index=True),
    Column("salt", LargeBinary, nullable=False),
    Column("made", LargeBinary, nullable=False),
    Column("shown_as", String(100)),
    Column("wrong", Integer, nullable=False),
    Column("used_at", Instant, nullable=False, index=True),
)  # fmt: skip
TRY = Table(
    "gateway_try", METADATA,
    Column("id", Id, primary_key=True),
    Column("device", Id, nullable=False, index=True),
    Column("at", Instant, nullable=False, index=True),
)  # fmt: skip

_now = bindparam("now", type_=Instant)
_WHICH = bindparam("which", type_=Id)
_ADD = Sql(insert_into(DEVICE))
_GET = Sql(select(DEVICE).where(DEVICE.c.id == bindparam("id")))
_BY_SECRET = Sql(select(DEVICE).where(DEVICE.c.hash == bindparam("hash")))
_OF = Sql(
    select(DEVICE)
    .where(DEVICE.c.organisation == bindparam("organisation"))
    .order_by(DEVICE.c.created_at, DEVICE.c.id)
    .limit(2 * DEVICES_OF_A_GROUP)
)
_USED = Sql(update(DEVICE).where(DEVICE.c.id == _WHICH).values(used_at=_now))
_SHUT = Sql(update(DEVICE).where(DEVICE.c.id == _WHICH).values(shut_until=bindparam("shut", type_=Instant)))
_END = Sql(delete(DEVICE).where(DEVICE.c.id == bindparam("id"), DEVICE.c.organisation == bindparam("organisation")))
_DROP = Sql(
    delete(DEVICE).where(
        (DEVICE.c.used_at < bindparam("unused", type_=Instant))
        | (DEVICE.c.created_at < bindparam("old", type_=Instant))
    )
)
_SET = Sql(upsert_into(PIN, "member"))
_PIN = Sql(select(PIN).where(PIN.c.member == bindparam("member")))
_PINS = Sql(select(PIN).where(PIN.c.organisation == bindparam("organisation")).order_by(PIN.c.shown_as, PIN.c.member))
_COUNT = Sql(update(PIN).where(PIN.c.member == _WHICH).values(wrong=bindparam("times", type_=Integer)))
_GOOD = Sql(update(PIN).where(PIN.c.member == _WHICH).values(wrong=0, used_at=_now))
_UNSET = Sql(delete(PIN).where(PIN.c.member == bindparam("member")))
_FORGET_PINS = Sql(delete(PIN).where(PIN.c.used_at < bindparam("unused", type_=Instant)))
_NOTE = Sql(insert_into(TRY))
_TRIES = Sql(
    select(func.count().label("n"))
    .select_from(TRY)
    .where(TRY.c.device == bindparam("device"), TRY.c.at > bindparam("since", type_=Instant))
)
_FORGET = Sql(delete(TRY).where(TRY.c.at < bindparam("before", type_=Instant)))


class DeviceStore:
    """Reads and writes devices and PINs."""

    connection: Connection

    async def save_device(self, device: Device, secret_hash: str) -> None:
        """Keep a device; drop those that are past."""
        now = device.created_at
        await self.connection.run(_DROP, unused=now - DEVICE_IDLE, old=now - DEVICE_LIFE)
        row = {"id": device.id, "organisation": device.organisation, "name": device.name, "by": device.by}
        times = {"created_at": device.created_at, "used_at": device.used_at, "shut_until": device.shut_until}
        await self.connection.run(_ADD, hash=secret_hash, **row, **times)

    async def find_device(self, device_id: UUID) -> Device | None:
        """Give a device, also one whose time is over."""
        row = await self.connection.one(_GET, id=device_id)
        return None if row is None else _device(row)

    async def device_by_secret(self, secret_hash: str) -> Device | None:
        """Give the device that has this secret."""
        row = await self.connection.one(_BY_SECRET, hash=secret_hash)
        return None if row is None else _device(row)

    async def devices_of(self, organisation: UUID, now: datetime) -> list[Device]:
        """Give an organisation's devices that have not ended, the oldest first."""
        found = [_device(row) for row in await self.connection.all(_OF, organisation=organisation)]
        return [device for device in found if now < device.until]

    async def end_device(self, device_id: UUID, organisation: UUID) -> bool:
        """Forget a device of this organisation; says whether there was one."""
        return await self.connection.run(_END, id=device_id, organisation=organisation) > 0

    async def use_device(self, device_id: UUID, now: datetime) -> None:
        """Put the device's end off: it was used."""
        await self.connection.run(_USED, which=device_id, now=now)

    async def shut_device(self, device_id: UUID, until: datetime) -> None:
        """Let nobody sign in on it for a while."""
        await self.connection.run(_SHUT, which=device_id, shut=until)

    async def save_pin(self, pin: Pin, now: datetime) -> None:
        """Set a PIN in place of the one before; drop those that nobody uses."""
        await self.connection.run(_FORGET_PINS, unused=now - PIN_UNUSED)
        row = {"salt": pin.digest.salt, "made": pin.digest.made, "shown_as": pin.shown_as, "wrong": pin.wrong}
        await self.connection.run(_SET, member=pin.member, organisation=pin.organisation, used_at=now, **row)

    async def find_pin(self, member: UUID) -> Pin | None:
        """Give a member's PIN, or None."""
        row = await self.connection.one(_PIN, member=member)
        return None if row is None else _pin(row)

    async def pins_of(self, organisation: UUID) -> list[Pin]:
        """Give the PINs of an organisation's members."""
        return [_pin(row) for row in await self.connection.all(_PINS, organisation=organisation)]

    async def count_wrong(self, member: UUID, wrong: int) -> None:
        """Keep how often a member's PIN was wrong in a row."""
        await self.connection.run(_COUNT, which=member, times=wrong)

    async def use_pin(self, member: UUID, now: datetime) -> None:
        """Begin the count anew: it was right."""
        await self.connection.run(_GOOD, which=member, now=now)

    async def drop_pin(self, member: UUID) -> None:
        """Forget a PIN."""
        await self.connection.run(_UNSET, member=member)

    async def tries_on(self, device_id: UUID, since: datetime) -> int:
        """Count the wrong tries on a device since an instant; those before it are forgotten."""
        await self.connection.run(_FORGET, before=since)
        row = await self.connection.one(_TRIES, device=device_id, since=since)
        return int((row or {})["n"])

    async def note_try(self, **row: object) -> None:
        """Remember a wrong try."""
        await self.connection.run(_NOTE, **row)


def _device(row: Row) -> Device:
    return Device(**{name: value for name, value in row.items() if name != "hash"})


def _pin(row: Row) -> Pin:
    return Pin(row["member"], row["organisation"], Digest(row["salt"], row["made"]), row["shown_as"], row["wrong"])
