"""How a message leaves: SMTP, and texts and mails through GOV.UK Notify. What blocks runs in threads of its own."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from services.notify.message.texts import SUBJECT
from shared.ports import Channel

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from shared.settings import Settings

SECONDS = 10.0
THREADS = 16
PERMANENT_REPLY = 500
"""From here on an SMTP reply will be the same the next time (RFC 5321)."""
PERMANENT = range(400, 500)
BUSY = frozenset({408, 425, 429})


class NotTakenError(Exception):
    """The channel did not take the message. ``permanent``: it will not take it by this way."""

    def __init__(self, *, permanent: bool) -> None:
        """Carry nothing of the message or the address."""
        super().__init__("not taken")
        self.permanent = permanent


class Channels:
    """The channels that an instance's settings name."""

    def __init__(self, settings: Settings) -> None:
        """Connect to nothing yet."""
        self.settings = settings
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="message")
        by_notify = bool(settings.notify_url and settings.notify_key.get_secret_value())
        self._by: dict[Channel, Callable[[str, str, UUID], None]] = {}
        if by_notify and settings.notify_text_template:
            self._by[Channel.TEXT] = self._text
        if settings.smtp_url:
            self._by[Channel.EMAIL] = self._mail
        elif by_notify and settings.notify_email_template:
            self._by[Channel.EMAIL] = self._mail_by_notify

    @property
    def usable(self) -> frozenset[Channel]:
        """Give the channels by which something can be sent."""
        return frozenset(self._by)

    async def send(self, channel: Channel, address: str, body: str, message_id: UUID) -> None:
        """Send one message. Raises NotTakenError. ``message_id`` lets whoever carries it know a repeat."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, self._by[channel], address, body, message_id)

    async def close(self) -> None:
        """Let the threads go; one that is sending ends by its own time limit."""
        self._threads.shutdown(wait=False)

    def _mail(self, address: str, body: str, message_id: UUID) -> None:
        try:
            with _connection(self.settings.smtp_url) as smtp:
                smtp.send_message(_written(self.settings.mail_from, address, body, message_id))
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
            raise NotTakenError(permanent=_is_permanent(error)) from None
        except (smtplib.SMTPException, OSError, ValueError):
            raise NotTakenError(permanent=False) from None

    def _text(self, address: str, body: str, message_id: UUID) -> None:
        template = self.settings.notify_text_template
        self._notify(
            lambda api: api.send_sms_notification(address, template, {"body": body}, reference=str(message_id))
        )

    def _mail_by_notify(self, address: str, body: str, message_id: UUID) -> None:
        template, filled = self.settings.notify_email_template, {"subject": SUBJECT, "body": body}
        self._notify(lambda api: api.send_email_notification(address, template, filled, reference=str(message_id)))

    def _notify(self, send: Callable[[Any], object]) -> None:
        """Call GOV.UK Notify with an object of this thread's own: theirs is not thread-safe."""
        # Slow to load: imported by the first text, not by every start.
        from notifications_python_client.errors import HTTPError  # noqa: PLC0415
        from notifications_python_client.notifications import NotificationsAPIClient  # noqa: PLC0415

        settings = self.settings
        maker: Any = NotificationsAPIClient
        api = maker(settings.notify_key.get_secret_value(), settings.notify_url, timeout=SECONDS)
        try:
            send(api)
        except HTTPError as error:
            permanent = error.status_code in PERMANENT and error.status_code not in BUSY
            raise NotTakenError(permanent=permanent) from None
        except (OSError, ValueError):
            raise NotTakenError(permanent=False) from None
        finally:
            api.request_session.close()


def _written(sender: str, address: str, body: str, message_id: UUID) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = address
    mail["Subject"] = SUBJECT
    mail["Message-ID"] = f"<{message_id}@alongside>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body)
    return mail


@cache
def _tls() -> ssl.SSLContext:
    """Read the machine's certificates once: it takes 30 ms of a core, more than all else of a mail."""
    return ssl.create_default_context()


def _connection(url: str) -> smtplib.SMTP:
    """Open ``smtp://``, ``smtp+starttls://`` or ``smtps://[name:password@]host[:port]``."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=_tls())
    else:
        smtp = smtplib.SMTP(host, parts.port or 25, timeout=SECONDS)
    if parts.scheme == "smtp+starttls":
        smtp.starttls(context=_tls())
    if parts.username:
        smtp.login(unquote(parts.username), unquote(parts.password or ""))
    return smtp


def _is_permanent(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException) -> bool:
    codes = (
        [code for code, _ in error.recipients.values()]
        if isinstance(error, smtplib.SMTPRecipientsRefused)
        else [error.smtp_code]
    )
    return all(code >= PERMANENT_REPLY for code in codes)
