"""A demo's folder: kept apart from anybody's own place, and what is known of who may sign in there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from shared.errors import AlongsideError, Kind, WhoActs

if TYPE_CHECKING:
    from shared.passes import Pass

DEMO_FOLDER = Path(".alongside/demo")
MARK = "demo.json"


class NotADemoError(AlongsideError):
    """Demo data were asked for in a folder that holds a place of its own."""

    code = "not-a-demo"
    kind = Kind.CONFLICT
    says = "This folder holds a place that is no demo. Say another folder with --data, or leave --demo-data out."
    who = WhoActs.STEWARD


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody of the demo: in which role, who in a few words, their ids, and a page worth asking for."""

    role: str
    who: str
    look: str
    member: UUID | None = None
    organisation: UUID | None = None
    person: UUID | None = None
    partner: UUID | None = None
    scopes: tuple[str, ...] = ()


def is_demo(data: Path) -> bool:
    """Say whether a folder was begun as a demo."""
    return (data / MARK).exists()


def keep_apart(data: Path, file: Path) -> None:
    """Mark a fresh folder as a demo's. Raises NotADemoError for one that holds a place of its own."""
    if is_demo(data):
        return
    if file.exists():
        raise NotADemoError
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    (data / MARK).write_bytes(b"null")


def sign_ins(data: Path) -> list[SignIn] | None:
    """Give who may sign in; None until the demo was filled."""
    told = orjson.loads((data / MARK).read_bytes())
    if told is None:
        return None
    return [_sign_in(each) for each in told]


def _sign_in(told: dict[str, Any]) -> SignIn:
    ids = {name: UUID(told[name]) if told[name] else None for name in ("member", "organisation", "person", "partner")}
    return SignIn(told["role"], told["who"], told["look"], scopes=tuple(told["scopes"]), **ids)


def keep_sign_ins(data: Path, found: list[SignIn]) -> None:
    """Remember them: ids only, tokens are made new at every start."""
    (data / MARK).write_bytes(orjson.dumps(found))


def pass_of(who: SignIn) -> Pass:
    """Give the pass of somebody of the demo."""
    from shared.event import Role
    from shared.ids import new_id
    from shared.passes import Pass

    return Pass(
        Role(who.role), who.person or who.member or who.partner or new_id(), member=who.member,
        organisation=who.organisation, person=who.person, scopes=frozenset(who.scopes),
    )  # fmt: skip
