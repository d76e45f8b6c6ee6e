"""Working days against the official schedules of 2024 to 2026 (notices of 2023-10-25, 2024-11-12 and 2025-11-04)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzcrawl.items import SHANGHAI
from scheduler.calendar import Calendar, CalendarError, load_overrides

OFF = {
    2024: "01-01; 02-10~02-17; 04-04~04-06; 05-01~05-05; 06-10; 09-15~09-17; 10-01~10-07",
    2025: "01-01; 01-28~02-04; 04-04~04-06; 05-01~05-05; 05-31~06-02; 10-01~10-08",
    2026: "01-01~01-03; 02-15~02-23; 04-04~04-06; 05-01~05-05; 06-19~06-21; 09-25~09-27; 10-01~10-07",
}
MAKE_UP = {
    2024: "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}
WORKDAYS = {2024: 251, 2025: 248, 2026: 248}


def days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def official(year: int) -> dict[date, bool]:
    off: set[date] = set()
    for run in OFF[year].split("; "):
        start, _, end = run.partition("~")
        day, last = date.fromisoformat(f"{year}-{start}"), date.fromisoformat(f"{year}-{end or start}")
        while day <= last:
            off.add(day)
            day += timedelta(days=1)
    make_up = {date.fromisoformat(f"{year}-{day}") for day in MAKE_UP[year].split()}
    return {day: day in make_up or (day.weekday() < 5 and day not in off) for day in days(year)}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize("year", OFF)
def test_every_day_is_what_the_state_council_scheduled(year: int) -> None:
    schedule, calendar = official(year), Calendar()
    assert {day: calendar.is_workday(day) for day in days(year)} == schedule
    assert sum(schedule.values()) == WORKDAYS[year]


@pytest.mark.parametrize("year", OFF)
def test_a_second_library_agrees(year: int) -> None:
    other, calendar = holidays.country_holidays("CN", years=year), Calendar()
    assert [d for d in days(year) if other.is_working_day(d) != calendar.is_workday(d)] == []


@pytest.mark.parametrize(
    ("published", "due"),
    [
        ("2025-10-13 09:00", "2025-10-15 00:00"),  # Monday: by the end of Tuesday
        ("2025-09-19 23:50", "2025-09-23 00:00"),  # Friday night: Monday
        ("2025-09-26 23:50", "2025-09-29 00:00"),  # Friday before a make-up Sunday
        ("2025-10-10 10:00", "2025-10-12 00:00"),  # Friday before a make-up Saturday
        ("2025-09-30 17:30", "2025-10-10 00:00"),  # the eve of National Day
        ("2025-10-03 12:00", "2025-10-10 00:00"),  # in the middle of it: the first working day after
        ("2025-01-27 23:59", "2025-02-06 00:00"),  # the eve of Spring Festival
        ("2026-02-13 10:00", "2026-02-15 00:00"),  # Friday before the make-up Saturday 02-14
        ("2026-02-15 10:00", "2026-02-25 00:00"),  # a holiday: the first working day, not the second
        ("2025-12-31 23:59", "2026-01-05 00:00"),  # year end: Sunday 01-04 is a make-up day
        ("2025-06-01 00:00", "2025-06-04 00:00"),
    ],
)
def test_one_working_day_ends_with_the_next_working_day(published: str, due: str) -> None:
    found = Calendar().deadline(local(published), 1)
    assert found.at.astimezone(SHANGHAI) == local(due)
    assert not found.provisional


@pytest.mark.parametrize(
    ("published", "due"),
    [
        ("2025-10-10 10:00", "2025-10-11 10:00"),
        ("2025-09-19 23:50", "2025-09-22 23:50"),
        ("2025-10-03 12:00", "2025-10-10 00:00"),
    ],
)
def test_same_time_means_the_clock_time_of_the_next_working_day(published: str, due: str) -> None:
    assert Calendar().deadline(local(published), 1, "same_time").at.astimezone(SHANGHAI) == local(due)


def test_a_year_without_a_schedule_is_judged_by_weekdays_and_marked() -> None:
    found = Calendar().deadline(local("2028-06-02 10:00"), 1)  # a Friday
    assert found.at.astimezone(SHANGHAI) == local("2028-06-06 00:00")
    assert found.provisional


def test_an_override_goes_before_the_library(tmp_path: Path) -> None:
    file = tmp_path / "2028.json"
    file.write_text(
        json.dumps({"days": [{"name": "高温停工", "date": "2028-06-05", "isOffDay": True}]}), encoding="utf-8"
    )
    calendar = Calendar(load_overrides(file))
    assert calendar.next_workday(date(2028, 6, 2)) == date(2028, 6, 6)
    assert calendar.is_known(date(2028, 6, 5))


@pytest.mark.parametrize("content", ["", "[]", '{"days": [{}]}', '{"days": [{"date": "x", "isOffDay": true}]}'])
def test_a_broken_override_file_is_one_clear_error(tmp_path: Path, content: str) -> None:
    file = tmp_path / "calendar.json"
    file.write_text(content)
    with pytest.raises(CalendarError, match=r"calendar\.json"):
        load_overrides(file)


def test_working_time_skips_days_off() -> None:
    calendar = Calendar()
    assert calendar.working_time(local("2025-09-30 12:00"), local("2025-10-09 12:00")) == timedelta(hours=24)
    assert calendar.working_time(local("2025-10-09 12:00"), local("2025-10-09 11:00")) == timedelta()


@given(
    st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2026, 12, 20), timezones=st.just(UTC)),
    st.integers(min_value=1, max_value=5),
)
def test_a_deadline_lies_after_its_start_and_ends_a_working_day(start: datetime, workdays: int) -> None:
    calendar = Calendar()
    due = calendar.deadline(start, workdays).at
    assert due > start
    assert calendar.is_workday((due.astimezone(SHANGHAI) - timedelta(microseconds=1)).date())
    assert calendar.working_time(start, due) >= timedelta(days=workdays)
