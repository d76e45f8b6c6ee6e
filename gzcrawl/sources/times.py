"""Publication times as the platforms write them: full, short and relative forms, each with its precision.

All of them mean Asia/Shanghai unless they carry an offset; what is returned is UTC. A form that is not known gives
None, never a guess: an invented date would accuse somebody.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gzcrawl.items import SHANGHAI, Precision

_YEARS = range(2000, 2100)  # outside of it a number is no publication time
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# "Wed Aug 24 22:03:13 +0800 2022". strptime's %a %b depend on the locale, so the month is read by hand.
_FULL = re.compile(
    r"[a-z]{3}\s+([a-z]{3})\s+(\d{1,2})\s+(\d{2}):(\d{2}):(\d{2})\s+([+-])(\d{2}):?(\d{2})\s+(\d{4})$", re.I
)
_AGO = re.compile(r"(\d{1,4})\s*(秒|分钟|小时)前$")
_CLOCK = r"(?:\s*(?P<hour>\d{1,2})[:：](?P<minute>\d{2})(?:[:：](?P<second>\d{2})(?:\.\d+)?)?)"
_DAY_WORD = re.compile(rf"(?P<word>今天|昨天|前天){_CLOCK}?$")
_DATE = re.compile(
    rf"(?:(?P<year>\d{{4}}|\d{{2}})(?:-|/|\.|年)\s*)?(?P<month>\d{{1,2}})(?:-|/|\.|月)\s*(?P<day>\d{{1,2}})日?T?{_CLOCK}?$"
)
_LONGEST = 64  # characters; longer texts are no times
_DAYS_BACK = {"今天": 0, "昨天": 1, "前天": 2}


class Moment(NamedTuple):
    """An instant in UTC and how exactly it is known (`gzcrawl.items.interval` says for which span it stands)."""

    at: datetime
    precision: Precision


def epoch(value: object) -> Moment | None:
    """Seconds (10 digits) or milliseconds (13) since 1970, as a number or a string of digits."""
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{9,10}|[0-9]{13}", text):
        return None
    seconds = int(text[:10]) if len(text) == 13 else int(text)
    at = datetime.fromtimestamp(seconds, UTC)
    return Moment(at, Precision.SECOND) if at.year in _YEARS else None


def read_time(text: str, now: datetime) -> Moment | None:
    """Any form the platforms use, relative ones included; `now` is when the page was fetched (aware)."""
    text = text.partition("来自")[0].strip()[:_LONGEST]
    local = now.astimezone(SHANGHAI)
    if text in ("刚刚", "刚才"):
        return _minute(now)
    if found := _AGO.match(text):
        return _ago(int(found[1]), found[2], now)
    if found := _DAY_WORD.match(text):
        day = local.date() - timedelta(days=_DAYS_BACK[found["word"]])
        return _not_after(now, _build(day.year, day.month, day.day, found), timedelta(days=1))
    if (found := _DATE.match(text)) and not found["year"]:
        return _without_year(found, local)
    return absolute_time(text)


def absolute_time(text: str) -> Moment | None:
    """Forms that name the year, so that no clock is needed."""
    text = text.strip()[:_LONGEST]
    if found := _FULL.match(text):
        return _full(found)
    if (found := _DATE.match(text)) and found["year"]:
        year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
        return _build(year, int(found["month"]), int(found["day"]), found)
    return None


def _full(found: re.Match[str]) -> Moment | None:
    month, day, hour, minute, second, sign, off_hours, off_minutes, year = found.groups()
    if month.lower() not in _MONTHS or int(year) not in _YEARS:
        return None
    offset = timedelta(hours=int(off_hours), minutes=int(off_minutes)) * (1 if sign == "+" else -1)
    number = _MONTHS.index(month.lower()) + 1
    try:
        at = datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=UTC) - offset
    except ValueError:
        return None
    return Moment(at, Precision.SECOND)


def _ago(number: int, unit: str, now: datetime) -> Moment:
    if unit == "小时":
        return Moment(now.astimezone(UTC).replace(microsecond=0) - timedelta(hours=number), Precision.HOUR)
    return _minute(now - (timedelta(minutes=number) if unit == "分钟" else timedelta(seconds=number)))


def _minute(at: datetime) -> Moment:
    return Moment(at.astimezone(UTC).replace(second=0, microsecond=0), Precision.MINUTE)


def _without_year(found: re.Match[str], local: datetime) -> Moment | None:
    """`07-14`: this year, or the year before if that still lies in the future (read on New Year's day)."""
    for year in (local.year, local.year - 1):
        moment = _build(year, int(found["month"]), int(found["day"]), found)
        if moment and moment.at <= local:
            return moment
    return None


def _build(year: int, month: int, day: int, clock: re.Match[str]) -> Moment | None:
    """A local date with the clock time of the match, if it has one."""
    if year not in _YEARS:
        return None
    parts = [int(clock[name]) for name in ("hour", "minute", "second") if clock[name]]
    hour, minute, second = (*parts, 0, 0, 0)[:3]
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
    except ValueError:
        return None
    precision = (Precision.DAY, Precision.DAY, Precision.MINUTE, Precision.SECOND)[len(parts)]
    return Moment(local.astimezone(UTC), precision)


def _not_after(now: datetime, moment: Moment | None, step: timedelta) -> Moment | None:
    """`今天 23:59` read at 00:01 was written before midnight: one step earlier."""
    if moment and moment.at > now:
        return Moment(moment.at - step, moment.precision)
    return moment
