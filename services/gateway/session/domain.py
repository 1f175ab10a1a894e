"""A session: an access token as it is kept, with its two ends. Real time, never a demo's clock.

One has an absolute end, whatever happens; one that was begun in a browser also ends when it was not used for a while,
so that a screen that was left open does not stay open.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.errors import AlongsideError, Kind
from shared.event import Role
from shared.passes import Pass, Purpose

SESSION_LIFE = timedelta(hours=12)
SESSION_IDLE = timedelta(minutes=30)
TOUCHED_EVERY = timedelta(minutes=1)
"""How far apart two uses are written down: a page that asks at every click writes once a minute."""
MOST_SHOWN = 200


class SessionKind(StrEnum):
    """How somebody signed in."""

    LINK = "link"
    DEVICE = "device"
    OPENID = "openid"
    ISSUED = "issued"
    PARTNER = "partner"


OWN = frozenset({SessionKind.LINK, SessionKind.OPENID})
"""Where the member showed who they are by something that is theirs alone; a PIN on a shared phone is not."""


class OwnSignInError(AlongsideError):
    """Only who signed in by a link or their own provider may do this; never a session begun with a PIN."""

    code = "own-sign-in-needed"
    kind = Kind.FORBIDDEN
    says = "Sign in with a link of your own first. This can't be done from a sign-in with a PIN."


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in. ``by.until`` is its absolute end; ``device`` the group's device on which it was begun.

    ``id`` and ``created_at`` are unknown for a token that a version before this one gave.
    """

    id: UUID | None
    kind: SessionKind
    by: Pass
    until: datetime
    created_at: datetime | None
    used_at: datetime | None = None
    idle: timedelta | None = None
    device: UUID | None = None

    @property
    def idle_until(self) -> datetime | None:
        """Give when it ends if it is not used again; None when it has no such end. Never after the absolute end."""
        if self.idle is None or self.used_at is None:
            return None
        return min(self.used_at + self.idle, self.until)

    def over(self, now: datetime) -> bool:
        """Say whether it has ended, by either end."""
        return now >= self.until or (self.idle_until is not None and now >= self.idle_until)

    def used(self, now: datetime) -> Session:
        """Give it as used now."""
        return replace(self, used_at=now)

    def due_a_touch(self, now: datetime) -> bool:
        """Say whether a use is to be written down: at most once a minute."""
        return self.idle is not None and self.used_at is not None and now - self.used_at >= TOUCHED_EVERY


def begun(
    kind: SessionKind,
    by: Pass,
    *,
    now: datetime,
    session_id: UUID,
    idle: timedelta | None = None,
    device: UUID | None = None,
) -> Session:
    """Begin a session of ``by``, which says until when."""
    return Session(session_id, kind, by, by.until or now, now, now if idle else None, idle, device)


def pass_to_plain(by: Pass) -> dict[str, Any]:
    """Give a pass as it is kept beside a token."""
    ids = {
        "principal": by.principal,
        "member": by.member,
        "organisation": by.organisation,
        "person": by.person,
    }
    plain: dict[str, Any] = {name: None if value is None else str(value) for name, value in ids.items()}
    return plain | {"role": by.role.value, "purpose": by.purpose.value, "scopes": sorted(by.scopes)}


def pass_from_plain(plain: dict[str, Any], until: datetime) -> Pass:
    """Read a kept pass."""
    names = ("member", "organisation", "person")
    ids: dict[str, Any] = {name: None if plain[name] is None else UUID(plain[name]) for name in names}
    return Pass(
        role=Role(plain["role"]),
        principal=UUID(plain["principal"]),
        purpose=Purpose(plain["purpose"]),
        scopes=frozenset(plain["scopes"]),
        until=until,
        **ids,
    )
