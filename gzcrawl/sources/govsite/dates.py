"""Dates in the text of government pages: `2019-09-18 06:23`, `2024年05月10日06:58`, full-width digits, split spans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from gzcrawl.items import SHANGHAI, Precision
from gzcrawl.sources.times import Moment, epoch

_WIDE = {ord("０") + n: str(n) for n in range(10)}
_WIDE |= {ord(c): ":" for c in "：︰﹕∶"} | {ord(c): "-" for c in "－—–‐‑−﹣―"} | {ord(c): "/" for c in "／∕"}
_WIDE |= {ord(c): " " for c in "\u00a0\u3000\u2002\u2003\u2009\u200b\ufeff\t\r"} | {ord("．"): "."}

_CLOCK = r"""
    (?: \s{0,8} | (?P<iso>T) | \s?- )
    (?:\(?(?:星期|周)[一二三四五六日天]\)?\s{0,3})? (?P<half>上午|下午)? \s{0,3}
    (?P<hour>[01]?\d|2[0-4]) \s? (?: : | 时 | 点 ) \s? (?P<minute>[0-5]\d) (?!\d) 分?
    (?: \s?:?\s? (?P<second>[0-5]\d) (?!\d|:) )?
    (?(iso) (?:\.\d{1,9})? (?P<offset>Z|[+-]\d\d:?\d\d)? )"""
_DATE = re.compile(
    rf"""(?<![\d.]) (?P<year>(?:19|20)\d\d)
    (?: \s{{0,3}} [-/.年] \s{{0,3}} (?P<month>1[0-2]|0?[1-9]) \s{{0,3}} [-/.月] \s{{0,3}}
      # news.cn 2023 has the year, the day and the time in spans of their own
      | \s{{1,8}} (?P<month_of_split>1[0-2]|0[1-9]) \s{{0,3}} [-/] \s{{0,3}} (?=\d\d\s{{1,8}}\d\d:) )
    (?P<day>3[01]|[12]\d|0?[1-9]) \s? [日号]?
    (?: {_CLOCK} | (?!\d|\.\d) )""",
    re.X,
)
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?P<clock>\d{6})?$")
_GAP = re.compile(r"[\s\[(（【\])）】]{0,12}")
_DIGITS = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_HAN = "〇一二三四五六七八九"
_ZEROS = dict.fromkeys(map(ord, "○零Ｏ０"), "〇")
_CHINESE = re.compile(rf"([一二][{_HAN}○零Ｏ]{{3}})年(十?[{_HAN}]|十)月([二三]?十?[{_HAN}]|[二三]?十)日")
_NO_TIME = ((0, 0, 0), (23, 59, 59))
"""Times of day that stand for "none": editors fill a date field and the system adds midnight."""


class Found(NamedTuple):
    start: int
    end: int
    moment: Moment


def plain(text: str) -> str:
    """The text with full-width digits, colons, dashes and odd spaces made plain; every character keeps its place."""
    return text.translate(_WIDE)


def dates_in(text: str) -> Iterator[Found]:
    """All dates with a year in a text that `plain` has seen, each with its time of day if it has one."""
    for found in _DATE.finditer(text):
        if moment := _moment(found):
            yield Found(found.start(), found.end(), moment)


def date_at(text: str, place: int) -> Moment | None:
    """The date that begins at a place of a text or after a few blanks or a bracket there: behind a label, where
    `20140506` and 二〇一四年五月六日 are dates too.
    """
    begin = _GAP.match(text, place)
    begins = begin.end() if begin else place
    if found := _DATE.match(text, begins):
        return _moment(found)
    if (compact := _DIGITS.match(text, begins)) or (compact := _CHINESE.match(text, begins)):
        year, month, day = (_number(part) for part in compact.groups())
        return _local(year, month, day, None, None, None)
    return None


def _number(digits: str) -> int:
    """`2014`, 二〇一四, 十二, 二十三."""
    if digits.isascii():
        return int(digits)
    tens, ten, ones = digits.partition("十")
    if ten:
        return 10 * (_HAN.index(tens) if tens else 1) + (_HAN.index(ones) if ones else 0)
    return int("".join(str(_HAN.index(char)) for char in digits.translate(_ZEROS)))


def read_date(text: str) -> Moment | None:
    """The date a field holds: as above, `20250601083000`, or an epoch; None if it is not clear."""
    text = plain(text).strip()
    if found := next(dates_in(text), None):
        return found.moment
    if compact := _COMPACT.match(text):
        clock = compact["clock"] or "000000"
        return _local(
            int(compact["year"]), int(compact["month"]), int(compact["day"]), clock[:2], clock[2:4], clock[4:]
        )
    return epoch(text)


def _moment(found: re.Match[str]) -> Moment | None:
    month = found["month"] or found["month_of_split"]
    moment = _local(
        int(found["year"]),
        int(month),
        int(found["day"]),
        found["hour"],
        found["minute"],
        found["second"],
        found["half"],
    )
    offset = found["offset"]
    if moment is None or not offset or moment.precision is Precision.DAY:
        return moment
    hours, minutes = (0, 0) if offset == "Z" else (int(offset[1:3]), int(offset[-2:]))
    if hours > 14:
        return moment
    zone = timezone((-1 if offset[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))
    naive = moment.at.astimezone(SHANGHAI).replace(tzinfo=None)
    return Moment(naive.replace(tzinfo=zone).astimezone(UTC), moment.precision)


def _local(
    year: int, month: int, day: int, hour: str | None, minute: str | None, second: str | None, half: str | None = None
) -> Moment | None:
    """A time of Asia/Shanghai as UTC. Midnight and its last second before are read as "no time of day"."""
    clock = (int(hour or 0), int(minute or 0), int(second or 0))
    if half == "下午" and clock[0] < 12:
        clock = (clock[0] + 12, *clock[1:])
    no_time = hour is None or clock in _NO_TIME or clock[0] == 24
    try:
        local = datetime(year, month, day, *((0, 0, 0) if no_time else clock), tzinfo=SHANGHAI)
    except ValueError:
        return None
    precision = Precision.DAY if no_time else Precision.SECOND if second else Precision.MINUTE
    return Moment(local.astimezone(UTC), precision)
