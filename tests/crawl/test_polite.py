"""What has not changed costs one request, and who refuses us is left alone."""

from __future__ import annotations

from fixtures.city.response import Response
from gzcrawl.coverage import covered
from gzcrawl.items import Outcome, Platform
from gzcrawl.registry import State
from gzcrawl.store import read
from tests.crawl.conftest import Crawls, WatchedCity, at


def test_an_unchanged_account_costs_one_request(crawls: Crawls) -> None:
    first, second = WatchedCity(now=at("13T09:00")), WatchedCity(now=at("13T13:00"))
    crawls.crawl(first, "weibo", "wechat")
    round_id = crawls.crawl(second, "weibo", "wechat")

    open_ones = [a for a in second.registry.accounts if a.state is not State.CLOSED]
    weibo = {a.uid: a for a in open_ones if a.platform is Platform.WEIBO and a.uid}
    changed = {
        uid
        for uid, account in weibo.items()
        if second.world.shown(account.id, second.now) != first.world.shown(account.id, first.now)
    }
    refused = {
        uid
        for uid, account in weibo.items()
        for poll in crawls.db.polls.find({"target_id": account.id, "outcome": {"$nin": ["ok"]}})
    }
    asked = second.per_account()
    unchanged = set(weibo) - changed - refused
    assert len(unchanged) > 10
    assert {uid: asked[uid] for uid in unchanged if asked[uid] != 1} == {}
    # Of WeChat the first list of an account only.
    polls = crawls.db.polls.aggregate(
        [
            {"$match": {"round_id": round_id, "channel": {"$regex": "^(sogou|wechat.album)"}}},
            {"$group": {"_id": "$target_id", "lists": {"$sum": 1}, "outcomes": {"$addToSet": "$outcome"}}},
        ]
    )
    assert {poll["_id"]: poll["lists"] for poll in polls if poll["outcomes"] == ["ok"] and poll["lists"] != 1} == {}


def test_coverage_goes_on_over_rounds_of_one_request(crawls: Crawls) -> None:
    first, second = WatchedCity(now=at("13T09:00")), WatchedCity(now=at("13T13:00"))
    crawls.crawl(first, "weibo")
    crawls.crawl(second, "weibo")
    polls = read.seen(crawls.db, ["wjw-weibo"], at("01T00:00"), at("14T00:00")).polls["wjw-weibo"]
    assert covered(polls, at("01T00:00"), at("13T13:00"))


def test_a_silence_is_proven_once_a_day_and_until_then_only_as_far_as_it_was(crawls: Crawls) -> None:
    for hour in ("13T09:00", "13T13:00"):
        crawls.crawl(WatchedCity(now=at(hour)), "weibo")
    polls = read.seen(crawls.db, ["sthj-weibo"], at("01T00:00"), at("15T00:00")).polls["sthj-weibo"]
    assert covered(polls, at("01T00:00"), at("13T09:00"))
    assert not covered(polls, at("01T00:00"), at("13T13:00"))
    later = WatchedCity(now=at("14T08:00"))
    crawls.crawl(later, "weibo")
    assert later.per_account()["9025494924"] >= 1


def test_a_host_that_refuses_is_left_alone_also_by_the_next_crawl(crawls: Crawls) -> None:
    city = WatchedCity(now=at("13T09:00"))
    city.instead["m.weibo.cn"] = Response(status=418)
    crawls.crawl(city, "weibo")
    # What was on its way when the third refusal came is not called back.
    assert 3 <= len([host for host, path, _q in city.asked if host == "m.weibo.cn" and path != "/robots.txt"]) <= 5
    again = WatchedCity(now=at("13T09:05"))
    round_id = crawls.crawl(again, "weibo")
    assert [path for host, path, _q in again.asked if host == "m.weibo.cn" and path != "/robots.txt"] == []
    told = crawls.db.polls.distinct("reason", {"round_id": round_id})
    assert told == ["left_alone"]
    after = WatchedCity(now=at("13T09:15"))
    round_id = crawls.crawl(after, "weibo")
    assert crawls.db.polls.count_documents({"round_id": round_id, "outcome": str(Outcome.OK)}) > 10
    assert read.hosts(crawls.db) == []


def test_retry_after_is_obeyed_to_the_second(crawls: Crawls) -> None:
    city = WatchedCity(now=at("13T09:00"))
    city.instead["m.weibo.cn"] = Response(status=503, headers={"Retry-After": "1800"})
    crawls.crawl(city, "weibo")
    assert len([path for host, path, _q in city.asked if host == "m.weibo.cn" and path != "/robots.txt"]) <= 2
    (host,) = read.hosts(crawls.db)
    assert host.until == at("13T09:30")


def test_a_page_that_did_not_change_is_not_sent_again_but_proves_no_absence(crawls: Crawls) -> None:
    first_id = crawls.crawl(WatchedCity(now=at("13T09:00")), "govsite")
    again = WatchedCity(now=at("13T09:30"))
    round_id = crawls.crawl(again, "govsite")
    kept = list(crawls.db.polls.find({"round_id": round_id, "http_status": 304, "channel": {"$regex": "^govsite"}}))
    assert kept
    assert not any(poll["complete"] for poll in kept)
    before = {p["_id"].split("|", 1)[1]: p for p in crawls.db.polls.find({"round_id": first_id})}
    for poll in kept:
        earlier = before[poll["_id"].split("|", 1)[1]]
        assert (poll["outcome"], poll["seen"]) == (earlier["outcome"], earlier["seen"])
