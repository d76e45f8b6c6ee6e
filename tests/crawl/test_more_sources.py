"""Feeds, official interfaces and manual entries: merged by identity, honest about what they prove, silent about secrets."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import fixtures
from fixtures.city.response import Response, as_json
from gzcrawl.items import Platform
from gzcrawl.mongod import ENV_URI
from gzcrawl.registry import Registry, Site, Watch
from gzcrawl.store.registry import save_registry
from scheduler.cli import main
from scheduler.sandbox import environment
from tests.crawl.conftest import Crawls, WatchedCity, at

BIZ = "MzA5MDI0NDgxMQ=="
FEED = "http://rss.office.example/wjw.xml"
TOKEN, SECRET = "tok-3f9c1b7e5d", "sec-8a2b4c6d7e"


class WiderCity(WatchedCity):
    """With hosts of its own: a feed reader of the office, and the platforms' interfaces."""

    hosts: dict[str, Any]

    def knows(self, host: str) -> bool:
        return host in self.hosts or super().knows(host)

    def answer(self, scheme: str, host: str, path: str, query: str = "") -> Response:
        if host not in getattr(self, "hosts", {}):
            return super().answer(scheme, host, path, query)
        self.asked.append((host, path, query))
        answer = self.hosts[host]
        return answer(path, query) if callable(answer) else answer


def city_with(account_id: str, watch: Watch, **city: Any) -> WiderCity:
    known = WatchedCity(**city).registry
    accounts = tuple(replace(a, watch=watch) if a.id == account_id else a for a in known.accounts)
    made = WiderCity(registry=Registry(known.departments, accounts, known.sites), **city)
    made.hosts = {}
    return made


def rss(*titles: str) -> Response:
    items = "".join(
        f"<item><title>{title}</title><link>http://rss.office.example/{n}</link>"
        f"<pubDate>Sun, 12 Oct 2025 0{n}:00:00 +0800</pubDate></item>"
        for n, title in enumerate(titles, 1)
    )
    built = "<lastBuildDate>Mon, 13 Oct 2025 08:30:00 +0800</lastBuildDate>"
    text = f"<?xml version='1.0'?><rss version='2.0'><channel><title>t</title>{built}{items}</channel></rss>"
    return Response(body=text.encode(), content_type="text/html; charset=utf-8")


def test_a_feed_of_the_office_adds_posts_once_and_says_how_far_it_looked(crawls: Crawls) -> None:
    city = city_with("wjw-wechat", Watch(sogou=False, feeds=(FEED,)), now=at("13T09:00"))
    city.hosts["rss.office.example"] = rss("甲通知", "乙通知")
    crawls.crawl(city, "feed")
    crawls.crawl(city, "feed")
    posts = list(crawls.db.posts.find({"sources": "feed"}))
    assert sorted(post["title"] for post in posts) == ["乙通知", "甲通知"]
    assert {(post["account_id"], post["platform"]) for post in posts} == {("wjw-wechat", str(Platform.WECHAT))}
    (poll,) = crawls.db.polls.find({"target_id": "wjw-wechat"})
    assert (poll["outcome"], poll["complete"], poll["covers_to"]) == ("ok", False, at("13T08:30"))


def official(article: str) -> Any:
    def answer(path: str, query: str) -> Response:
        if path.endswith("stable_token"):
            return as_json({"access_token": TOKEN, "expires_in": 7200})
        if TOKEN not in query:
            return as_json({"errcode": 40001, "errmsg": "invalid credential"})
        news = {"title": "关于接种的通知", "digest": "", "url": article, "is_deleted": False}
        item = {"article_id": "a", "content": {"news_item": [news]}, "update_time": int(at("12T20:00").timestamp())}
        return as_json({"total_count": 1, "item_count": 1, "item": [item]})

    return answer


