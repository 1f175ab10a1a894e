"""Working days as clocks count them (J5, J12)."""

from datetime import UTC, date, datetime

from services.pathway.working_days import BANK_HOLIDAYS, after_working_days, is_working_day


def at(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_a_weekend_is_no_working_day__j12() -> None:
    assert after_working_days(at(2026, 11, 20), 1) == at(2026, 11, 23)
    assert after_working_days(at(2026, 11, 21), 2) == at(2026, 11, 24)


def test_a_bank_holiday_is_no_working_day__j12() -> None:
    assert after_working_days(at(2026, 12, 24), 1) == at(2026, 12, 29)


def test_the_time_of_day_is_the_place_s_own_when_the_clocks_change__j12() -> None:
    friday, monday = at(2026, 3, 27, 9), at(2026, 3, 30, 8)
    assert after_working_days(friday, 1) == monday


def test_every_year_of_the_file_has_its_eight_holidays_and_none_at_a_weekend() -> None:
    years = {day.year for day in BANK_HOLIDAYS}
    assert all(sum(day.year == year for day in BANK_HOLIDAYS) == 8 for year in years)
    assert not [day for day in BANK_HOLIDAYS if day.weekday() > 4]


def test_past_the_file_every_weekday_counts() -> None:
    last = max(day.year for day in BANK_HOLIDAYS)
    assert is_working_day(date(last + 40, 1, 1)) is (date(last + 40, 1, 1).weekday() < 5)
