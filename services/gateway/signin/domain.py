"""One-time links: how long they live and what they are bound to. Real time, never a demo's clock."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.errors import AlongsideError, Kind
from shared.event import Role
from shared.passes import Pass

if TYPE_CHECKING:
    from uuid import UUID

    from shared.ports import SignIn

LINK_LIFE = timedelta(minutes=15)
LINKS_IN_A_WINDOW = 5
WINDOW = timedelta(minutes=15)
SECRET_BYTES = 32


class LinkSpentError(AlongsideError):
    """The link is unknown, used, past its 15 minutes, or of another browser: never said which."""

    code = "link-spent"
    kind = Kind.UNKNOWN_CALLER
    says = "This link can't be used. It may have been used already, be older than 15 minutes, or belong elsewhere."


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link as it is kept: hashes only. ``found`` is who owned the address when it was asked for."""

    token_hash: str
    binding_hash: str
    found: SignIn
    until: datetime


def hashed(secret: str) -> str:
    """Give what is kept of a secret of at least 256 random bits; such a secret needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def opens(link: Link | None, binding: str, now: datetime) -> SignIn | None:
    """Say who signs in with a link; None when it can't be used. An address that nobody owns has a link like any."""
    same = hmac.compare_digest(hashed(binding), link.binding_hash if link else hashed(""))
    good = link is not None and same and now < link.until and link.found.role is not Role.ANYONE
    return link.found if link is not None and good else None


def pass_of(found: SignIn, principal: UUID, until: datetime) -> Pass:
    """Turn the owner of an address into a pass."""
    return Pass(
        role=found.role,
        principal=principal,
        member=found.member,
        organisation=found.organisation,
        person=found.person,
        until=until,
    )
