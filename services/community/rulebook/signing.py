"""The signed rulebook file: keys of the leaders' group, a detached Ed25519 signature, and reading both (M6).

Beside ``rulebook.toml`` stand ``rulebook.toml.jws`` (a JWS with its payload left out, RFC 7515 appendix F, ``Ed25519``
of RFC 9864) and ``leaders.jwk.json`` (the public key). The private key is the leaders' group's own to keep.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from pydantic import ValidationError

from services.community.rulebook.domain import (
    Document,
    RulebookUnreadableError,
    RulebookUnsignedError,
    in_force,
)

if TYPE_CHECKING:
    from pathlib import Path

    from shared.ports import Rulebook

RULEBOOK = "rulebook.toml"
SIGNATURE = "rulebook.toml.jws"
PUBLIC_KEY = "leaders.jwk.json"
PRIVATE_KEY = "leaders-private.jwk.json"
MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class SignedRulebook:
    """A rulebook that was read and found good. ``signature`` None: the one that Alongside ships with."""

    rulebook: Rulebook
    document: Document
    text: bytes
    signature: str | None
    signed_by: str | None

    @property
    def digest(self) -> str:
        """Give the SHA-256 of the file, in hex."""
        return sha256(self.text).hexdigest()


def read(text: bytes) -> Document:
    """Read a rulebook. Raises RulebookUnreadableError with the names of the parts that are wrong."""
    try:
        if len(text) > MOST_BYTES:
            raise RulebookUnreadableError(fields=("(too long)",))
        return Document.model_validate(tomllib.loads(text.decode()))
    except ValidationError as error:
        places = tuple(_named(each) for each in error.errors(include_input=False))
        raise RulebookUnreadableError(fields=places[:20]) from None
    except (ValueError, RecursionError):
        raise RulebookUnreadableError(fields=("(not TOML)",)) from None


def _named(error: object) -> str:
    """Name a part by our own schema; a name that the writer made up is not repeated."""
    assert isinstance(error, dict)  # noqa: S101 - pydantic's own
    place = [str(step) for step in error["loc"]]
    return ".".join([*place[:-1], "(unknown part)"] if error["type"] == "extra_forbidden" else place)


def default() -> SignedRulebook:
    """Give the rulebook that a place begins with, which stands at the floors."""
    text = (files(__package__) / "default.toml").read_bytes()
    document = read(text)
    return SignedRulebook(in_force(document), document, text, None, None)


def make_keys(folder: Path) -> Path:
    """Make the leaders' group's key pair in ``folder``, unless it is there; gives the private key's path.

    The private key is readable by its owner only (0600).
    """
    private = folder / PRIVATE_KEY
    if not private.exists():
        from services.community.rulebook import signature  # noqa: PLC0415 - slow to load

        secret, public = signature.new_pair()
        _write(private, secret, mode=0o600)
        _write(folder / PUBLIC_KEY, public, mode=0o644)
    return private


def sign(text: bytes, private_key: bytes) -> str:
    """Sign a rulebook's bytes: the compact JWS without its payload. Raises what ``read`` and ``in_force`` raise."""
    from services.community.rulebook import signature  # noqa: PLC0415 - slow to load

    in_force(read(text))
    return signature.sign(text, private_key)


def sign_file(folder: Path, private_key: Path) -> SignedRulebook:
    """Sign ``folder``'s rulebook, first laying the default there if there is none; gives what is now good."""
    path = folder / RULEBOOK
    if not path.exists():
        _write(path, default().text, mode=0o644)
    _write(folder / SIGNATURE, sign(path.read_bytes(), private_key.read_bytes()).encode(), mode=0o644)
    return load(folder)


def load(folder: Path) -> SignedRulebook:
    """Read the rulebook of a place; the default where there is none.

    Raises RulebookUnreadableError, RulebookUnsignedError, RulebookBelowFloorError: nothing else comes into force.
    """
    try:
        text = (folder / RULEBOOK).read_bytes()
    except FileNotFoundError:
        return default()
    try:
        signed = (folder / SIGNATURE).read_text("ascii").strip()
        public_key = (folder / PUBLIC_KEY).read_bytes()
    except (OSError, ValueError):
        raise RulebookUnsignedError from None
    if len(text) > MOST_BYTES:
        raise RulebookUnsignedError
    from services.community.rulebook import signature  # noqa: PLC0415 - slow to load

    signer = signature.check(text, signed, public_key)
    document = read(text)
    return SignedRulebook(in_force(document), document, text, signed, signer)


def _write(path: Path, text: bytes, *, mode: int) -> None:
    """Write a file whole or not at all, with its mode from the first byte."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
    fresh.replace(path)
