"""Working days: Monday to Friday in the place's own time, but for England's bank holidays.

The holidays are a dated file (``bank_holidays.json``; its source is gov.uk). Past its last year every weekday counts,
so that an answer can only be due too early, never too late.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/London")
SATURDAY = 5
_FILE = json.loads(files(__package__).joinpath("bank_holidays.json").read_text())
BANK_HOLIDAYS = frozenset(date.fromisoformat(each) for each in _FILE["dates"])


def is_working_day(day: date) -> bool:
    """Say whether people are at work on ``day``."""
    return day.weekday() < SATURDAY and day not in BANK_HOLIDAYS


def after_working_days(start: datetime, days: int) -> datetime:
    """Give the same local time of day ``days`` working days after ``start``, in the zone of ``start``.

    A start on a day that is none counts from that moment: two working days after a Saturday noon is Tuesday noon.
    """
    local, left = start.astimezone(LOCAL), days
    while left > 0:
        local += timedelta(days=1)
        left -= is_working_day(local.date())
    return local.astimezone(start.tzinfo)
