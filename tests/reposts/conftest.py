"""A small registry, an announcement in a column, and posts as crawls bring them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from gzcrawl.items import Announcement, Platform, Post, Precision
from gzcrawl.registry import Account, Registry, Site
from gzcrawl.store import announcements, read
from gzcrawl.store.connect import connect_async
from gzcrawl.store.observations import Observation, write
from scheduler import reposts
from tests.rules.units import ANNOUNCEMENT, JYJ, JYJ_WECHAT, NOW, SITE, WECHAT, WEIBO, WJW, at, post

SINCE = NOW - timedelta(days=60)
JYJ_WEIBO = Account(id="jyj-weibo", department="jyj", platform=Platform.WEIBO, name="章江教育", uid="7000000002")
COLUMN = "https://jyj.zhangjiang.example/c1/"
JYJ_SITE = Site(
    id="jyj-site", department="jyj", name="教育局", home="https://jyj.zhangjiang.example/", announcement_lists=(COLUMN,)
)
REGISTRY = Registry((JYJ, WJW), (JYJ_WECHAT, JYJ_WEIBO, WECHAT, WEIBO), (JYJ_SITE, SITE))


class Crawls:
    """What crawls bring, and the comparison after them."""

    def __init__(self, db: Any, uri: str) -> None:
        self.db, self.uri = db, uri

    def bring(self, *items: Observation, when: datetime = NOW) -> None:
        async def run() -> None:
            client, db = connect_async(self.uri)
            try:
                await write(db, [(item, when) for item in items])
            finally:
                await client.close()

        asyncio.run(run())

    def compare(self) -> frozenset[str]:
        return reposts.refresh(self.db, REGISTRY, SINCE)

    def matches(self) -> dict[tuple[str, str], str]:
        return {(m["announcement_id"], m["post_key"]): m["decision"] for m in self.db.matches.find()}

    def contents(self) -> dict[str, list[Any]]:
        return {name: list(self.db[name].find().sort("_id", 1)) for name in ("announcements", "matches", "posts")}

    def announce(self, **changes: Any) -> Announcement:
        item = replace(ANNOUNCEMENT, **changes)
        announcements.save(self.db, [item])
        return item

    def known(self) -> list[Announcement]:
        return read.announcements(self.db, SINCE)


@pytest.fixture
def crawls(db: Any, db_uri: str) -> Crawls:
    return Crawls(db, db_uri)


def article(**changes: Any) -> Post:
    values: dict[str, Any] = {
        "platform": Platform.WEBSITE, "native_id": "jyj.zhangjiang.example/c1/202509/a.shtml", "source": "govsite.article",
        "account_id": "jyj-site", "title": ANNOUNCEMENT.title, "text": ANNOUNCEMENT.body, "url": ANNOUNCEMENT.url,
        "published_at": ANNOUNCEMENT.published_at, "precision": Precision.SECOND, "column": COLUMN,
    }  # fmt: skip
    return Post(**(values | changes))


def copy(when: str = "2025-09-27 10:00:00", **changes: Any) -> Post:
    return post(at(when), **({"text": f"【{ANNOUNCEMENT.title}】{ANNOUNCEMENT.body}"} | changes))
