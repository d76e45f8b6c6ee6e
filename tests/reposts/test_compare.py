"""After a crawl only what is new or changed is compared, and the result is what comparing everything would give."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from gzcrawl.items import RepostKind, RepostOf
from gzcrawl.store import announcements as store
from gzcrawl.store import matches
from scheduler import reposts
from scheduler.matching import Decision
from tests.reposts.conftest import SINCE, Crawls, article, copy
from tests.rules.units import ANNOUNCEMENT, NOW, at, post

ID = ANNOUNCEMENT.id


def test_an_article_of_a_designated_column_is_an_announcement_and_its_copies_are_matches(crawls: Crawls) -> None:
    repost, other = copy(), post(at("2025-09-27 11:00:00"), text="今天天气晴好，适合户外活动。")
    crawls.bring(article(), repost, other)
    assert crawls.compare() == {"wjw-weibo", "jyj-site"}
    assert crawls.matches()[ID, repost.key] == "repost"
    assert (ID, other.key) not in crawls.matches()
    match = reposts.matches_of(crawls.db, ["wjw-weibo"], {})[ID][repost.key]
    assert match.decision is Decision.REPOST
    assert any("标题" in part or "正文" in part for part in match.why)


def test_what_was_compared_is_not_compared_again(crawls: Crawls) -> None:
    crawls.bring(article(), copy())
    crawls.compare()
    before = crawls.contents()
    crawls.bring(article(), copy(), when=NOW + timedelta(hours=1))
    assert reposts.compare(crawls.db, crawls.known(), SINCE) == (False, set())
    assert crawls.compare() == frozenset()
    assert [p["compared"] for p in crawls.contents()["posts"]] == [p["compared"] for p in before["posts"]]


def test_a_post_that_says_something_else_now_is_compared_again(crawls: Crawls) -> None:
    crawls.bring(article(), copy())
    crawls.compare()
    crawls.bring(copy(text="今天天气晴好，适合户外活动。"))
    assert crawls.compare() == {"wjw-weibo"}
    assert (ID, copy().key) not in crawls.matches()
    crawls.bring(copy())
    crawls.compare()
    assert crawls.matches()[ID, copy().key] == "repost"


def test_an_announcement_that_is_new_is_compared_with_the_posts_since_it(crawls: Crawls) -> None:
    crawls.bring(copy())
    crawls.compare()
    assert crawls.matches() == {}
    item = crawls.announce()
    assert crawls.compare() == {"wjw-weibo"}
    crawls.announce(body="各学校：请于10月20日前报送食堂检查情况。", title="关于报送学校食堂检查情况的通知")
    crawls.compare()
    assert (item.id, copy().key) not in crawls.matches()


def test_another_deadline_is_no_reason_to_compare_again(crawls: Crawls) -> None:
    crawls.announce()
    crawls.compare()
    crawls.announce(due=NOW, obligated="county")
    assert reposts.compare(crawls.db, crawls.known(), SINCE) == (False, set())


def test_another_matcher_decides_everything_again(crawls: Crawls, monkeypatch: pytest.MonkeyPatch) -> None:
    crawls.bring(article(), copy())
    crawls.compare()
    before = crawls.matches()
    monkeypatch.setattr(reposts, "matcher", lambda: "another")
    assert reposts.compare(crawls.db, crawls.known(), SINCE)[0]
    assert crawls.matches() == before
    assert {p["compared"] for p in crawls.contents()["posts"]} == {"another"}


def test_a_retweet_of_the_publishers_own_post_is_found_whichever_is_seen_first(crawls: Crawls) -> None:
    of = RepostOf(kind=RepostKind.QUICK, native_id="4242")
    quick = post(at("2025-09-27 10:00:00"), text="", repost_of=of)
    crawls.bring(article(), quick)
    crawls.compare()
    assert (ID, quick.key) not in crawls.matches()
    crawls.bring(copy("2025-09-27 08:00:00", native_id="4242", account_id="jyj-weibo"))
    assert "wjw-weibo" in crawls.compare()
    assert crawls.matches()[ID, quick.key] == "repost"
    assert crawls.known()[0].native_ids == ["4242"]


def test_a_comparison_killed_before_its_marks_were_set_ends_the_same(crawls: Crawls) -> None:
    crawls.bring(article(), copy(), copy("2025-09-28 10:00:00", native_id="2"))
    crawls.compare()
    whole = crawls.contents()
    crawls.db.posts.update_one({"_id": copy().key}, {"$unset": {"compared": 1}})
    crawls.db.announcements.update_many({}, {"$unset": {"compared": 1}})
    crawls.db.matches.delete_one({"post_key": copy().key})
    crawls.compare()
    assert crawls.contents() == whole


def test_in_whatever_order_things_are_seen_the_matches_are_the_same(crawls: Crawls) -> None:
    of = RepostOf(kind=RepostKind.RETWEET, native_id="4242", text="")
    things = [
        article(),
        copy(),
        copy("2025-09-27 08:00:00", native_id="4242", account_id="jyj-weibo"),
        post(at("2025-09-27 12:00:00"), text="转发微博", repost_of=of),
        post(at("2025-09-28 12:00:00"), text="详情见链接", links=[ANNOUNCEMENT.url]),
        post(at("2025-09-26 12:00:00"), text="早间提示"),
    ]
    results = []
    for seed in range(6):
        for name in ("posts", "announcements", "matches"):
            crawls.db[name].delete_many({})
        order = Random(seed).sample(things, len(things))
        for thing in order:
            crawls.bring(thing)
            if Random(seed).random() < 0.5:
                crawls.compare()
        crawls.compare()
        results.append(crawls.contents()["matches"])
    assert all(result == results[0] for result in results)
    assert len(results[0]) >= 4


def test_what_a_person_decided_goes_before_what_was_computed(crawls: Crawls) -> None:
    crawls.bring(article(), copy())
    crawls.compare()
    found = reposts.matches_of(crawls.db, ["wjw-weibo"], {(ID, copy().key): False, (ID, "weibo:9"): True})
    assert copy().key not in found[ID]
    assert found[ID]["weibo:9"].why == ("人工认定",)


def test_with_an_announcement_its_matches_are_taken_back(crawls: Crawls) -> None:
    item = crawls.announce()
    crawls.bring(copy())
    crawls.compare()
    assert store.remove(crawls.db, item.id)
    assert matches.of_targets(crawls.db, ["wjw-weibo"]) == []