def test_an_official_interface_is_read_and_its_secrets_are_nowhere(crawls: Crawls, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(f'[wjw-wechat]\nappid = "wx1234567890"\nsecret = "{SECRET}"\n')
    secrets.chmod(0o600)
    city = city_with("wjw-wechat", Watch(sogou=False, official=True), now=at("13T09:00"))
    # The article's own page cannot be had: its time is then known to the month only.
    city.hosts["api.weixin.qq.com"] = official(f"http://mp.weixin.qq.com/s?__biz={BIZ}&mid=265&idx=1&sn=none")
    city.instead["mp.weixin.qq.com"] = Response(status=502)
    with environment({"GZCRAWL_SECRETS": str(secrets), "GZCRAWL_LOG_LEVEL": "DEBUG"}):
        crawls.crawl(city, "official")
    (post,) = crawls.db.posts.find({"sources": "official.wechat"})
    assert (post["title"], post["precision"]) == ("关于接种的通知", "month")
    said = (tmp_path / "crawl.log").read_text()
    assert "stable_token" in said  # the log was not simply silent
    stored = json.dumps([list(crawls.db[name].find()) for name in crawls.db.list_collection_names()], default=str)
    kept = [gzip.decompress(path.read_bytes()).decode("latin-1") for path in tmp_path.rglob("*.warc.gz")]
    assert any("batchget" in text for text in kept)
    for text in (said, stored, *kept):
        assert SECRET not in text
        assert TOKEN not in text


def test_an_account_without_credentials_is_unknown_and_says_what_to_do(crawls: Crawls) -> None:
    crawls.crawl(city_with("wjw-wechat", Watch(official=True), now=at("13T09:00")), "official")
    (poll,) = crawls.db.polls.find({"target_id": "wjw-wechat"})
    assert (poll["outcome"], poll["reason"]) == ("blocked", "official_no_credentials")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_what_a_person_saw_is_imported_once(
    crawls: Crawls, tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    city = WatchedCity(now=at("13T09:00"))
    save_registry(crawls.db, city.registry)
    table = tmp_path / "posts.csv"
    table.write_bytes("账号编号,发布时间,标题,正文,网址\nwjw-wechat,2025-10-12 08:00,甲通知,,\n".encode(encoding))
    with environment({ENV_URI: crawls.uri, "GZCRAWL_NOW": city.now.isoformat()}):
        assert main(["posts", "import", str(table)]) == 0
        assert main(["posts", "import", str(table)]) == 0
    (post,) = crawls.db.posts.find({"sources": "manual"})
    assert (post["title"], post["account_id"], post["published_at"]) == ("甲通知", "wjw-wechat", at("12T08:00"))
    assert "已导入：1 条" in capsys.readouterr().out


def test_a_table_with_mistakes_is_not_imported_and_each_row_says_why(
    crawls: Crawls, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    city = WatchedCity(now=at("13T09:00"))
    save_registry(crawls.db, city.registry)
    table = tmp_path / "posts.csv"
    rows = [
        "nobody,2025-10-12 08:00,题",
        "wjw-wechat,明天,题",
        "wjw-wechat,2025-10-12 08:00,",
        "wjw-wechat,2026-01-01,题",
    ]
    table.write_text("账号编号,发布时间,标题\nwjw-wechat,2025-10-11,好\n" + "\n".join(rows) + "\n")
    with environment({ENV_URI: crawls.uri, "GZCRAWL_NOW": city.now.isoformat()}):
        assert main(["posts", "import", str(table)]) != 0
    said = capsys.readouterr().err
    for sentence in (
        "第 3 行：台账里没有账号",
        "第 4 行：发布时间 '明天' 无法识别",
        "第 5 行：标题和正文",
        "第 6 行：发布时间 2026-01-01 晚于现在",
    ):
        assert sentence in said
    assert crawls.db.posts.count_documents({}) == 0


def test_a_post_seen_by_a_feed_and_on_its_own_page_is_one_post_and_says_both(crawls: Crawls) -> None:
    plain = WatchedCity(now=at("13T09:00"))
    crawls.crawl(plain, "wechat")
    known = crawls.db.posts.find_one({"account_id": "wjw-wechat", "sources": "wechat.article"})
    assert known is not None
    city = city_with("wjw-wechat", Watch(feeds=(FEED,)), now=at("13T09:00"))
    when = known["published_at"].strftime("%a, %d %b %Y %H:%M:%S GMT")
    item = (
        f"<item><title>{known['title']}</title><link>http://rss.office.example/1</link><pubDate>{when}</pubDate></item>"
    )
    text = f"<?xml version='1.0'?><rss version='2.0'><channel><title>t</title>{item}</channel></rss>"
    city.hosts["rss.office.example"] = Response(body=text.encode())
    before = crawls.db.posts.count_documents({"account_id": "wjw-wechat"})
    crawls.crawl(city, "feed")
    assert crawls.db.posts.count_documents({"account_id": "wjw-wechat"}) == before
    again = crawls.db.posts.find_one({"_id": known["_id"]})
    assert again is not None
    assert set(again["sources"]) == {*known["sources"], "feed"}
    assert again["text"] == known["text"]


def test_a_list_that_a_script_would_fill_is_asked_for_its_rows(crawls: Crawls) -> None:
    column = "https://nyj.office.example/zwgk/tzgg/"
    site = Site(id="extra", department="wjw", name="农机", home="https://nyj.office.example/", lists=(column,))
    city = WiderCity(now=at("13T09:00"))
    city.registry = replace(city.registry, sites=(*city.registry.sites, site))
    recorded = Path(fixtures.__file__).parent / "govsite"
    template = (recorded / "list-filled-by-post" / "body.html").read_bytes()
    rows = (recorded / "list-json" / "body.json").read_bytes()

    def answer(path: str, _query: str) -> Response:
        if path == "/queryList":
            return Response(body=rows, content_type="application/json;charset=utf-8")
        return Response(body=template) if path == "/zwgk/tzgg/" else Response(status=404)

    city.hosts = {"nyj.office.example": answer}
    crawls.crawl(city, "govsite")
    poll = crawls.db.polls.find_one({"channel": f"govsite.list:{column}"})
    assert poll is not None
    assert (poll["outcome"], poll["seen"], poll["complete"]) == ("ok", 6, True)
    assert crawls.db.posts.count_documents({"columns": column}) == 6
