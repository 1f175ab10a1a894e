"""People and members who sign in for real: by a link, and on a group's device."""

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from tests.support.place import Place


async def ask(place: Place, email: str, **more: str) -> tuple[str, str | None]:
    """Ask for a link; gives the binding and the token that was sent, if one was."""
    box: Any = place.system.kit.ports.notify
    before = len(box.links)
    async with place.client() as nobody:
        told = await nobody.post("/v1/sign-in/links", json={"email": email, **more})
    assert told.status_code == 202, told.text
    return told.json()["binding"], box.links[-1][1] if len(box.links) > before else None


async def use(place: Place, token: str, binding: str) -> Any:
    """Use a link."""
    async with place.client() as nobody:
        return await nobody.post("/v1/sign-in/sessions", json={"token": token, "binding": binding})


def with_token(place: Place, token: str) -> Any:
    """Give a client that brings a token."""
    client = place.client()
    client.headers["Authorization"] = f"Bearer {token}"
    return client


async def by_link(place: Place, email: str) -> Any:
    """Sign in by link; gives a client that is signed in."""
    binding, token = await ask(place, email)
    assert token is not None
    told = await use(place, token, binding)
    assert told.status_code == 201, told.text
    return with_token(place, told.json()["access_token"])


async def a_device(member: Any, name: str = "The phone in the kitchen") -> dict[str, Any]:
    """Sign a device in; gives what its member was told."""
    told = await member.post("/v1/sign-in/devices", json={"name": name})
    assert told.status_code == 201, told.text
    found: dict[str, Any] = told.json()
    return found


async def try_pin(place: Place, secret: str, member: Any, pin: str) -> Any:
    """Try a PIN on a device."""
    body = {"device_secret": secret, "member": str(member), "pin": pin}
    async with place.client() as nobody:
        return await nobody.post("/v1/sign-in/device-sessions", json=body)


async def on_device(place: Place, secret: str, member: Any, pin: str) -> Any:
    """Sign in on a device; gives a client that is signed in."""
    told = await try_pin(place, secret, member, pin)
    assert told.status_code == 201, told.text
    return with_token(place, told.json()["access_token"])


async def current(client: Any) -> tuple[int, dict[str, Any]]:
    """Ask whose session this is: the status, and what was told."""
    told = await client.get("/v1/sign-in/sessions/current")
    return told.status_code, told.json()


def long_ago(place: Place, by: timedelta, *columns: str) -> None:
    """Have what is kept be older: each of ``columns``, as ``table.column``, moves back. Sessions live in real time."""
    micros = int(by / timedelta(microseconds=1))
    for each in columns:
        table, _, column = each.partition(".")
        place.by_hand(f"UPDATE {table} SET {column} = {column} - {micros}")  # noqa: S608 - our own names


@asynccontextmanager
async def nothing_written(place: Place):
    """Hold that nothing is written meanwhile; gives the statements that were run."""
    run: list[str] = []
    place.watch(lambda _prefix, text: run.append(text))
    try:
        yield run
    finally:
        place.watch(None)
    assert not [text for text in run if not text.lstrip().upper().startswith("SELECT")]
