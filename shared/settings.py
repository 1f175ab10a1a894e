"""Settings of a process, from the environment (``ALONGSIDE_…``) and a folder of secrets; nothing secret is
printed.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Run(StrEnum):
    """What a process does of its services: answer the public, turn their loops, or both."""

    WEB = "web"
    WORK = "work"
    BOTH = "both"


CONNECT_MS, REQUEST_MS = 4_000, 4_000
"""How long Kafka may take to be reached, and to answer."""


class KafkaSettings(BaseSettings):
    """Where Kafka is and how it is spoken to (``ALONGSIDE_KAFKA_…``). ``replication`` -1 and ``min_insync`` 0 leave
    both to the brokers; after ``session_ms`` a lost consumer's partitions are another's (DESIGN: at most 10 s).
    """

    model_config = SettingsConfigDict(env_prefix="ALONGSIDE_KAFKA_", extra="ignore")

    servers: str = ""
    """``host:port,…``; when empty, the bus is a log in SQLite."""
    tls: bool = False
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    sasl: str | None = None
    name: str | None = None
    password: SecretStr = SecretStr("")
    replication: int = -1
    min_insync: int = 0
    session_ms: int = 8_000

    def told(self) -> dict[str, Any]:
        """Give what every kind of connection is told, in kafka-python's words."""
        return {
            "bootstrap_servers": self.servers.split(","),
            "bootstrap_timeout_ms": CONNECT_MS,
            "request_timeout_ms": REQUEST_MS,
            "reconnect_backoff_max_ms": 1_000,
            "security_protocol": ("SASL_" if self.sasl else "") + ("SSL" if self.tls else "PLAINTEXT"),
            "ssl_cafile": self.ca_file,
            "ssl_certfile": self.cert_file,
            "ssl_keyfile": self.key_file,
            "sasl_mechanism": self.sasl,
            "sasl_plain_username": self.name,
            "sasl_plain_password": self.password.get_secret_value() or None,
        }


class Settings(BaseSettings):
    """What an instance can be told. ``demo`` opens loopback to webhooks and lets a test move the clock.

    ``services`` says where those live that run elsewhere: ``{"consent": ["http://consent-1:8000", …]}``. ``keys`` is
    the folder of the services' keys (``data/keys`` when not said). ``drain_seconds``: for how long a process that is
    told to stop goes on answering, so that whoever sends it requests has seen that it is not ready. Any of these may
    lie in a file, named as its variable in small letters, in the folder that ``ALONGSIDE_SECRETS`` names.
    """

    model_config = SettingsConfigDict(
        env_prefix="ALONGSIDE_", extra="ignore", secrets_dir=os.environ.get("ALONGSIDE_SECRETS")
    )

    data: Path = Path("alongside-data")
    base_url: str = "http://127.0.0.1:8000"
    demo: bool = False
    demo_host: str = ""
    """The one other address that a demo may send webhooks to: where its receivers listen, outside a container."""
    smtp_url: str = ""
    mail_from: str = "alongside@localhost"
    notify_url: str = ""
    notify_key: SecretStr = SecretStr("")
    notify_text_template: str = ""
    notify_email_template: str = ""
    metrics_token: SecretStr = SecretStr("")
    traces_url: str = ""
    """Where spans go: a collector's whole address, OTLP over HTTP (``http://…:4318/v1/traces``); else nowhere."""
    traces_part: float = Field(0.1, ge=0, le=1)
    """The part of all stories that are followed; the same in every process, or what is followed has gaps."""
    time_zone: str = "Europe/London"
    leave_to: str = "https://www.bbc.co.uk/weather"
    """Where *leave this page* goes: somewhere that anybody might be."""
    role: Run = Run.BOTH
    services: dict[str, list[str]] = {}
    keys: Path | None = None
    drain_seconds: float = 0.0
    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
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
