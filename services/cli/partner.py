"""``alongside partner``: the register of partner systems, which sign in with a key of their own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer

from services.cli.door import a_door, asked
from services.cli.options import DataOption, settings_for
from services.cli.output import JsonFlag, Out, plainly
from shared.errors import InvalidError

partner = typer.Typer(help="Partner systems: register a key, list, remove.", no_args_is_help=True)
SCOPES = ("read", "write", "subscriptions")


@partner.command()
def add(
    name: Annotated[str, typer.Argument(help="What the system is called.")],
    organisation: Annotated[UUID, typer.Option(help="The id of the organisation whose system it is.")],
    keys: Annotated[
        Path, typer.Option(help="A file with the public keys: one JWK or a JWK set.", exists=True, dir_okay=False)
    ],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What it may ask for; several times for several (read, write, subscriptions)."),
    ] = None,
    data: DataOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Register a partner system with its public keys (ES384, RS384 or RS512)."""
    out = Out(as_json)
    with plainly(out):
        body = {"name": name, "organisation": str(organisation), "keys": _key_set(keys), "scopes": scope or SCOPES}
        made = asyncio.run(_ask(data, "POST", "/v1/partners", body))
        out.say(f"Registered. Its id, to be iss and sub of every assertion: {made['partner']}")
        out.give(made)


@partner.command("list")
def listed(data: DataOption = None, as_json: JsonFlag = False) -> None:
    """List the partner systems that may sign in."""
    out = Out(as_json)
    with plainly(out):
        found = asyncio.run(_ask(data, "GET", "/v1/partners"))["items"]
        rows = [(p["partner"], p["name"], p["organisation"], " ".join(p["scopes"]), " ".join(p["keys"])) for p in found]
        out.table(("id", "name", "organisation", "scopes", "keys"), rows)
        out.say("" if rows else "No partner system is registered.")
        out.give(found)


@partner.command()
def remove(
    partner_id: Annotated[UUID, typer.Argument(metavar="ID", help="The partner system's id.")],
    data: DataOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Let a partner system sign in no more; its tokens end at once."""
    out = Out(as_json)
    with plainly(out):
        asyncio.run(_ask(data, "DELETE", f"/v1/partners/{partner_id}"))
        out.say("Removed: it can sign in no more, and its tokens have ended.")
        out.give({"removed": partner_id})


def _key_set(path: Path) -> dict[str, Any]:
    try:
        told = orjson.loads(path.read_bytes())
    except ValueError:
        raise InvalidError(fields=("keys",)) from None
    if not isinstance(told, dict):
        raise InvalidError(fields=("keys",))
    return told if "keys" in told else {"keys": [told]}


async def _ask(data: Path | None, method: str, path: str, body: Any = None) -> Any:
    async with a_door(settings_for(data)) as http:
        return await asked(http, method, path, body)
