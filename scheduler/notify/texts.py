"""How a message words what it tells: sources, outcomes, states, times, others' texts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from gzcrawl.items import SHANGHAI
from scheduler.notify.digest import Entry
from scheduler.notify.language import ZH, Language

SOURCES = {
    "weibo": "微博",
    "sogou": "搜狗（微信索引）",
    "wechat": "微信文章与合集",
    "govsite": "政府网站",
    "website": "网站技术检测",
    "qr": "二维码",
    "links": "链接检测",
    "feed": "订阅源",
    "official": "官方接口",
}
OUTCOMES = {
    "ok": "正常",
    "empty": "无内容",
    "gone": "已不存在",
    "blocked": "被拦截",
    "layout_changed": "读不出",
    "unreachable": "无法访问",
    "disallowed": "robots 不允许",
    "too_large": "过大",
}
CHANGES = {
    "opened": "新增",
    "reopened": "再次出现",
    "raised": "升级",
    "worsened": "加重",
    "repeated": "仍未处理",
    "escalated": "逾期未确认",
}
STATES = {"open": "未处理", "acknowledged": "处理中", "waived": "已豁免", "resolved": "已解决"}


def one_line(value: str) -> str:
    return " ".join(printable(value).split())


def printable(value: Any) -> Any:
    """A text of others without what a terminal or a reader would obey: control characters, a turned direction."""
    if not isinstance(value, str):
        return value
    kept = "".join(c if c.isprintable() or c.isspace() else " " for c in value)
    return Markup(kept) if isinstance(value, Markup) else kept  # noqa: S704 -- as safe as it was


def state_word(entry: Entry, say: Language = ZH) -> str:
    if entry.alert.unobserved_since:
        return say("暂时看不到")
    return say(CHANGES[entry.change] if entry.change else STATES[entry.alert.state])


def heading(entry: Entry, family: str, say: Language) -> str:
    """Family, rule and state in one line; the family only where it is not called as the rule."""
    named = [say(family)] if family and family != entry.rule.title else []
    return say("｜").join((*named, say.rule(entry.rule), state_word(entry, say)))


def when(at: datetime | None, precision: str = "minute") -> str:
    """In Asia/Shanghai, no finer than the time is known."""
    if at is None:
        return ""
    return at.astimezone(SHANGHAI).strftime({"day": "%Y-%m-%d", "month": "%Y-%m"}.get(precision, "%Y-%m-%d %H:%M"))


def until(at: datetime | None) -> str:
    """A deadline: midnight is the end of the day before."""
    local = at.astimezone(SHANGHAI) if at else None
    if local and (local.hour, local.minute) == (0, 0):
        return f"{local - timedelta(days=1):%Y-%m-%d} 24:00"
    return when(at)
