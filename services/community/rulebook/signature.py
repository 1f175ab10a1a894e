"""Ed25519 signatures of rulebook files, by joserfc, which is slow to load: imported where one is made or checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.community.rulebook.domain import RulebookUnsignedError

if TYPE_CHECKING:
    from typing import Any

ALGORITHM: Final = "Ed25519"


def new_pair() -> tuple[bytes, bytes]:
    """Make a key pair; gives the private and the public JWK."""
    key = OKPKey.generate_key(ALGORITHM)
    return orjson.dumps(key.as_dict(private=True)), orjson.dumps(key.as_dict(private=False))


def sign(text: bytes, private_key: bytes) -> str:
    """Sign bytes: the compact JWS without its payload."""
    key = OKPKey.import_key(orjson.loads(private_key))
    whole = jws.serialize_compact({"alg": ALGORITHM}, text, key, algorithms=[ALGORITHM])
    header, _, signature = whole.split(".")
    return f"{header}..{signature}"


def check(text: bytes, signature: str, public_key: bytes) -> str:
    """Give the signer's thumbprint. Raises RulebookUnsignedError unless it signs exactly ``text``."""
    try:
        key = OKPKey.import_key(_jwk(public_key))
        found = jws.deserialize_compact(signature, key, payload=text, algorithms=[ALGORITHM])
    except (JoseError, ValueError, TypeError, KeyError):
        raise RulebookUnsignedError from None
    if found.payload != text:
        raise RulebookUnsignedError
    return key.thumbprint()


def _jwk(raw: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(raw)
    return found
