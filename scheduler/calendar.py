"""Working days of the State Council's yearly schedule, and deadlines in them.

Years come from chinesecalendar (exact for 2024-2026, and it says so when it does not know a year). For an unknown year
weekdays are taken and the result is marked provisional. An override file, in the schema of holiday-cn
(`{"days": [{"name", "date", "isOffDay"}]}`), goes before both: a schedule just published, a local closure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import chinese_calendar

from gzcrawl.items import SHANGHAI

Mode = Literal["end_of_day", "same_time"]


class CalendarError(ValueError):
    """The override file is not what it must be."""


@dataclass(frozen=True, slots=True)
class Deadline:
    at: datetime  # UTC; the first instant that is too late
    provisional: bool  # a year's official schedule was not known


@dataclass(frozen=True)
class Calendar:
    """`overrides`: day -> is a working day."""

    overrides: Mapping[date, bool] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        if day in self.overrides:
            return self.overrides[day]
        scheduled = _scheduled(day)
        return day.weekday() < 5 if scheduled is None else scheduled

    def is_known(self, day: date) -> bool:
        """Whether the official schedule of that day is known."""
        return day in self.overrides or _scheduled(day) is not None

    def next_workday(self, day: date) -> date:
        """The first working day after `day`. From a holiday too: chinesecalendar's find_workday would skip one."""
        following = day + timedelta(days=1)
        while not self.is_workday(following):
            following += timedelta(days=1)
        return following

    def deadline(self, start: datetime, workdays: int, mode: Mode = "end_of_day") -> Deadline:
        """`workdays` working days after `start`.

        `end_of_day`: 24:00 (Asia/Shanghai) of the last working day, the day of `start` not counted: what is published
        on Friday at 23:50 with one working day is due on Monday at 24:00. `same_time`: that day at the clock time of
        `start`; what starts on a day off counts as starting at 00:00 of the next working day.
        """
        local = start.astimezone(SHANGHAI)
        day = first = local.date()
        for _ in range(workdays):
            day = self.next_workday(day)
        if mode == "end_of_day":
            at = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
        elif self.is_workday(first):
            at = datetime.combine(day, local.timetz())
        else:
            at = datetime.combine(self.next_workday(day), time(), SHANGHAI)
        days = (first + timedelta(days=n) for n in range((day - first).days + 1))
        return Deadline(at.astimezone(UTC), provisional=not all(map(self.is_known, days)))

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """The time between two instants that lies in working days (24 hours each); zero when `end` is not later."""
        total = timedelta()
        at, end = start.astimezone(SHANGHAI), end.astimezone(SHANGHAI)
        while at < end:
            midnight = datetime.combine(at.date() + timedelta(days=1), time(), SHANGHAI)
            if self.is_workday(at.date()):
                total += min(midnight, end) - at
            at = midnight
        return total


@cache
def _scheduled(day: date) -> bool | None:
    """Whether the official schedule makes it a working day; None: the library does not have that year's."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


def load_overrides(path: Path) -> dict[date, bool]:
    """Read an override file; `CalendarError` says what is wrong with it."""
    try:
        days = json.loads(path.read_text(encoding="utf-8"))["days"]
        return {date.fromisoformat(day["date"]): not day["isOffDay"] for day in days}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CalendarError(
            f'日历文件 {path} 无法使用（{error}）。格式：{{"days": [{{"name": "春节", "date": "2027-02-06", "isOffDay": true}}]}}'
        ) from error
