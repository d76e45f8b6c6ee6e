"""How times, spans and polls are worded in a reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter

from gzcrawl.items import SHANGHAI, Outcome, Poll, Post, Precision
from gzcrawl.registry import Account
from scheduler.findings import Evidence

OUTCOMES = {
    Outcome.OK: "正常",
    Outcome.EMPTY: "没有内容",
    Outcome.GONE: "已不存在",
    Outcome.BLOCKED: "被验证码或登录页拦截",
    Outcome.LAYOUT_CHANGED: "页面改版，读不出内容",
    Outcome.UNREACHABLE: "无法访问",
    Outcome.DISALLOWED: "robots.txt 不允许",
    Outcome.TOO_LARGE: "页面过大",
}

CHANNELS = {
    "weibo.profile": "微博主页",
    "weibo.timeline": "微博时间线",
    "sogou.accounts": "搜狗公众号索引",
    "sogou.articles": "搜狗文章索引",
    "wechat.album": "公众号合集",
    "wechat.article": "公众号文章",
    "govsite.home": "网站首页",
    "govsite.list": "网站栏目",
    "govsite.article": "网站文章",
    "qr.": "首页图片",
    "website.home": "网站首页",
    "links.home": "首页链接",
    "weibo.comments": "微博评论",
}

PLATFORMS = {"weibo": "微博", "wechat": "微信公众号", "website": "网站"}

QUOTE = 60

_WEIBO_API = re.compile(r"https://m\.weibo\.cn/api/container/getIndex\?type=uid&value=(\d+)")


@lru_cache(maxsize=4096)
def moment(at: datetime, precision: Precision = Precision.MINUTE) -> str:
    """In Asia/Shanghai, no finer than the time is known."""
    local = at.astimezone(SHANGHAI)
    month = f"{local.year}年{local.month}月"
    if precision is Precision.MONTH:
        return month
    day = f"{month}{local.day}日"
    return day if precision is Precision.DAY else f"{day} {local.hour:02}:{local.minute:02}"


def until(at: datetime) -> str:
    """A deadline: midnight is the end of the day before, not the beginning of the next."""
    local = at.astimezone(SHANGHAI)
    if (local.hour, local.minute) == (0, 0):
        return f"{local - timedelta(days=1):%Y年%-m月%-d日} 24:00"
    return moment(at)


def span(length: timedelta) -> str:
    hours = int(length.total_seconds() // 3600)
    if hours < 1:
        return "不到 1 小时"
    return f" {hours} 小时" if hours < 48 else f" {hours // 24} 天"


def attempt(polls: Sequence[Poll]) -> str:
    """The newest poll: when, and how it ended."""
    if not polls:
        return "尚未查看"
    newest = max(polls, key=attrgetter("at"))
    return f"{moment(newest.at)}，{OUTCOMES[newest.outcome]}"


def account_name(account: Account) -> str:
    return f"{PLATFORMS[account.platform]}“{account.name}”"


def post_evidence(post: Post) -> Evidence:
    quote = " ".join((post.title or post.text).split())
    return Evidence(
        kind="post",
        ref=post.key,
        at=post.published_at,
        url=post.url,
        quote=quote[:QUOTE] + ("…" if len(quote) > QUOTE else ""),
        precision=str(post.precision),
    )


def poll_evidence(poll: Poll) -> Evidence:
    quote = f"查看{_channel(poll.channel)}：{OUTCOMES[poll.outcome]}"
    return Evidence(kind="poll", ref=poll.key, at=poll.at, url=_for_people(poll.url), quote=quote)


@lru_cache(maxsize=4096)
def _channel(channel: str) -> str:
    return next((name for prefix, name in CHANNELS.items() if channel.startswith(prefix)), channel)


def last_polls(targets: Iterable[Sequence[Poll]]) -> tuple[Evidence, ...]:
    """The newest poll of each target that was looked at."""
    return tuple(poll_evidence(max(polls, key=attrgetter("at"))) for polls in targets if polls)


def _for_people(url: str) -> str:
    """The page a person would open to see what the poll saw."""
    found = _WEIBO_API.match(url)
    return f"https://m.weibo.cn/u/{found[1]}" if found else url
