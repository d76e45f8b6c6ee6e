"""Posts a person saw and wrote down: rows of a table, for accounts that no machine can see.

They prove that something was published, never that nothing was; any other source that shows the same post knows better.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from gzcrawl.items import Platform, Post
from gzcrawl.sources.cleaning import one_line, text_of
from gzcrawl.sources.feed import identity_of
from gzcrawl.sources.times import read_time
from gzcrawl.sources.wechat.urls import clean_url

SOURCE = "manual"
ACCOUNT, PUBLISHED, TITLE, TEXT, URL = COLUMNS = ("账号编号", "发布时间", "标题", "正文", "网址")
"""The header of the table; account and time are required, and a title or a text."""


class RowError(ValueError):
    """What is wrong with a row and what is allowed, in Chinese."""


def read_row(row: Mapping[str, str], accounts: Mapping[str, Platform], now: datetime) -> Post:
    """One row as a post of that account. `accounts`: platform by registry id. `RowError` says what is wrong."""
    account = row.get(ACCOUNT, "").strip()
    if account not in accounts:
        raise RowError(f"台账里没有账号 {account!r}")
    written = row.get(PUBLISHED, "").strip()
    moment = read_time(written, now)
    if moment is None:
        raise RowError(f"发布时间 {written!r} 无法识别，应如 2025-10-13 09:30")
    if moment.at > now:
        raise RowError(f"发布时间 {written} 晚于现在")
    title, text = one_line(row.get(TITLE)), text_of(row.get(TEXT))
    if not title and not text:
        raise RowError("标题和正文至少填一项")
    url = clean_url(row.get(URL, ""))
    if row.get(URL, "").strip() and not url:
        raise RowError(f"网址 {row[URL]!r} 应以 http:// 或 https:// 开头")
    platform, native_id = identity_of(url) if url else (accounts[account], "")
    if platform is not accounts[account]:
        raise RowError(f"网址 {url} 不是账号 {account} 所在平台的")
    if platform is Platform.WEIBO and not native_id:
        raise RowError("微博须填写这条微博的网址，否则无法与采集到的同一条微博对应")
    return Post(
        platform=platform,
        native_id=native_id,
        source=SOURCE,
        account_id=account,
        url=url or None,
        title=title or None,
        text=text,
        published_at=moment.at,
        precision=moment.precision,
    )


def missing_columns(header: Collection[str]) -> list[str]:
    """Required columns that a table lacks."""
    return [name for name in (ACCOUNT, PUBLISHED) if name not in header]
