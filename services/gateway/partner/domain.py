"""Partner systems: whose they are, what they may ask for, and what an assertion must say (SMART, RFC 7523)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from shared.errors import AlongsideError, Kind

if TYPE_CHECKING:
    from uuid import UUID

ALGORITHMS = ("ES384", "RS384", "RS512")
"""SMART asks for ES384 and RS384; RS512 is what NHS England's signed JWTs use (research/ecosystem §4)."""
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION = timedelta(minutes=5)
TOKEN_LIFE = timedelta(minutes=5)
LEEWAY = timedelta(seconds=30)
RSA_BITS = 2048
MOST_KEYS = 8
LONGEST_JTI = 128


class Scope(StrEnum):
    """What a partner system may ask for; what it sees is decided by people's choices, never by a scope."""

    READ = "read"
    WRITE = "write"
    SUBSCRIPTIONS = "subscriptions"
    TEXTS = "texts"


class UnknownSystemError(AlongsideError):
    """The assertion is not good; it is never said why (RFC 6749 ``invalid_client``)."""

    code = "invalid-client"
    kind = Kind.UNKNOWN_CALLER
    says = "We could not sign this system in. Check its key, its id, the audience and the times of the assertion."


class BadScopeError(AlongsideError):
    """A scope was asked for that this partner was not given (``invalid_scope``)."""

    code = "invalid-scope"
    kind = Kind.INVALID
    says = "This system was not given one of the scopes that it asked for."


class BadKeyError(AlongsideError):
    """A key that can't be used: another curve, too short, private, or without an id."""

    code = "bad-key"
    kind = Kind.INVALID
    says = "Send public keys only, each with a kid: EC P-384, or RSA of at least 2,048 bits."


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner system: whose it is, its public keys (a JWK set) and what it may ask for."""

    id: UUID
    organisation: UUID
    name: str
    keys: dict[str, Any]
    scopes: frozenset[str]
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Claims:
    """What an assertion says once its signature was found good."""

    issuer: str
    subject: str
    audiences: tuple[str, ...]
    expires: datetime
    issued: datetime
    jti: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a good assertion says: its id, which may be used once, and until when that must be remembered."""

    jti: str
    until: datetime


def check(partner: Partner, claims: Claims, audience: str, now: datetime) -> Assertion:
    """Check what a signed assertion says. Raises UnknownSystemError, whatever is wrong."""
    mine = str(partner.id)
    good = (
        claims.issuer == claims.subject == mine
        and audience in claims.audiences
        and now - LEEWAY < claims.expires <= now + LONGEST_ASSERTION + LEEWAY
        and claims.issued <= now + LEEWAY
        and 0 < len(claims.jti) <= LONGEST_JTI
        and not partner.removed
    )
    if not good:
        raise UnknownSystemError
    return Assertion(claims.jti, claims.expires + LEEWAY)


def scopes(partner: Partner, asked: str | None) -> frozenset[str]:
    """Give the scopes of a token: those asked for, or all that the partner has. Raises BadScopeError."""
    wanted = frozenset((asked or "").split()) or partner.scopes
    if not wanted <= partner.scopes:
        raise BadScopeError
    return wanted
