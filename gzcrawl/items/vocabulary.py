"""The words in which everything else is recorded."""

from __future__ import annotations

from enum import StrEnum
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""The zone in which every duty is judged and every time is shown. Stored times are UTC."""


class Platform(StrEnum):
    WEIBO = "weibo"
    WECHAT = "wechat"
    WEBSITE = "website"


class Outcome(StrEnum):
    """How one poll ended. Only the first three are observations; after the others nothing is known."""

    OK = "ok"
    EMPTY = "empty"  # a real, empty timeline
    GONE = "gone"  # deleted, banned, cancelled
    BLOCKED = "blocked"  # captcha, login wall, visitor system, WAF challenge
    LAYOUT_CHANGED = "layout_changed"  # read, but what must be there is not
    UNREACHABLE = "unreachable"  # DNS, TCP, TLS, timeout, 5xx
    DISALLOWED = "disallowed"  # robots.txt
    TOO_LARGE = "too_large"

    @property
    def observed(self) -> bool:
        return self in OBSERVED


OBSERVED = (Outcome.OK, Outcome.EMPTY, Outcome.GONE)


class Precision(StrEnum):
    """How exactly a publication time is known: `published_at` stands for an interval, see `Post.interval`."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"  # from "15小时前": an hour on either side
    DAY = "day"  # any moment of that day in Asia/Shanghai
    MONTH = "month"
    UNKNOWN = "unknown"  # no time was found; `published_at` is None


class ProbeStatus(StrEnum):
    """How one technical check of a site ended. Only the first two say anything about the site."""

    OK = "ok"
    FAILED = "failed"
    NOT_TESTED = "not_tested"  # this machine, a proxy or the site's manners do not let us see it
    ERROR = "error"  # it was tried, and something else went wrong


class RepostKind(StrEnum):
    RETWEET = "retweet"  # Weibo, with the original attached
    QUICK = "quick"  # Weibo 快转: only the original's id
    REPRINT = "reprint"  # WeChat 转载, full text
    SHARE = "share"  # WeChat share card, empty body
