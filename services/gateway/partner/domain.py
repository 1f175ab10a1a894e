"""Whether a partner system's assertion is good (SMART Backend Services, RFC 7523). Pure: keys and time are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from shared.errors import AlongsideError, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

ALGORITHMS = ("ES384", "RS384", "RS512")
"""SMART asks for ES384 and RS384; RS512 is what NHS England's signed JWTs use (research/ecosystem §4)."""
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION = timedelta(minutes=5)
TOKEN_LIFE = timedelta(minutes=5)
LEEWAY = timedelta(seconds=30)
RSA_BITS = 2048
MOST_KEYS = 8


class Scope(StrEnum):
    """What a partner system may ask for; what it sees is decided by people's choices, never by a scope."""

    READ = "read"
    WRITE = "write"
    SUBSCRIPTIONS = "subscriptions"
    TEXTS = "texts"


class BadClientError(AlongsideError):
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
class Assertion:
    """What a good assertion says: its id, which may be used once, and until when that must be remembered."""

    jti: str
    until: datetime


def public_keys(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Give a JWK set that may be registered. Raises BadKeyError."""
    try:
        found = [_public(dict(key)) for key in keys["keys"]]
    except (KeyError, TypeError, ValueError, JoseError):
        raise BadKeyError from None
    if not 0 < len(found) <= MOST_KEYS or len({key["kid"] for key in found}) != len(found):
        raise BadKeyError
    return {"keys": found}


def _public(key: dict[str, Any]) -> dict[str, Any]:
    if "d" in key or not key.get("kid"):
        raise BadKeyError
    if key["kty"] == "EC" and key["crv"] == "P-384":
        return ECKey.import_key(key).as_dict(private=False) | {"kid": str(key["kid"])}
    if key["kty"] == "RSA":
        made = RSAKey.import_key(key)
        if made.raw_value.key_size >= RSA_BITS:
            return made.as_dict(private=False) | {"kid": str(key["kid"])}
    raise BadKeyError


def check(partner: Partner, token: str, audience: str, now: datetime) -> Assertion:
    """Check an assertion against a partner's registered keys. Raises BadClientError, whatever is wrong.

    The algorithm comes from our list and the key from our register; ``jku``, ``jwk`` and ``x5u`` of the token are
    never followed.
    """
    try:
        decoded = jwt.decode(token, KeySet.import_key_set(partner.keys), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]
        claims, header = decoded.claims, decoded.header
        expires = datetime.fromtimestamp(int(claims["exp"]), now.tzinfo)
        issued = datetime.fromtimestamp(int(claims.get("iat", claims["exp"] - 1)), now.tzinfo)
        jti = str(claims["jti"])
    except (JoseError, KeyError, TypeError, ValueError, OverflowError, AttributeError):
        raise BadClientError from None
    mine = str(partner.id)
    audiences = claims.get("aud") if isinstance(claims.get("aud"), list) else [claims.get("aud")]
    good = (
        claims.get("iss") == mine
        and claims.get("sub") == mine
        and audience in audiences
        and now - LEEWAY < expires <= now + LONGEST_ASSERTION + LEEWAY
        and issued <= now + LEEWAY
        and 0 < len(jti) <= 128  # noqa: PLR2004 - as long as any id in use
        and header.get("kid")
        and not partner.removed
    )
    if not good:
        raise BadClientError
    return Assertion(jti, expires + LEEWAY)


def scopes(partner: Partner, asked: str | None) -> frozenset[str]:
    """Give the scopes of a token: those asked for, or all that the partner has. Raises BadScopeError."""
    wanted = frozenset((asked or "").split()) or partner.scopes
    if not wanted <= partner.scopes:
        raise BadScopeError
    return wanted
