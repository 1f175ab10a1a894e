"""Sign a device in and end it; set a PIN; begin a session on a device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.gateway.device.domain import (
    DEVICE_SESSION_IDLE,
    DEVICE_SESSION_LIFE,
    DEVICES_OF_A_GROUP,
    ON_A_DEVICE,
    TRIES_WINDOW,
    Device,
    DevicesFullError,
    DeviceSignInError,
    Digest,
    Judged,
    Pin,
    judge,
)
from services.gateway.session.domain import SessionKind, begun
from services.gateway.session.handlers import own_sign_in
from services.gateway.silent import Silent
from shared.errors import NotFoundError
from shared.event import Role
from shared.passes import Pass
from shared.shell import TurnedBack

if TYPE_CHECKING:
    from datetime import datetime

    from services.gateway.store import GatewayStore
    from shared.shell import Tx


@dataclass(frozen=True, slots=True)
class AddDevice(Silent):
    """A member signs a device in for their organisation. ``token_hash``: of their own session."""

    device: Device
    secret_hash: str
    token_hash: str


@dataclass(frozen=True, slots=True)
class EndDevice(Silent):
    """A member ends a device of their organisation, with every session that was begun on it."""

    device: UUID
    organisation: UUID


@dataclass(frozen=True, slots=True)
class SetPin(Silent):
    """A member sets their own PIN."""

    pin: Pin
    token_hash: str


@dataclass(frozen=True, slots=True)
class DropPin(Silent):
    """A member has no PIN any more."""

    member: UUID
    token_hash: str


@dataclass(frozen=True, slots=True)
class BeginOnDevice(Silent):
    """Somebody says on a device that they are ``member``, with a guess at the PIN.

    ``role``: as what that member acts for the device's organisation now; None when they don't.
    """

    device: UUID
    member: UUID
    role: Role | None
    guess: Digest
    session_hash: str


async def add_device(command: AddDevice, tx: Tx[GatewayStore]) -> None:
    """Keep a device. Raises OwnSignInError on a session that was begun with a PIN, DevicesFullError."""
    await tx.connection.guard(command.device.organisation, alone=True)
    await own_sign_in(tx, command.token_hash, command.now)
    if len(await tx.store.devices_of(command.device.organisation, command.now)) >= DEVICES_OF_A_GROUP:
        raise DevicesFullError
    await tx.store.save_device(command.device, command.secret_hash)


async def end_device(command: EndDevice, tx: Tx[GatewayStore]) -> None:
    """End a device and what was begun on it. Raises NotFoundError, for another organisation's device too."""
    await tx.connection.guard(command.device, alone=True)
    if not await tx.store.end_device(command.device, command.organisation):
        raise NotFoundError
    await tx.store.end_on_device(command.device)


async def set_pin(command: SetPin, tx: Tx[GatewayStore]) -> None:
    """Set a PIN anew, which also opens one that was shut, and end what was begun with the one before (M1).

    Raises OwnSignInError on a session that was begun with a PIN: who found out a PIN can't change it.
    """
    await tx.connection.guard(command.pin.member, alone=True)
    await own_sign_in(tx, command.token_hash, command.now)
    await tx.store.save_pin(command.pin, command.now)
    await tx.store.end_kind(command.pin.member, SessionKind.DEVICE)


async def drop_pin(command: DropPin, tx: Tx[GatewayStore]) -> None:
    """Forget a PIN and end what was begun with it. Raises OwnSignInError."""
    await tx.connection.guard(command.member, alone=True)
    await own_sign_in(tx, command.token_hash, command.now)
    await tx.store.drop_pin(command.member)
    await tx.store.end_kind(command.member, SessionKind.DEVICE)


async def begin_on_device(command: BeginOnDevice, tx: Tx[GatewayStore]) -> Pass | TurnedBack:
    """Judge a try and count it in one go, so that two guesses at once are two; a good one begins a session.

    One who signs in ends what was open on the device: a shared phone has one person at a time (M1).
    """
    now, store = command.now, tx.store
    await tx.connection.guard(command.device, command.member, alone=True)
    device = await store.find_device(command.device)
    pin = await store.find_pin(command.member)
    tries = await store.tries_on(command.device, now - TRIES_WINDOW)
    judged = judge(device, pin if command.role in ON_A_DEVICE else None, command.guess, tries, now)
    if device is None or command.role is None or not judged.good:
        await _count(command, judged, tx)
        return TurnedBack(DeviceSignInError())
    await store.use_pin(command.member, now)
    await store.use_device(device.id, now)
    await store.end_on_device(device.id)
    until = min(now + DEVICE_SESSION_LIFE, device.until)
    by = Pass(command.role, command.member, command.member, device.organisation, until=until)
    session = begun(SessionKind.DEVICE, by, now=now, session_id=tx.new_id(), idle=DEVICE_SESSION_IDLE, device=device.id)
    await store.save_session(command.session_hash, session, now)
    return by


async def _count(command: BeginOnDevice, judged: Judged, tx: Tx[GatewayStore]) -> None:
    if judged.wrong is not None:
        await tx.store.count_wrong(command.member, judged.wrong)
    if judged.counts:
        await tx.store.note_try(id=tx.new_id(), device=command.device, at=command.now)
    if judged.shut_until is not None:
        await tx.store.shut_device(command.device, judged.shut_until)


async def devices_of(store: GatewayStore, organisation: UUID, now: datetime) -> list[Device]:
    """Give an organisation's devices."""
    return await store.devices_of(organisation, now)


async def find_pin(store: GatewayStore, member: UUID) -> Pin | None:
    """Give a member's own PIN, or None."""
    return await store.find_pin(member)


async def at_device(store: GatewayStore, secret_hash: str, member: UUID) -> tuple[Device | None, Pin | None]:
    """Give what a try begins with: the device and the PIN, each if there is one."""
    return await store.device_by_secret(secret_hash), await store.find_pin(member)


async def pins_at(store: GatewayStore, secret_hash: str, now: datetime) -> list[Pin]:
    """Give the PINs of those who may sign in on a device. Raises DeviceSignInError for one unknown or ended."""
    device = await store.device_by_secret(secret_hash)
    if device is None or now >= device.until:
        raise DeviceSignInError
    return await store.pins_of(device.organisation)
