"""What stands between a page and who means harm: headers, cookies, the form's token, where a form may come from.

The session cookie holds an access token that gateway keeps (hashed, with its ends): to sign out ends it there. Pages
are never kept by a browser, load nothing from elsewhere, and can be framed by nobody.
"""

from __future__ import annotations

import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.ids import new_secret

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.responses import Response

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
}
SESSION, BROWSER, LANGUAGE, LEFT, SAID = "session", "browser", "language", "left", "said"
SESSION_SECONDS, BROWSER_SECONDS, LANGUAGE_SECONDS, LEFT_SECONDS = 12 * 3600, 30 * 86_400, 365 * 86_400, 180
SAID_SECONDS = 60
LEAST_SECRET = 20


class Cookies:
    """The cookies of one visit: what came, and what is to be set. Only this origin sees them (``__Host-``)."""

    def __init__(self, header: str, *, secure: bool) -> None:
        """``secure`` where the place is served over TLS; a demo on loopback is not."""
        self.secure = secure
        self.set: dict[str, tuple[str, int]] = {}
        try:
            self.came = {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        except CookieError:
            self.came = {}

    def get(self, name: str) -> str:
        """Give what came, or what has been set since."""
        return self.set[name][0] if name in self.set else self.came.get(self._full(name), "")

    def put(self, name: str, value: str, seconds: int) -> None:
        """Have one kept for so long; nought seconds takes it away."""
        self.set[name] = (value, seconds)

    def browser(self) -> str:
        """Give the secret that this browser is known by, made at its first form."""
        if len(self.get(BROWSER)) < LEAST_SECRET:
            self.put(BROWSER, new_secret(), BROWSER_SECONDS)
        return self.get(BROWSER)

    def write(self, response: Response) -> None:
        """Put into an answer what was set."""
        for name, (value, seconds) in self.set.items():
            response.set_cookie(
                self._full(name), value, max_age=seconds, path="/", secure=self.secure, httponly=True, samesite="lax"
            )

    def _full(self, name: str) -> str:
        return f"__Host-alongside-{name}" if self.secure else f"alongside-{name}"


def form_token(browser: str, principal: str) -> str:
    """Give the token of every form that one visitor is shown in one browser.

    It outlives a sign-in, so that what was typed before a session ended can still be sent once its writer has signed
    in again; whoever else signs in here can't send it.
    """
    return hmac.new(browser.encode(), b"form " + principal.encode(), hashlib.sha256).hexdigest()


def is_ours(headers: Headers, browser: str, principal: str, given: str) -> bool:
    """Say whether a form came from a page of ours that was shown to who sends it now."""
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return False
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    known = len(browser) >= LEAST_SECRET
    return known and hmac.compare_digest(form_token(browser, principal).encode(), given.encode())
