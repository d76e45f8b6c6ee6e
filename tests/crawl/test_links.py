"""Links are asked a few at a time, remembered, and dead only when twice not there while their host answers."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from fixtures.city.response import DROPPED, NOT_FOUND, Response
from gzcrawl.items import Platform, Post, Precision
from gzcrawl.sources.govsite import elsewhere
from gzcrawl.spiders.links import LinkSpider
from gzcrawl.store import qr
from gzcrawl.store.documents import to_document
from tests.crawl.conftest import Crawls, WatchedCity, at


def dead(crawls: Crawls, site: str) -> set[str]:
    check = crawls.db.link_checks.find_one({"_id": f"{site}|home"})
    assert check
    return {link["url"] for link in check["notable"] if link["kind"] == "dead"}


def test_a_link_is_dead_at_the_second_look_a_day_later_and_others_are_not_asked_again(crawls: Crawls) -> None:
    gone = {f"https://wjw.zhangjiang.example/gone/{name}.html" for name in ("jzmz", "2019")}
    gone.add("https://www.zhangjiang.example/gone/lianbo.html")
    first, soon, second, third = (WatchedCity(now=at(day)) for day in ("13T09:00", "13T20:00", "14T09:00", "15T09:00"))

    def of_jyj(city: WatchedCity) -> int:
        return sum(
            host == "jyj.zhangjiang.example" and path not in ("/", "/robots.txt") for host, path, _q in city.asked
        )

    crawls.crawl(first, "links")
    crawls.crawl(soon, "links")
    assert of_jyj(soon) == 0  # a home page is looked at once a day
    crawls.crawl(second, "links")
    assert dead(crawls, "wjw-site") == set()  # twenty links a day: these were asked for the first time today
    crawls.crawl(third, "links")
    assert dead(crawls, "wjw-site") == gone
    assert of_jyj(first) >= 15
    assert of_jyj(third) <= 4  # what was missing, and what is new


def test_walls_bans_and_sites_that_are_down_tell_nothing_about_links(crawls: Crawls) -> None:
    city = WatchedCity(now=at("13T09:00"))
    qr.remember(crawls.db, city.remembered)
    city.instead["www.zhangjiang.example"] = NOT_FOUND  # to everything: it has banned us
    city.instead["jyj.zhangjiang.example"] = Response(status=412, body=b"<script></script>", content_type="text/html")
    crawls.crawl(city, "links")
    assert dead(crawls, "wjw-site") == {f"https://wjw.zhangjiang.example/gone/{n}.html" for n in ("jzmz", "2019")}
    assert crawls.db.link_checks.count_documents({"target_id": {"$in": ["jyj-site", "zjj-site", "lcq-site"]}}) == 0


def test_a_host_that_does_not_answer_is_waited_for_once(crawls: Crawls) -> None:
    class Swallowing(WatchedCity):
        tunnels = 0  # that were asked for and never opened

        def answer(self, scheme: str, host: str, path: str, query: str = "") -> Response:
            if host != "www.zhangjiang.example":
                return super().answer(scheme, host, path, query)
            self.tunnels += 1
            return DROPPED

    city = Swallowing(now=at("13T09:00"))
    links = [f"https://www.zhangjiang.example/{number}.html" for number in range(10)]
    posted = {"published_at": at("12T09:00"), "precision": Precision.SECOND, "links": links}
    post = Post(platform=Platform.WEIBO, native_id="1", source="weibo.timeline", account_id="wjw-weibo", **posted)
    times = {"first_seen_at": city.now, "last_seen_at": city.now}
    crawls.db.posts.insert_one({"_id": post.key, **to_document(post), **times, "sources": [], "edits": []})
    crawls.crawl(city, "links", GZCRAWL_TIMEOUT="1")
    assert city.tunnels <= 8  # robots.txt and the home page, then HEAD and GET of the first link, each with one retry


@pytest.mark.parametrize(
    ("errno", "named"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True), (socket.EAI_FAIL, True), (None, True)]
)
def test_only_a_resolver_that_says_no_such_name_proves_it(
    monkeypatch: pytest.MonkeyPatch, errno: int | None, named: bool
) -> None:
    def resolve(*_args: Any, **_kwargs: Any) -> list[Any]:
        if errno is not None:
            raise socket.gaierror(errno, "")
        return []

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    spider = LinkSpider()

    def proven(reason: str, *, proxied: bool = False) -> bool:
        spider._proxied = proxied
        return asyncio.run(spider._has_no_name("http://old.example/", [reason]))

    assert proven("dns") is not named
    assert not proven("timeout")
    assert not proven("dns", proxied=True)


@pytest.mark.parametrize(
    ("words", "url", "other"),
    [
        ("www.zhangjiang.gov.cn", "http://lucky.example/", True),
        ("https://www.zhangjiang.gov.cn/a", "http://lucky.example/", True),
        ("www.zhangjiang.gov.cn", "https://zhangjiang.gov.cn/", False),
        ("www.zhangjiang.gov.cn", "https://wjw.zhangjiang.gov.cn/", False),
        ("beian.miit.gov.cn", "http://beian.miit.gov.cn.ipv6.gateway.com/", False),
        ("www.zhangjiang.gov.cn", "https://go.example/?to=www.zhangjiang.gov.cn", False),
        ("市政府门户", "http://lucky.example/", False),
        ("联系邮箱 a@zhangjiang.gov.cn", "http://lucky.example/", False),
        ("", "http://lucky.example/", False),
    ],
)
def test_words_that_name_another_address_than_the_link(words: str, url: str, other: bool) -> None:
    assert elsewhere(words, url) is other
