"""What is kept while a browser is away at the provider, and what a provider's word must say to be believed."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.errors import AlongsideError, Kind

WAY_LIFE = timedelta(minutes=10)
LEEWAY = timedelta(seconds=30)
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384")
"""Only signatures with a public key: never ``none``, never one with a shared secret."""


class OpenIdError(AlongsideError):
    """Whatever is wrong with a sign-in by a provider: never said which."""

    code = "openid-sign-in"
    kind = Kind.UNKNOWN_CALLER
    says = "We could not sign you in this way. Begin again, or ask for a sign-in link."


@dataclass(frozen=True, slots=True)
class Way:
    """A browser on its way to the provider and back: hashes only."""

    state_hash: str
    binding_hash: str
    sign_in_as: str | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Word:
    """What a provider says once its signature was found good."""

    issuer: str
    audiences: tuple[str, ...]
    party: str | None
    nonce: str
    expires: datetime
    issued: datetime
    email: str
    verified: bool


def nonce_of(binding: str) -> str:
    """Give the nonce of a browser: made of its secret, so that neither needs to be kept."""
    return hashlib.sha256(b"nonce:" + binding.encode()).hexdigest()


def verifier_of(binding: str) -> str:
    """Give the PKCE verifier of a browser (RFC 7636), made in the same way."""
    return hashlib.sha256(b"verifier:" + binding.encode()).hexdigest()


def challenge_of(verifier: str) -> str:
    """Give the S256 challenge of a verifier."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def comes_back(way: Way | None, binding_hash: str, now: datetime) -> bool:
    """Say whether the browser that comes back is the one that left, in time."""
    same = hmac.compare_digest(binding_hash, way.binding_hash if way else "0" * 64)
    return way is not None and same and now < way.until


def believed(word: Word, *, issuer: str, mine: str, nonce: str, now: datetime) -> str:
    """Give the address that a provider vouches for (OpenID Connect Core §3.1.3.7). Raises OpenIdError."""
    to_us_alone = word.audiences == (mine,) or (mine in word.audiences and word.party == mine)
    good = (
        word.issuer == issuer
        and to_us_alone
        and word.party in {None, mine}
        and hmac.compare_digest(word.nonce, nonce)
        and now < word.expires + LEEWAY
        and now - WAY_LIFE - LEEWAY < word.issued <= now + LEEWAY
        and word.verified
        and bool(word.email)
    )
    if not good:
        raise OpenIdError
    return word.email.lower()
