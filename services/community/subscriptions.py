"""What community does when a time has come. It listens to nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.community.route.handlers import TEST_DUE, reminding

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.community.store import CommunityStore
    from shared.due import DueHandlers
    from shared.ports import Rulebook


def due(rulebook: Callable[[], Rulebook]) -> DueHandlers[CommunityStore]:
    """Give the timers by their kind; ``rulebook`` gives the one in force."""
    return {TEST_DUE: reminding(rulebook)}
