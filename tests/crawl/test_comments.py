"""Comments are read after the posts, a few a day; a wall before them does not stop the posts; no names reach the database."""

from __future__ import annotations

from tests.crawl.conftest import Crawls, WatchedCity, at


def test_comments_of_recent_posts_are_read_once_a_day_and_name_nobody(crawls: Crawls) -> None:
    first, soon, next_day = (WatchedCity(now=at(time)) for time in ("13T09:00", "13T13:00", "14T09:00"))
    crawls.crawl(first, "weibo")
    crawls.crawl(first, "comments")
    checks = {d["account_id"]: d for d in crawls.db.comment_checks.find({"url": {"$ne": ""}})}
    assert {"zfb-weibo", "jtj-weibo", "slj-weibo", "wjw-weibo"} <= checks.keys()
    assert "czj-weibo" not in checks  # a login wall
    assert sorted(q["answered_at"] is None for q in checks["slj-weibo"]["questions"]) == [False, True]
    assert not any("用户" in str(check) for check in checks.values())
    assert crawls.db.captures.count_documents({"channel": {"$regex": "^weibo.comments"}}) == 0
    assert crawls.db.hosts.count_documents({"name": "m.weibo.cn", "until": {"$ne": None}, "reason": "weibo_login"}) <= 1

    def threads(city: WatchedCity) -> int:
        return sum(path == "/comments/hotflow" for _host, path, _query in city.asked)

    crawls.crawl(soon, "comments")
    assert threads(soon) <= 1  # the walled one
    crawls.crawl(next_day, "comments")
    assert threads(next_day) == threads(first)
