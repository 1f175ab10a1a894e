"""Settings of a process, from the environment (``ALONGSIDE_…``) and a folder of secrets; nothing secret is
printed.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an instance can be told. ``demo`` opens loopback to webhooks and lets a test move the clock."""

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
