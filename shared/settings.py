"""Settings of a process, from the environment (``ALONGSIDE_…``) and a folder of secrets; nothing secret is
printed.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from urllib.parse import quote, urlsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Run(StrEnum):
    """What a process does of its services: answer the public, turn their loops, or both."""

    WEB = "web"
    WORK = "work"
    BOTH = "both"


class Settings(BaseSettings):
    """What an instance can be told. ``demo`` opens loopback to webhooks and lets a test move the clock.

    ``services`` says where those live that run elsewhere: ``{"consent": ["http://consent-1:8000", …]}``. ``keys`` is
    the folder of the services' keys (``data/keys`` when not said). ``drain_seconds``: for how long a process that is
    told to stop goes on answering, so that whoever sends it requests has seen that it is not ready.
    """

    model_config = SettingsConfigDict(env_prefix="ALONGSIDE_", extra="ignore")

    data: Path = Path("alongside-data")
    base_url: str = "http://127.0.0.1:8000"
    demo: bool = False
    smtp_url: str = ""
    mail_from: str = "alongside@localhost"
    notify_url: str = ""
    notify_key: SecretStr = SecretStr("")
    notify_text_template: str = ""
    notify_email_template: str = ""
    metrics_token: SecretStr = SecretStr("")
    time_zone: str = "Europe/London"
    role: Run = Run.BOTH
    services: dict[str, list[str]] = {}
    keys: Path | None = None
    drain_seconds: float = 0.0
    database_url: SecretStr = SecretStr("")
    """PostgreSQL, as ``postgresql://{service}@host/alongside_{service}``; when empty, SQLite in ``data``."""
    database_owner_url: SecretStr = SecretStr("")
    """The same for who makes the tables; only `alongside migrate` is told it."""
    database_passwords: Path | None = None
    """A folder with a file for each role, named as the role, that holds its password."""
    database_connections: int = 8
    """How many connections each service has at most; the sum over all processes must stay under the server's."""

    def database_of(self, service: str, *, owner: bool = False) -> str:
        """Give a service's database with its role (or the owner's) and password; for PostgreSQL only."""
        template = self.database_owner_url if owner else self.database_url
        parts = urlsplit(template.get_secret_value().replace("{service}", service))
        if self.database_passwords is None or parts.password is not None:
            return parts.geturl()
        secret = (self.database_passwords / str(parts.username)).read_text().strip()
        where = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=f"{parts.username}:{quote(secret, safe='')}@{where}").geturl()
