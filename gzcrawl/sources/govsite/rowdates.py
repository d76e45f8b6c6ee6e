"""The date a row of a list shows: whole, `[06-01]` without a year, or split over elements (`01` above `2025-06`)."""

from __future__ import annotations

import re
from datetime import datetime

from gzcrawl.items import SHANGHAI, Precision
from gzcrawl.sources.govsite import labels
from gzcrawl.sources.govsite.dates import dates_in, plain, read_date
from gzcrawl.sources.govsite.urls import url_date
from gzcrawl.sources.times import Moment, read_time

_EDGE = r"(?:^|[\s\[(（【|·])"
_END = r"(?=$|[\s\])）】|·])"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = r"(?P<month>1[0-2]|0?[1-9])"
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_SPLIT = tuple(
    re.compile(_EDGE + pattern + _END)
    for pattern in (
        rf"{_DAY}日?\s+{_YEAR}\s?[-/.年]\s?{_MONTH}月?",  # 01 / 2025-06
        rf"{_YEAR}\s?[-/.年]\s?{_MONTH}月?\s+{_DAY}日?",  # 2025-06 / 01
        rf"{_MONTH}\s?[-/.月]\s?{_DAY}日?\s+{_YEAR}年?",  # 06-01 / 2025
        rf"{_YEAR}年?\s+{_MONTH}\s?[-/.月]\s?{_DAY}日?",  # 2025 / 06-01
    )
)
_SHORT = re.compile(rf"{_EDGE}{_MONTH}\s?[-/月.]\s?{_DAY}日?(?P<clock>\s\d\d?:\d\d)?{_END}")
_PACKED = re.compile(
    rf"{_EDGE}(?:{_YEAR}|(?P<short>[0-3]\d)(?=[-/.]))[-/.]?(0[1-9]|1[0-2])[-/.]?(0[1-9]|[12]\d|3[01]){_END}"
)  # 20251119, 25-11-19
_RELATIVE = re.compile(rf"{_EDGE}(刚刚|(?:今天|昨天|前天)(?:\s*\d\d?:\d\d)?|\d{{1,3}}\s?(?:分钟|小时)前){_END}")


def row_date(around: str, now: datetime) -> Moment | None:
    """The date in the text beside a row's title; one of tomorrow or later is a mistake (or a deadline)."""
    text = plain(around)
    moments = [found.moment for found in labels.labelled_dates(text, labels.PUBLISHED)]
    for piece in re.split(r"[\n\x1f]", text):  # a date on its own before one in a summary
        moments += [found.moment for found in dates_in(piece) if len(piece.strip()) <= found.end - found.start + 2]
    for pattern in _SPLIT:
        if found := pattern.search(text):
            moments += filter(None, [read_date(f"{found['year']}-{found['month']}-{found['day']}")])
    if found := _RELATIVE.search(text):
        moments += filter(None, [read_time(found[1].replace(" ", ""), now)])
    if found := _SHORT.search(text):
        moments += filter(None, [read_time(f"{found['month']}-{found['day']}{found['clock'] or ''}", now)])
    moments += [found.moment for found in dates_in(text)]
    for found in _PACKED.finditer(text):
        moments += filter(None, [read_date(f"{found['year'] or 20}{found['short'] or ''}-{found[3]}-{found[4]}")])
    return next((moment for moment in moments if moment.at <= now), None)


def with_address(moment: Moment | None, around: str, url: str, now: datetime) -> Moment | None:
    """The row's date, completed by the one in its address: the year of `[11-07]`, or all of it."""
    address = url_date(url)
    if address is None or address.at > now:
        return moment
    if moment is None:
        return address
    local, named = moment.at.astimezone(SHANGHAI), address.at.astimezone(SHANGHAI)
    yearless = str(local.year) not in plain(around)
    same_day = (local.month, local.day) == (named.month, named.day) or address.precision is Precision.MONTH
    if yearless and local.month == named.month and same_day and local.year != named.year:
        return Moment(local.replace(year=named.year).astimezone(moment.at.tzinfo), moment.precision)
    return moment
