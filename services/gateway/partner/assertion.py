"""Signatures of partner systems, by joserfc. The algorithm comes from our list and the key from our register.

What a token says of its own key (``jku``, ``jwk``, ``x5u``) is never followed.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from services.gateway.partner.domain import (
    ALGORITHMS,
    MOST_KEYS,
    RSA_BITS,
    BadKeyError,
    Claims,
    UnknownSystemError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

BAD = (JoseError, KeyError, TypeError, ValueError, OverflowError, AttributeError)


def public_keys(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Give a JWK set that may be registered. Raises BadKeyError."""
    try:
        found = [_public(dict(key)) for key in keys["keys"]]
    except BAD:
        raise BadKeyError from None
    if not 0 < len(found) <= MOST_KEYS or len({key["kid"] for key in found}) != len(found):
        raise BadKeyError
    return {"keys": found}


def _public(key: dict[str, Any]) -> dict[str, Any]:
    if "d" in key or not key.get("kid"):
        raise BadKeyError
    if key["kty"] == "EC" and key["crv"] == "P-384":
        return {**ECKey.import_key(key).as_dict(private=False), "kid": str(key["kid"])}
    if key["kty"] == "RSA" and len(urlsafe_b64decode(key["n"] + "==")) * 8 >= RSA_BITS:
        return {**RSAKey.import_key(key).as_dict(private=False), "kid": str(key["kid"])}
    raise BadKeyError


def who_says_so(token: str) -> UUID:
    """Give whose assertion it claims to be, before anything is believed. Raises UnknownSystemError."""
    try:
        return UUID(orjson.loads(jws.extract_compact(token.encode()).payload)["sub"])
    except BAD:
        raise UnknownSystemError from None


def signed(token: str, keys: dict[str, Any]) -> Claims:
    """Give what an assertion says when one of the registered keys signed it. Raises UnknownSystemError."""
    try:
        decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]
        claims = decoded.claims
        if decoded.header.get("kid") not in {key["kid"] for key in keys["keys"]}:
            raise UnknownSystemError
        audience = claims["aud"]
        return Claims(
            issuer=str(claims["iss"]),
            subject=str(claims["sub"]),
            audiences=tuple(audience) if isinstance(audience, list) else (str(audience),),
            expires=_instant(claims["exp"]),
            issued=_instant(claims.get("iat", 0)),
            jti=str(claims["jti"]),
        )
    except BAD:
        raise UnknownSystemError from None


def _instant(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
