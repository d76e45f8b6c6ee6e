"""Own content counted: what makes a tally stale, what it then says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from pymongo.database import Database

from gzcrawl.items import RepostKind, RepostOf
from gzcrawl.store import matches, tallies
from scheduler import originality
from tests.rules.units import ANNOUNCEMENT, REGISTRY
from tests.store.test_observations import NOW, put, weibo

Db = Database[dict[str, Any]]

RETWEET = RepostOf(kind=RepostKind.RETWEET, native_id="1", text="原文")


def refreshed(db: Db, *moved: str) -> tuple[int, int, int]:
    originality.refresh(db, REGISTRY, [ANNOUNCEMENT], moved, NOW)
    told = tallies.of(db, ["wjw-weibo"], NOW)["wjw-weibo"]
    return told.posts, told.passed_on, told.copies


def test_posts_are_counted_by_quarter_and_again_when_one_comes_or_turns_out_to_be_a_retweet(
    db: Db, db_uri: str
) -> None:
    put(db_uri, weibo(published_at=NOW), weibo(native_id="2", published_at=NOW - timedelta(days=13)))
    assert refreshed(db) == (1, 0, 0)
    assert {t["state"] for t in db.tallies.find()} == {"counted"}
    put(db_uri, weibo(native_id="3", published_at=NOW, repost_of=RETWEET))
    assert refreshed(db) == (2, 1, 0)
    put(db_uri, weibo(native_id="3", published_at=NOW, repost_of=RETWEET), at=NOW + timedelta(hours=4))
    assert {t["state"] for t in db.tallies.find()} == {"counted"}  # nothing new: nothing to count
    put(db_uri, weibo(published_at=NOW, repost_of=RETWEET))
    assert refreshed(db) == (2, 2, 0)


def test_a_copy_of_anothers_announcement_is_not_own_but_a_publishers_version_is(db: Db, db_uri: str) -> None:
    put(db_uri, weibo(published_at=NOW))
    match = {"announcement_id": ANNOUNCEMENT.id, "post_key": "weibo:5001", "account_id": "wjw-weibo"}
    match |= {"score": 1.0, "why": [], "made_by": "m"}
    matches.replace(db, [match | {"decision": "uncertain"}], [], [])
    assert refreshed(db, "wjw-weibo") == (1, 0, 0)
    matches.replace(db, [match | {"decision": "repost"}], ["weibo:5001"], [ANNOUNCEMENT.id])
    assert refreshed(db, "wjw-weibo", "wjw-site") == (1, 0, 1)
    originality.refresh(db, REGISTRY, [replace(ANNOUNCEMENT, publisher="wjw")], ["wjw-weibo"], NOW)
    assert tallies.of(db, ["wjw-weibo"], NOW)["wjw-weibo"].copies == 0


def test_a_count_that_was_cut_off_is_made_again(db: Db, db_uri: str) -> None:
    put(db_uri, weibo(published_at=NOW))
    assert len(list(tallies.stale(db))) == 1  # killed before it counted
    assert refreshed(db) == (1, 0, 0)
