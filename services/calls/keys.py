"""Who is calling, and whose pass it carries: ES256, 60 s, one key pair for each service.

A folder holds ``services.jwks.json``, the public keys of all, and ``<service>.private.jwk.json`` of those services
that run here. Two kinds of token are signed. A *caller's* says which service asks, and is good at one service only; a
*pass* says for whom (aud ``internal``). The pass is judged, never the service that carries it: so who may sign which
passes is a literal, and people's and supporters' come from gateway alone.
"""

from __future__ import annotations

import os
import re
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from shared.clock import real_now
from shared.errors import AlongsideError, Kind, NotSignedInError, UnavailableError, WhoActs
from shared.event import Role
from shared.passes import Pass, Purpose

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from pathlib import Path

PUBLIC = "services.jwks.json"
AUDIENCE = "internal"
LIFE_SECONDS = 60
SKEW_SECONDS = 5
"""How far two machines' clocks may be apart for a token that was made "later" than it came."""
MOST_KEPT = 10_000
GATEWAY = "gateway"
MAY_SIGN = {Role.TIMER: None, Role.ANYONE: None, Role.SYSTEM: frozenset({GATEWAY, "notify"})}
"""Beside gateway, which signs in: each service its own timers and who is nobody; notify a partner system, for the
deliveries and messages that it decides about again. None: any service.
"""
BAD = (JoseError, KeyError, TypeError, ValueError, OverflowError, AttributeError)
_NAME = re.compile(r"[a-z]{1,16}\Z")


class NoKeysError(AlongsideError):
    """This process has no key to sign its calls with."""

    code = "no-service-keys"
    kind = Kind.UNAVAILABLE
    says = "This process has no keys to call others with. Make them with `alongside keys`, and say where they lie."
    who = WhoActs.STEWARD


class Keyring:
    """The keys of this process and the public ones of all. Files are read again when they change."""

    def __init__(self, folder: Path, names: Iterable[str], now: Callable[[], datetime] = real_now) -> None:
        """Read the keys of the services ``names``, which run here. Raises NoKeysError for one that is not there."""
        self.folder = folder
        self.names = tuple(names)
        self.now = now
        self._marks: tuple[Any, ...] = ()
        self._made: OrderedDict[Hashable, tuple[str, float]] = OrderedDict()
        self._seen: OrderedDict[tuple[str, str], tuple[str, dict[str, Any]]] = OrderedDict()
        self._read()

    @property
    def caller(self) -> str:
        """Give as which service this process calls others."""
        return self.names[0]

    def calling(self, service: str) -> str:
        """Give a token that says who calls ``service``; good at no other."""
        return self._kept(("caller", service), self.caller, {"aud": f"{AUDIENCE}/{service}"})

    def called_by(self, token: str, service: str) -> str:
        """Give which service calls ``service``. Raises NotSignedInError."""
        return self._checked(token, f"{AUDIENCE}/{service}")[0]

    def signed(self, by: Pass) -> str:
        """Give a pass as a token: as who gave it signed it, else signed by a service of this process that may.

        Raises UnavailableError when none here may: then nothing can be asked for it.
        """
        if by.signed and self._lasts(by.signed):
            return by.signed
        signer = next((name for name in self.names if _may_sign(name, by.role)), None)
        if signer is None:
            raise UnavailableError
        return self._kept(("pass", replace(by, signed="")), signer, {"aud": AUDIENCE, "pass": _plain(by)})

    def whose(self, token: str) -> Pass:
        """Give the pass that a token holds. Raises NotSignedInError, also for one that its signer may not sign."""
        signer, claims = self._checked(token, AUDIENCE)
        try:
            found = _pass_of(claims["pass"])
        except BAD:
            raise NotSignedInError from None
        if not _may_sign(signer, found.role):
            raise NotSignedInError
        return replace(found, signed=token)

    def _lasts(self, token: str) -> bool:
        try:
            self._checked(token, AUDIENCE)
        except NotSignedInError:
            return False
        return True

    def _kept(self, key: Hashable, signer: str, claims: dict[str, Any]) -> str:
        """Sign, or give what was signed less than half a life ago."""
        now = self.now().timestamp()
        made = self._made.get(key)
        if made is not None and now < made[1]:
            return made[0]
        self._read()
        private = self._private[signer]
        times = {"iss": signer, "iat": int(now), "exp": int(now) + LIFE_SECONDS}
        token = jwt.encode({"alg": "ES256", "kid": private.kid}, claims | times, private, algorithms=["ES256"])
        _remember(self._made, key, (token, now + LIFE_SECONDS / 2))
        return token

    def _checked(self, token: str, audience: str) -> tuple[str, dict[str, Any]]:
        """Give who signed a token and its claims. A signature is checked once; its time, always."""
        now, found = self.now().timestamp(), self._seen.get((token, audience))
        try:
            if found is None:
                found = self._verified(token, audience)
                _remember(self._seen, (token, audience), found)
            claims = found[1]
            lives = claims["iat"] - SKEW_SECONDS <= now < claims["exp"] <= claims["iat"] + LIFE_SECONDS
        except BAD:
            raise NotSignedInError from None
        if not lives:
            raise NotSignedInError
        return found

    def _verified(self, token: str, audience: str) -> tuple[str, dict[str, Any]]:
        self._read()
        decoded = jwt.decode(token, self._public, algorithms=["ES256"])
        signer = self._owners[decoded.header["kid"]]
        if decoded.claims["iss"] != signer or decoded.claims["aud"] != audience:
            raise NotSignedInError
        return signer, dict(decoded.claims)

    def _read(self) -> None:
        paths = [self.folder / PUBLIC, *(private_path(self.folder, name) for name in self.names)]
        try:
            marks = tuple(path.stat().st_mtime_ns for path in paths)
            if marks == self._marks:
                return
            public = orjson.loads(paths[0].read_bytes())["keys"]
            private = [ECKey.import_key(orjson.loads(path.read_bytes())) for path in paths[1:]]
        except (OSError, *BAD):
            raise NoKeysError from None
        self._private = dict(zip(self.names, private, strict=True))
        self._public = KeySet.import_key_set({"keys": public})
        self._owners = {key["kid"]: owner_of(key["kid"]) for key in public}
        self._seen.clear()
        self._made.clear()
        self._marks = marks


