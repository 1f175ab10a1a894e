"""The files that pages load: all from here, each under an address that changes with its content, so kept for a year."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

FOLDER = Path(__file__).parent / "static"
UNDER = "/assets/"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
WORTH_PRESSING = 1_000
KEPT = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, plain and pressed."""

    kind: str
    plain: bytes
    pressed: bytes | None


def _all() -> tuple[dict[str, Asset], dict[str, str]]:
    files, versioned = {}, {}
    mark = hashlib.sha256()
    found = sorted(path for path in FOLDER.rglob("*") if path.suffix in TYPES)
    for path in found:
        mark.update(path.read_bytes())
    for path in found:
        name, content = path.relative_to(FOLDER).as_posix(), path.read_bytes()
        versioned[name] = f"{UNDER}{mark.hexdigest()[:12]}/{name}"
        pressed = gzip.compress(content, 9, mtime=0) if len(content) > WORTH_PRESSING else None
        files[versioned[name]] = Asset(TYPES[path.suffix], content, pressed)
    return files, versioned


FILES, VERSIONED = _all()


class Static:
    """ASGI middleware that answers for the files; no path of a caller ever reaches the disk."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the rest: a file needs no sign-in and may be kept."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        asset = FILES.get(scope["path"]) if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} else None
        if asset is None:
            await self.app(scope, receive, send)
            return
        accepts = dict(scope["headers"]).get(b"accept-encoding", b"")
        headers = {"Cache-Control": KEPT, "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
        body = asset.plain
        if asset.pressed is not None and b"gzip" in accepts:
            body, headers["Content-Encoding"] = asset.pressed, "gzip"
        await Response(body, 200, headers, asset.kind)(scope, receive, send)
