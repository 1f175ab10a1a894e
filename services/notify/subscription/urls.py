"""Which URLs may be told of anything, and which addresses may be connected to. Pure: nothing is looked up here."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from shared.errors import AlongsideError, Kind, Reason

_HOST = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])\Z")
_NOT_PUBLIC = ("local", "internal", "localdomain", "localhost", "arpa", "home", "lan", "onion", "test", "invalid")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
_SPECIAL = tuple(
    ipaddress.ip_network(each)
    for each in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
"""What the registries of special addresses hold and Python 3.11 does not know to be so."""


class UrlReason(Reason):
    """Why a URL can't be told of anything."""

    NOT_A_URL = "not-a-url", "Send one absolute URL in plain ASCII, without spaces."
    SCHEME = "https-only", "Only https is told."
    CREDENTIALS = "no-sign-in-in-url", "Leave user names and passwords out of the URL."
    FRAGMENT = "no-fragment", "Leave out the part after the #."
    PORT = "port-443-only", "Only port 443 is told."
    HOST = "public-name-only", "The host is a public name with a certificate; no address, no name of an inner network."


class UrlNotAllowedError(AlongsideError):
    """The endpoint's URL is not one that we send to."""

    code = "url-not-allowed"
    kind = Kind.INVALID
    says = "We can't send to this URL."


def check_url(url: str, *, loopback: bool, besides: str = "") -> str:
    """Give a URL that we may send to. Raises UrlNotAllowedError with every reason; nothing is looked up here.

    What a name leads to is judged at the socket, each time. ``loopback``: a demo instance may send to itself,
    and to the one address ``besides``.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UrlNotAllowedError(reasons=(UrlReason.NOT_A_URL,), fields=("url",)) from None
    at_home = loopback and host in _LOOPBACK | {besides} and parts.scheme in {"http", "https"}
    wrong = [
        reason
        for reason, is_wrong in (
            (UrlReason.NOT_A_URL, re.fullmatch(r"[!-~]{8,2000}", url) is None or "\\" in url or not host),
            (UrlReason.SCHEME, parts.scheme != "https" and not at_home),
            (UrlReason.CREDENTIALS, "@" in parts.netloc),
            (UrlReason.FRAGMENT, "#" in url),
            (UrlReason.PORT, port not in {None, 443} and not at_home),
            (UrlReason.HOST, not at_home and not _public_name(host)),
        )
        if is_wrong
    ]
    if wrong:
        raise UrlNotAllowedError(reasons=tuple(wrong), fields=("url",))
    return url


def _public_name(host: str) -> bool:
    if host.rpartition(".")[2] in _NOT_PUBLIC or "xn--" in host:
        return False
    return _HOST.match(host) is not None


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the open internet, and carries no other address inside."""
    ip = ipaddress.ip_address(address)
    if not ip.is_global or ip.is_multicast or any(ip in network for network in _SPECIAL):
        return False
    return isinstance(ip, ipaddress.IPv4Address) or ip in _GLOBAL_V6


def is_loopback(address: str) -> bool:
    """Say whether an IP address is this machine itself."""
    return ipaddress.ip_address(address).is_loopback
