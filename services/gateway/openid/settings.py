"""Which provider people sign in by (``ALONGSIDE_OPENID_…``), from the environment or the folder of secrets."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class OpenIdSettings(BaseSettings):
    """One provider; none while ``issuer`` is empty.

    ``id`` and ``secret`` are what the provider knows this place by, ``name`` what people are shown. ``claim`` holds
    the e-mail address that finds its owner; the provider must say that it has verified it. ``return_url`` is where the
    provider sends the browser back to, as it was told when the place was registered there.
    """

    model_config = SettingsConfigDict(
        env_prefix="ALONGSIDE_OPENID_", extra="ignore", secrets_dir=os.environ.get("ALONGSIDE_SECRETS")
    )

    issuer: str = ""
    id: str = ""
    secret: SecretStr = SecretStr("")
    name: str = "another sign-in"
    claim: str = "email"
    return_url: str = ""

    @field_validator("issuer")
    @classmethod
    def _is_safe(cls, issuer: str) -> str:
        if issuer and not safe(issuer):
            raise ValueError("https")
        return issuer


def safe(url: str) -> bool:
    """Say whether a secret may be sent there: over TLS, or on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
