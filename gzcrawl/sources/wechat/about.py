"""The page 关于公众号 (mp/aboutbiz): who stands behind an account. Only WeChat clients get it; it is saved by hand."""

from __future__ import annotations

import re
from datetime import datetime

from parsel import Selector

from gzcrawl.items import Outcome, Platform, Profile
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.cleaning import one_line, readable
from gzcrawl.sources.encoding import decode
from gzcrawl.sources.outcomes import refusal
from gzcrawl.sources.wechat.body import node_text
from gzcrawl.sources.wechat.gone import absent

SOURCE = "wechat.about"
_KINDS = ("认证类型", "主体类型", "账号类型", "帐号类型")
_BODIES = ("认证主体", "账号主体", "帐号主体")


def parse_about(page: Page, now: datetime) -> Parsed:  # noqa: ARG001 -- the page has no times
    """One profile: 微信号, verified body, kind of body, description. The name stands there only if it was ever changed.

    Rows are found by their label: a person has none for the body, and which label is used depends on the account.
    """
    if refused := refusal(page):
        return refused
    text = decode(page)
    root = Selector(text=text or " ", type="html")
    rows = _rows(root)
    wechat_id = rows.get("微信号", "")
    body = next((rows[label] for label in _BODIES if rows.get(label)), "")
    kind = next((rows[label] for label in _KINDS if rows.get(label)), "")
    if not rows:
        return absent(root, text)
    biz = re.search(r"__biz=([A-Za-z0-9+/]+={0,2})", text)
    if not (readable(wechat_id) or biz) or not readable(body or kind):
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="wechat_fields_missing", detail=", ".join(rows)[:200])
    profile = Profile(
        platform=Platform.WECHAT,
        source=SOURCE,
        native_id=wechat_id if wechat_id.startswith("gh_") else None,
        name=_current_name(rows.get("名称记录", "")),
        wechat_id=wechat_id or None,
        biz=biz[1] if biz else None,
        verified=True if rows.get("认证主体") else None,
        verification=body or None,
        description=rows.get("公众号简介") or rows.get("服务号简介") or rows.get("简介") or None,
        extra={
            name: value
            for name, value in (
                ("body_kind", kind),
                ("telephone", rows.get("客服电话", "")),
                ("name_history", rows.get("名称记录", "")),
            )
            if value
        },
    )
    return Parsed(outcome=Outcome.OK, items=[profile])


def _current_name(history: str) -> str | None:
    """The name after the latest change: `2021年02月02日 “A”账号迁移改名“B”`."""
    changes = re.findall(r"(\d{4})年(\d{1,2})月(\d{1,2})日[^“”]{0,40}“[^“”]{0,60}”[^“”]{0,40}“([^“”]{1,60})”", history)
    latest = max(changes, key=lambda change: tuple(map(int, change[:3])), default=None)
    return latest[3] if latest else None


def _rows(root: Selector) -> dict[str, str]:
    """Label → text of `.item-info`, whose value is a `div` or a link of the class `item-desc`."""
    rows = {}
    for row in root.xpath("//*[contains(concat(' ', @class, ' '), ' item-info ')]"):
        label = one_line(row.xpath("string(.//*[contains(@class, 'item-title')])").get())
        values = row.xpath(".//*[contains(concat(' ', @class, ' '), ' item-desc ')]")
        if label and values:
            rows[label] = one_line(node_text(values[0].root))
    return rows
