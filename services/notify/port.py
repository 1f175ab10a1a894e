"""What notify does for other services at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.notify.message.sender import Sender


class Notify:
    """Implements ``shared.ports.NotifyPort``."""

    def __init__(self, sender: Sender) -> None:
        """Keep the message loop."""
        self.sender = sender

    async def send_link(self, email: str, token: str) -> None:
        """Queue a sign-in mail. It is kept in memory only, and sent at most once."""
        self.sender.add_link(email, token)
