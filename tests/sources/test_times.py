"""Publication times as the platforms write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzcrawl.items import SHANGHAI, Precision, interval
from gzcrawl.sources.times import Moment, absolute_time, epoch, read_time

NOW = datetime(2019, 7, 16, 12, 0, 40, tzinfo=SHANGHAI)
FIRST, LAST = datetime.fromisoformat("2002-01-02"), datetime.fromisoformat("2099-12-30")  # hypothesis adds the zone
CLOCKS = st.datetimes(FIRST, LAST, timezones=st.just(SHANGHAI))


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("Wed Aug 24 22:03:13 +0800 2022", "2022-08-24T22:03:13", Precision.SECOND),
        ("Sun Jun 01 00:53:04 +0800 2025", "2025-06-01T00:53:04", Precision.SECOND),
        ("Tue Aug 25 03:59:06 +0000 2026", "2026-08-25T11:59:06", Precision.SECOND),
        ("刚刚", "2019-07-16T12:00:00", Precision.MINUTE),
        ("30秒前", "2019-07-16T12:00:00", Precision.MINUTE),
        ("5分钟前", "2019-07-16T11:55:00", Precision.MINUTE),
        ("15小时前", "2019-07-15T21:00:40", Precision.HOUR),
        ("今天 08:05", "2019-07-16T08:05:00", Precision.MINUTE),
        ("昨天 12:30", "2019-07-15T12:30:00", Precision.MINUTE),
        ("昨天", "2019-07-15T00:00:00", Precision.DAY),
        ("前天 23:59", "2019-07-14T23:59:00", Precision.MINUTE),
        ("06-27", "2019-06-27T00:00:00", Precision.DAY),
        ("06-27 10:20", "2019-06-27T10:20:00", Precision.MINUTE),
        ("06月17日 18:12 来自微博 weibo.com", "2019-06-17T18:12:00", Precision.MINUTE),
        ("2010-06-18", "2010-06-18T00:00:00", Precision.DAY),
        ("2020-06-17 18:12:03", "2020-06-17T18:12:03", Precision.SECOND),
        ("2025-11-10 12:00", "2025-11-10T12:00:00", Precision.MINUTE),
        ("2018年3月20日", "2018-03-20T00:00:00", Precision.DAY),
        ("18-12-31", "2018-12-31T00:00:00", Precision.DAY),
    ],
)
def test_every_form_has_its_instant_and_precision(text: str, at: str, precision: Precision) -> None:
    assert read_time(text, NOW) == Moment(shanghai(at), precision)


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "去年", "昨天下午", "13-45", "02-30", "2019-02-29", "昨天 25:10", "99999小时前",
        "Wed Foo 24 22:03:13 +0800 2022", "Wed Aug 44 22:03:13 +0800 2022", "0001-01-01", "9999-12-31", "来自 iPhone",
    ],
)  # fmt: skip
def test_a_form_that_is_not_known_gives_no_date(text: str) -> None:
    assert read_time(text, NOW) is None


@pytest.mark.parametrize(
    ("now", "text", "at"),
    [
        ("2020-01-01T00:10:00", "12-31", "2019-12-31T00:00:00"),
        ("2020-01-01T00:00:00", "01-01", "2020-01-01T00:00:00"),
        ("2019-12-31T23:59:59", "01-01", "2019-01-01T00:00:00"),
        ("2021-01-15T08:00:00", "02-29", "2020-02-29T00:00:00"),
        ("2020-01-01T00:10:00", "昨天 23:50", "2019-12-31T23:50:00"),
        ("2020-01-01T00:10:00", "3小时前", "2019-12-31T21:10:00"),
        ("2020-01-01T00:01:00", "今天 23:59", "2019-12-31T23:59:00"),
    ],
)
def test_the_year_changes_in_shanghai(now: str, text: str, at: str) -> None:
    moment = read_time(text, shanghai(now))
    assert moment is not None
    assert moment.at == shanghai(at)


def test_yesterday_is_counted_in_shanghai_whatever_the_zone_of_the_clock() -> None:
    just_after_midnight = datetime(2025, 6, 1, 16, 5, tzinfo=UTC)  # 00:05 of June 2 in Shanghai
    assert read_time("昨天 23:58", just_after_midnight) == Moment(shanghai("2025-06-01T23:58:00"), Precision.MINUTE)


def test_a_short_date_without_a_year_needs_a_clock() -> None:
    assert absolute_time("06-27") is None
    assert absolute_time("昨天") is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(1762747210, 1762747210), ("1762747210", 1762747210), ("1762747210123", 1762747210), (" 1498642262 ", 1498642262)],
)
def test_epochs_are_read_in_seconds_and_milliseconds(value: object, seconds: int) -> None:
    assert epoch(value) == Moment(datetime.fromtimestamp(seconds, UTC), Precision.SECOND)


@pytest.mark.parametrize("value", ["", "0", 0, True, None, "abc", "１７６２７４７２１０", "17627472101", 10**30, "²"])
def test_a_number_that_is_no_epoch_gives_no_date(value: object) -> None:
    assert epoch(value) is None


@given(CLOCKS, st.timedeltas(timedelta(0), timedelta(days=364)))
def test_a_short_date_finds_its_day_again_within_a_year(now: datetime, age: timedelta) -> None:
    then = now - age
    moment = read_time(then.strftime("%m-%d"), now)
    assert moment is not None
    begin, end = interval(*moment)
    assert begin <= then < end


@given(CLOCKS, st.integers(0, 59))
def test_minutes_ago_are_never_in_the_future_and_at_most_a_minute_off(now: datetime, minutes: int) -> None:
    moment = read_time(f"{minutes}分钟前", now)
    assert moment is not None
    assert timedelta(0) <= now - timedelta(minutes=minutes) - moment.at < timedelta(minutes=1)


@given(CLOCKS, st.integers(1, 23), st.timedeltas(timedelta(0), timedelta(minutes=59, seconds=59)))
def test_hours_ago_stand_for_a_span_that_holds_the_truth(now: datetime, hours: int, more: timedelta) -> None:
    moment = read_time(f"{hours}小时前", now)
    assert moment is not None
    begin, end = interval(*moment)
    assert begin <= now - timedelta(hours=hours) - more + timedelta(seconds=1)
    assert now - timedelta(hours=hours) - more < end


@given(CLOCKS)
def test_a_full_time_survives_writing_and_reading(at: datetime) -> None:
    at = at.replace(microsecond=0)
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    text = f"Mon {months[at.month - 1]} {at:%d %H:%M:%S} +0800 {at.year}"
    assert read_time(text, NOW) == Moment(at, Precision.SECOND)
    assert read_time(f"{at:%Y-%m-%d %H:%M:%S}", NOW) == Moment(at, Precision.SECOND)


@given(st.text(alphabet="0123456789-/:年月日前昨今天小时分钟秒刚 +WedAug来自", max_size=30), CLOCKS)
def test_no_text_raises_and_a_date_without_a_year_is_never_in_the_future(text: str, now: datetime) -> None:
    moment = read_time(text, now)
    assert moment is None or absolute_time(text) is not None or moment.at <= now
