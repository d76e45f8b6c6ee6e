"""Writing and reading observations, on the real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from gzcrawl.items import Outcome, Platform, Poll, Post, Precision, Profile, QrSighting, RepostKind, RepostOf
from gzcrawl.store import read
from gzcrawl.store.connect import connect_async
from gzcrawl.store.observations import Observation, write

Db = Database[dict[str, Any]]

NOW = datetime(2025, 10, 13, 1, 0, tzinfo=UTC)


def put(uri: str, *items: Observation, at: datetime = NOW) -> None:
    async def run() -> None:
        client, db = connect_async(uri)
        try:
            await write(db, [(item, at) for item in items])
        finally:
            await client.close()

    asyncio.run(run())


def weibo(**changes: Any) -> Post:
    values: dict[str, Any] = {
        "platform": Platform.WEIBO,
        "native_id": "5001",
        "source": "weibo.timeline",
        "account_id": "wjw-weibo",
        "text": "全文",
        "published_at": NOW - timedelta(days=1),
        "precision": Precision.SECOND,
    }
    return Post(**(values | changes))


def test_the_same_page_crawled_twice_changes_nothing(db: Db, db_uri: str) -> None:
    post = weibo(repost_of=RepostOf(kind=RepostKind.RETWEET, native_id="1"), links=["https://a.example/"])
    profile = Profile(platform=Platform.WEIBO, source="weibo.profile", native_id="1", account_id="wjw-weibo", name="名")
    poll = Poll(round_id="r", target_id="wjw-weibo", channel="weibo.timeline", url="u", at=NOW, outcome=Outcome.OK)
    put(db_uri, post, profile, poll)
    before = {name: list(db[name].find()) for name in ("posts", "profiles", "polls")}
    put(db_uri, poll, post, profile)
    assert {name: list(db[name].find()) for name in before} == before


def test_what_was_written_is_read_back_as_it_was(db: Db, db_uri: str) -> None:
    post = weibo(
        repost_of=RepostOf(kind=RepostKind.QUICK, native_id="1"), title="题", extra={"reposts": 3}, pinned=True
    )
    put(db_uri, post)
    assert read.seen(db, ["wjw-weibo"], NOW - timedelta(days=9), NOW).posts == {"wjw-weibo": [post]}


def test_an_edit_keeps_the_old_text_and_first_seen(db: Db, db_uri: str) -> None:
    put(db_uri, weibo(text="旧文"))
    put(db_uri, weibo(text="新文"), at=NOW + timedelta(hours=1))
    stored = db.posts.find_one() or {}
    assert stored["text"] == "新文"
    assert [edit["text"] for edit in stored["edits"]] == ["旧文"]
    assert stored["first_seen_at"] == NOW
    assert stored["last_seen_at"] == NOW + timedelta(hours=1)


def test_a_list_that_cuts_the_text_never_replaces_the_whole(db: Db, db_uri: str) -> None:
    put(db_uri, weibo(text="一段很长的正文", source="weibo.longtext"))
    put(db_uri, weibo(text="一段", long_text=True))
    stored = db.posts.find_one() or {}
    assert stored["text"] == "一段很长的正文"
    assert stored["edits"] == []


def test_a_coarser_time_never_replaces_a_finer_one(db: Db, db_uri: str) -> None:
    fine = NOW - timedelta(hours=3)
    put(db_uri, weibo(published_at=fine, precision=Precision.MINUTE))
    put(db_uri, weibo(published_at=NOW - timedelta(hours=17), precision=Precision.DAY))
    stored = db.posts.find_one() or {}
    assert (stored["published_at"], stored["precision"]) == (fine, "minute")


def test_a_wechat_article_seen_in_two_lists_is_one_post(db: Db, db_uri: str) -> None:
    article = {
        "platform": Platform.WECHAT,
        "account_id": "wjw-wechat",
        "published_at": NOW,
        "precision": Precision.SECOND,
    }
    put(db_uri, Post(native_id="", source="sogou.articles", title="关于 做好秋冬季防控的通知", **article))
    put(db_uri, Post(native_id="M:1:1", source="wechat.album", title="关于做好秋冬季防控的通知 ", **article))
    assert db.posts.count_documents({}) == 1
    assert (db.posts.find_one() or {})["sources"] == ["sogou.articles", "wechat.album"]


def test_the_newest_post_is_read_however_old(db: Db, db_uri: str) -> None:
    put(
        db_uri,
        weibo(published_at=NOW - timedelta(days=900)),
        weibo(native_id="2", published_at=NOW - timedelta(days=901)),
    )
    found = read.seen(db, ["wjw-weibo"], NOW - timedelta(days=60), NOW).posts["wjw-weibo"]
    assert [post.native_id for post in found] == ["5001"]


def test_codes_taken_down_since_are_not_read(db: Db, db_uri: str) -> None:
    def look(round_id: str, at: datetime, *payloads: str) -> None:
        codes = [
            QrSighting(
                round_id=round_id,
                site_id="s",
                page_url="p",
                image_url="i",
                image_sha256=p,
                at=at,
                payload=p,
                meaning="text",
            )
            for p in payloads
        ]
        poll = Poll(round_id=round_id, target_id="s", channel="qr.static", url="p", at=at, outcome=Outcome.OK)
        put(db_uri, *codes, poll, at=at)

    look("r1", NOW - timedelta(days=1), "old", "kept")
    look("r2", NOW, "kept")
    seen = read.seen(db, ["s"], NOW - timedelta(days=9), NOW)
    assert [code.payload for code in seen.sightings["s"]] == ["kept"]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1), title=st.none() | st.text())
def test_outside_text_is_stored_as_text_whatever_it_looks_like(
    db: Db, db_uri: str, text: str, title: str | None
) -> None:
    text = text.replace("\x00", "").encode("utf-8", "ignore").decode() or "$text"
    title = title and title.replace("\x00", "").encode("utf-8", "ignore").decode()
    put(db_uri, weibo(native_id="h", text="$" + text, title=title and "$$" + title))
    stored = db.posts.find_one_and_delete({"_id": "weibo:h"}) or {}
    assert (stored["text"], stored["title"]) == ("$" + text, title and "$$" + title)
