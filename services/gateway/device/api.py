"""A device signed in for a group, and a PIN a member (M1): JSON for the pages that keep the secrets in cookies."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import StringConstraints
from starlette.responses import Response

from services.gateway.device import handlers
from services.gateway.device.domain import DEVICE_SESSION_LIFE, ON_A_DEVICE, PIN_DIGITS, Device, Pin, not_too_plain
from services.gateway.device.scrypt import Scrypt, new_salt
from services.gateway.session.api import given, token_hash, unkept
from services.gateway.signin.api import AnyCall, Secret
from services.gateway.signin.domain import hashed
from services.gateway.store import GatewayStore
from shared import http
from shared.clock import real_now
from shared.errors import NotYoursError
from shared.http import Body, Call, answer, calls
from shared.ids import new_id, new_secret
from shared.passes import Pass

router = http.router("sign-in")
MemberCall = Annotated[Call[GatewayStore], calls("gateway", *ON_A_DEVICE)]
PinDigits = Annotated[str, StringConstraints(pattern=rf"^[0-9]{{{PIN_DIGITS}}}$", max_length=PIN_DIGITS)]
ShortLine = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]


class DeviceBody(Body):
    """What the group calls the device."""

    name: ShortLine


class PinBody(Body):
    """A member's own PIN, and the name that they want to be seen by on the group's devices, if any."""

    pin: PinDigits
    shown_as: ShortLine | None = None


class DeviceSecretBody(Body):
    """The secret that the device was given."""

    device_secret: Secret


class DeviceSessionBody(DeviceSecretBody):
    """Who says that they are at the device, and their PIN."""

    member: UUID
    pin: PinDigits


@router.post("/v1/sign-in/devices", status_code=201)
async def post_device(body: DeviceBody, call: MemberCall) -> Response:
    """Sign this device in for the caller's organisation. Its secret is told once; it opens nothing without a PIN."""
    (member, organisation), secret, now = _member(call.by), new_secret(), real_now()
    device = Device(new_id(), organisation, body.name, member, now, now)
    command = handlers.AddDevice(now, device, hashed(secret), token_hash(call))
    await call.service.shell.run(handlers.add_device, command, unkept(call), gives=type(None))
    return answer(_shown(device) | {"secret": secret, "organisation": organisation}, status=201)


@router.get("/v1/sign-in/devices")
async def get_devices(call: MemberCall) -> Response:
    """List the devices that are signed in for the caller's organisation."""
    _, organisation = _member(call.by)
    found = await call.read(lambda store: handlers.devices_of(store, organisation, real_now()), once=True)
    return answer(http.page([_shown(device) for device in found], None))


@router.delete("/v1/sign-in/devices/{device_id}", status_code=204)
async def delete_device(device_id: UUID, call: MemberCall) -> Response:
    """End a device of the caller's organisation, and every session that was begun on it, at once."""
    _, organisation = _member(call.by)
    await call.run(handlers.end_device, handlers.EndDevice(real_now(), device_id, organisation), type(None))
    return Response(status_code=204)


@router.get("/v1/sign-in/pin")
async def get_pin(call: MemberCall) -> Response:
    """Say whether the caller has a PIN, whether wrong tries shut it, and the name beside it. The PIN is never told."""
    member, _ = _member(call.by)
    pin = await call.read(lambda store: handlers.find_pin(store, member), once=True)
    told = {"set": pin is not None, "shut": pin is not None and pin.shut}
    return answer(told | ({"shown_as": pin.shown_as} if pin and pin.shown_as else {}))


@router.put("/v1/sign-in/pin", status_code=204)
async def put_pin(body: PinBody, call: MemberCall) -> Response:
    """Set the caller's own PIN, signed in by link; what was begun with the one before ends."""
    (member, organisation), plain = _member(call.by), not_too_plain(body.pin)
    digest = await _scrypt(call).digest(plain, new_salt())
    command = handlers.SetPin(real_now(), Pin(member, organisation, digest, body.shown_as), token_hash(call))
    await call.service.shell.run(handlers.set_pin, command, unkept(call), gives=type(None))
    return Response(status_code=204)


@router.delete("/v1/sign-in/pin", status_code=204)
async def delete_pin(call: MemberCall) -> Response:
    """Have no PIN any more: the caller signs in by link only."""
    member, _ = _member(call.by)
    command = handlers.DropPin(real_now(), member, token_hash(call))
    await call.service.shell.run(handlers.drop_pin, command, unkept(call), gives=type(None))
    return Response(status_code=204)


@router.post("/v1/sign-in/device-members")
async def post_device_members(body: DeviceSecretBody, call: AnyCall) -> Response:
    """Say who may sign in on a device with a PIN: ids, with the names that members chose to be seen by there."""
    secret, now = hashed(body.device_secret), real_now()
    pins = await call.read(lambda store: handlers.pins_at(store, secret, now))
    there = [pin for pin in pins if await call.ports.community.is_member(pin.member, pin.organisation)]
    return answer(http.page([{"member": pin.member, "name": pin.shown_as} for pin in there], None))


@router.post("/v1/sign-in/device-sessions", status_code=201)
async def post_device_session(body: DeviceSessionBody, call: AnyCall) -> Response:
    """Sign in on a group's device with a PIN. Whatever is wrong is answered alike, and takes as long."""
    device, pin = await call.read(lambda store: handlers.at_device(store, hashed(body.device_secret), body.member))
    role = await call.ports.community.role_of(body.member, device.organisation if device else new_id())
    guess = await _scrypt(call).digest(body.pin, pin.digest.salt if pin else new_salt())
    secret = new_secret()
    which = device.id if device else new_id()
    command = handlers.BeginOnDevice(real_now(), which, body.member, role, guess, hashed(secret))
    by = await call.service.shell.run(handlers.begin_on_device, command, unkept(call), gives=Pass)
    return given(secret, by, DEVICE_SESSION_LIFE)


def _member(by: Pass) -> tuple[UUID, UUID]:
    if by.member is None or by.organisation is None:
        raise NotYoursError
    return by.member, by.organisation


def _scrypt(call: Call[Any]) -> Scrypt:
    found: Scrypt = call.request.app.state.running["gateway"].port.scrypt
    return found


def _shown(device: Device) -> dict[str, Any]:
    """Give a device as its group sees it."""
    return {
        "id": device.id,
        "name": device.name,
        "by": device.by,
        "created_at": device.created_at,
        "used_at": device.used_at,
        "until": device.until,
    }
