"""The instance's own key: identifiers are looked up by HMAC, NHS numbers are sealed, code words are hashed.

The key lies in a file of its own beside the data, readable by its owner only. Whoever has the database without
it can look nobody up by number, phone or e-mail address.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
from typing import TYPE_CHECKING

from joserfc import jwe
from joserfc.jwk import OctKey

if TYPE_CHECKING:
    from pathlib import Path

    from services.intake.person.domain import Identifier

KEY_FILE = "intake.key"
_BYTES = 32
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}
_SEALING = {"alg": "dir", "enc": "A256GCM"}
ALWAYS_HASHED = 2
"""How many code words are hashed for every try to recognise somebody, found or not (C4)."""


class Keys:
    """What the instance's key is used for."""

    def __init__(self, secret: bytes) -> None:
        """``secret`` is 32 random bytes."""
        self._lookup = hmac.digest(secret, b"lookup", "sha256")
        self._signing = hmac.digest(secret, b"signing", "sha256")
        self._sealing = OctKey.import_key(hmac.digest(secret, b"sealing", "sha256"))

    @classmethod
    def beside(cls, data: Path) -> Keys:
        """Read the key of the instance whose data lies in ``data``; make one on the first start."""
        path = data / KEY_FILE
        if not path.exists():
            _write_new(path)
        secret = bytes.fromhex(path.read_text().strip())
        if len(secret) != _BYTES:
            message = f"{KEY_FILE} does not hold a key of {_BYTES} bytes"
            raise ValueError(message)
        return cls(secret)

    def lookup(self, identifier: Identifier) -> bytes:
        """Give what an identifier is found by: the same for the same one, telling nothing of it."""
        return hmac.digest(self._lookup, f"{identifier.kind}:{identifier.value}".encode(), "sha256")

    def sign(self, said: bytes) -> bytes:
        """Give 16 bytes that only this instance can give for ``said``."""
        return hmac.digest(self._signing, said, "sha256")[:16]

    def seal(self, number: str) -> bytes:
        """Encrypt a number (A256GCM)."""
        return jwe.encrypt_compact(_SEALING, number.encode(), self._sealing).encode()

    def unseal(self, sealed: bytes) -> str:
        """Read what ``seal`` gave. Raises joserfc's error when the key is another instance's."""
        return (jwe.decrypt_compact(sealed, self._sealing).plaintext or b"").decode()


def _write_new(path: Path) -> None:
    """Write a new key whole or not at all: a half-written one would be a weak one."""
    half = path.with_suffix(".new")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(os.urandom(_BYTES).hex())
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


async def hash_code_word(code_word: str, salt: bytes) -> bytes:
    """Hash a code word with scrypt, away from the event loop (about 50 ms)."""
    return await asyncio.to_thread(_scrypt, code_word, salt)


async def code_words_match(code_word: str, kept: tuple[tuple[bytes, bytes], ...]) -> tuple[bool, ...]:
    """Say of each ``(salt, hash)`` whether the code word is right; as much work for none as for some (C4)."""
    short = max(ALWAYS_HASHED - len(kept), 0)
    against = (*kept, *[(b"\0" * 16, b"\0" * 32)] * short)[:ALWAYS_HASHED]
    given = await asyncio.gather(*(hash_code_word(code_word, salt) for salt, _ in against))
    right = [hmac.compare_digest(one, other) for one, (_, other) in zip(given, against, strict=True)]
    return tuple(right[: len(kept)])


def _scrypt(code_word: str, salt: bytes) -> bytes:
    words = " ".join(code_word.casefold().split()).encode()
    return hashlib.scrypt(words, salt=salt, maxmem=64 * 1024 * 1024, **_SCRYPT)
