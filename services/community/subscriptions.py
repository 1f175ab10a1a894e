"""What community does when a time has come. It listens to nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.community.route.handlers import TEST_DUE, remind_of_test

if TYPE_CHECKING:
    from services.community.store import CommunityStore
    from shared.due import DueHandlers

DUE: DueHandlers[CommunityStore] = {TEST_DUE: remind_of_test}
