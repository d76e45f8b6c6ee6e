"""One look at an account, stored as a crawl stores it, and what a rule says of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database

from gzcrawl.evidence import EvidenceStore, capture
from gzcrawl.items import Outcome, Platform, Poll, Post, Precision
from gzcrawl.sources import Page
from gzcrawl.store.connect import connect_async
from gzcrawl.store.observations import write
from scheduler.evidence.export import Told
from scheduler.evidence.seal import seal
from scheduler.findings import Evidence, Finding, Verdict
from tests.alerts.rounds import round_of

Db = Database[dict[str, Any]]

T0 = datetime(2025, 10, 13, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TOLD = Told(department="章江市<b>卫健委</b>", rule="僵尸账号", duty="超过15天没有更新的属僵尸账号")
CHANNEL = "weibo.timeline"


def page(body: str, **headers: str) -> Page:
    kept = {"content-type": "text/html", "set-cookie": "SUB=secret"} | headers
    return Page(url="https://m.weibo.cn/u/1", body=body.encode(), headers=kept)


def look(db_uri: str, files: EvidenceStore, round_id: str, at: datetime, body: str, mid: str = "5") -> tuple[str, str]:
    """One visit of wjw-weibo that showed one post: stored as a crawl stores it. (poll's key, SHA-256 of the answer)."""
    post = Post(
        platform=Platform.WEIBO, native_id=mid, source=CHANNEL, account_id="wjw-weibo", text="最后一条",
        published_at=T0 - 20 * DAY, precision=Precision.MINUTE,
    )  # fmt: skip
    kept = capture(files, page(body), at, round_id, "wjw-weibo", CHANNEL)
    kept.posts.append(post.key)
    poll = Poll(
        round_id=round_id, target_id="wjw-weibo", channel=CHANNEL, url="https://m.weibo.cn/u/1", at=at,
        outcome=Outcome.OK, sha256=kept.sha256,
    )  # fmt: skip

    async def store() -> None:
        client, db = connect_async(db_uri)
        try:
            await write(db, [(item, at) for item in (post, kept, poll)])
        finally:
            await client.close()

    asyncio.run(store())
    return poll.key, kept.sha256


def judge(
    db: Db,
    files: EvidenceStore,
    round_id: str,
    at: datetime,
    poll: str,
    verdict: Verdict = Verdict.VIOLATION,
    mid: str = "5",
) -> None:
    evidence = (
        Evidence(
            kind="post", ref=f"weibo:{mid}", at=T0 - 20 * DAY, url="https://m.weibo.cn/detail/5", quote="最后一条"
        ),
        Evidence(kind="poll", ref=poll, at=at, url="https://m.weibo.cn/u/1", quote="查看微博主页：正常"),
    )
    found = Finding(
        rule="dormant", subject="wjw-weibo", department="wjw", verdict=verdict, reason="已20天未更新", evidence=evidence
    )
    seal(db, files, round_id, at)
    round_of(db, round_id, [found], at)
