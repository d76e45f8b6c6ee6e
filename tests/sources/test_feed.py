"""Feeds: what they list is a post; what they do not list proves nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzcrawl.items import Outcome, Platform, Precision
from gzcrawl.sources import Page
from gzcrawl.sources.feed import identity_of, parse_feed

NOW = datetime(2025, 10, 13, 1, tzinfo=UTC)

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>健康章江</title><link>https://rss.example/</link>
<lastBuildDate>Mon, 13 Oct 2025 00:50:00 GMT</lastBuildDate>
<item><title><![CDATA[秋冬季流感疫苗接种开始]]></title><link>https://mp.weixin.qq.com/s?__biz=MzA5MDI0NDgxMQ==&amp;mid=2650001&amp;idx=1&amp;sn=ab</link>
<pubDate>{first}</pubDate><description><![CDATA[<p>各接种点<b>今日</b>开诊。</p>]]></description><author>健康章江</author></item>
<item><title>节后门诊安排</title><link>https://mp.weixin.qq.com/s/AbCdEfGhIjK</link>
<pubDate>Thu, 09 Oct 2025 02:00:00 GMT</pubDate><description>照常开诊</description></item>
</channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><id>i</id>
<updated>2025-10-13T08:55:00+08:00</updated>
<entry><title>早安</title><id>1</id><link href="https://weibo.com/2539961154/z0JH2lOMb"/>
<published>2025-10-12T08:00:00+08:00</published><updated>2025-10-12T09:00:00+08:00</updated>
<content type="html">&lt;p&gt;早安，章江&lt;/p&gt;</content></entry></feed>"""


def page(body: str | bytes, content_type: str = "application/xml; charset=utf-8") -> Page:
    raw = body.encode() if isinstance(body, str) else body
    return Page(url="https://rss.example/feed", body=raw, headers={"content-type": content_type})


def json_feed(*items: dict[str, Any]) -> Page:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": items}
    return page(json.dumps(feed), "application/feed+json")


def test_an_rss_feed_lists_posts_and_tells_until_when_it_looked() -> None:
    parsed = parse_feed(page(RSS.format(first="Sun, 12 Oct 2025 08:30:00 +0800")), NOW)
    assert parsed.outcome is Outcome.OK
    assert parsed.hints["built_at"] == datetime(2025, 10, 13, 0, 50, tzinfo=UTC)
    first, second = parsed.posts
    assert (first.platform, first.native_id) == (Platform.WECHAT, "MzA5MDI0NDgxMQ==:2650001:1")
    assert (first.title, first.text) == ("秋冬季流感疫苗接种开始", "各接种点今日开诊。")
    assert first.published_at == datetime(2025, 10, 12, 0, 30, tzinfo=UTC)
    assert (second.native_id, second.precision) == ("", Precision.SECOND)


def test_a_time_without_a_zone_is_the_time_of_china() -> None:
    parsed = parse_feed(page(RSS.format(first="2025-10-12 08:30:00")), NOW)
    assert parsed.posts[0].published_at == datetime(2025, 10, 12, 0, 30, tzinfo=UTC)


def test_an_atom_entry_is_dated_by_its_publication_and_known_by_its_number() -> None:
    (post,) = parse_feed(page(ATOM), NOW).posts
    assert post.published_at == datetime(2025, 10, 12, 0, tzinfo=UTC)
    assert (post.platform, post.text) == (Platform.WEIBO, "早安，章江")
    assert post.native_id == identity_of("https://m.weibo.cn/status/z0JH2lOMb")[1] != ""


def test_short_and_long_numbers_of_a_weibo_post_are_one() -> None:
    assert identity_of("https://weibo.com/1/z0JH2lOMb") == (Platform.WEIBO, "3501756485200075")
    assert identity_of("https://m.weibo.cn/detail/3501756485200075") == (Platform.WEIBO, "3501756485200075")


def test_a_json_feed_is_read_and_claims_no_time_of_building() -> None:
    item = {
        "id": "1",
        "url": "https://mp.weixin.qq.com/s/Ab",
        "title": "题",
        "date_published": "2025-10-12T08:00:00+08:00",
    }
    parsed = parse_feed(json_feed(item), NOW)
    assert [post.title for post in parsed.posts] == ["题"]
    assert parsed.hints["built_at"] is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (RSS.format(first="Sun, 12 Oct 2025 08:30:00 +0800")[:-80], "feed_torn"),
        ("<?xml version='1.0'?><rss version='2.0'><channel><title>t</title></channel></rss>", "feed_empty"),
        ("<html><head><title>RSSHub</title></head><body>Welcome to RSSHub!</body></html>", "feed_not_a_feed"),
        (RSS.format(first="不久前"), "feed_entry_unreadable"),
        (RSS.format(first="Sun, 12 Oct 2031 08:30:00 +0800"), "feed_entry_unreadable"),
        ('{"error": "not found"}', "feed_not_a_feed"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [', "feed_torn"),
    ],
)
def test_what_is_no_whole_feed_is_no_observation(body: str, reason: str) -> None:
    parsed = parse_feed(page(body), NOW)
    assert (parsed.outcome, parsed.reason) == (Outcome.LAYOUT_CHANGED, reason)


@given(st.text(max_size=300), st.text(max_size=60))
def test_whatever_an_entry_says_nothing_breaks_and_no_time_is_in_the_future(title: str, when: str) -> None:
    parsed = parse_feed(
        json_feed({"url": "https://mp.weixin.qq.com/s/Ab", "title": title, "date_published": when}), NOW
    )
    assert all(post.published_at and post.published_at <= NOW for post in parsed.posts)