def private_path(folder: Path, service: str) -> Path:
    """Give where a service's private key lies."""
    return folder / f"{service}.private.jwk.json"


def owner_of(kid: str) -> str:
    """Give the service that a key's id names. Raises ValueError."""
    name = kid.partition(".")[0]
    if not _NAME.match(name):
        raise ValueError(kid)
    return name


def make(folder: Path, names: Iterable[str], *, anew: bool = False) -> list[str]:
    """Make the keys of ``names`` that are not there, or every one ``anew``; gives the ids of those made.

    Public keys of before stay, so that what they signed is still good: ``drop`` takes them out. The file of public
    keys is written first, and must be everywhere before the private one is used.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = []
    for name in names:
        path = private_path(folder, name)
        if path.exists() and not anew:
            continue
        key = ECKey.generate_key("P-256")
        kid = f"{name}.{key.thumbprint()[:12]}"
        told = {**key.as_dict(private=True), "kid": kid, "use": "sig", "alg": "ES256"}
        shown = {part: value for part, value in told.items() if part != "d"}
        _write(folder / PUBLIC, {"keys": [*_public_keys(folder), shown]}, 0o644)
        _write(path, told, 0o600)
        made.append(kid)
    return made


def drop_old(folder: Path, names: Iterable[str]) -> list[str]:
    """Take out the public keys of ``names`` that their private key here has taken the place of; gives their ids."""
    owners = set(names)
    now = {orjson.loads(private_path(folder, name).read_bytes())["kid"] for name in owners}
    keys = _public_keys(folder)
    old = [key["kid"] for key in keys if owner_of(key["kid"]) in owners and key["kid"] not in now]
    _write(folder / PUBLIC, {"keys": [key for key in keys if key["kid"] not in old]}, 0o644)
    return old


def _public_keys(folder: Path) -> list[dict[str, Any]]:
    path = folder / PUBLIC
    return list(orjson.loads(path.read_bytes())["keys"]) if path.exists() else []


def _write(path: Path, value: Any, mode: int) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(orjson.dumps(value, option=orjson.OPT_INDENT_2))
        file.flush()
        os.fsync(handle)
    fresh.replace(path)


def _remember(kept: OrderedDict[Any, Any], key: Hashable, value: Any) -> None:
    kept[key] = value
    if len(kept) > MOST_KEPT:
        kept.popitem(last=False)


def _may_sign(service: str, role: Role) -> bool:
    if service == GATEWAY:
        return True
    services = MAY_SIGN.get(role, frozenset())
    return services is None or service in services


def _plain(by: Pass) -> dict[str, Any]:
    ids = {name: getattr(by, name) for name in ("principal", "member", "organisation", "person")}
    plain: dict[str, Any] = {name: str(value) for name, value in ids.items() if value is not None}
    until = {} if by.until is None else {"until": by.until.isoformat()}
    return plain | {"role": by.role.value, "purpose": by.purpose.value, "scopes": sorted(by.scopes)} | until


def _pass_of(plain: dict[str, Any]) -> Pass:
    member, organisation, person = (
        UUID(plain[name]) if name in plain else None for name in ("member", "organisation", "person")
    )
    return Pass(
        Role(plain["role"]), UUID(plain["principal"]), member, organisation, person,
        purpose=Purpose(plain["purpose"]),
        scopes=frozenset(plain["scopes"]),
        until=datetime.fromisoformat(plain["until"]) if "until" in plain else None,
    )  # fmt: skip
