"""The real Sogou pages, with the values their README gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gzcrawl.items import Outcome
from gzcrawl.sources import Page
from gzcrawl.sources.sogou import parse_accounts, parse_articles

Real = Callable[..., Page]
NOW = datetime(2021, 8, 10, tzinfo=UTC)


def test_the_ten_accounts_of_2021_have_the_rows_their_cards_show(real: Real) -> None:
    parsed = parse_accounts(real("sogou/accounts-2021.html"), NOW)
    assert parsed.outcome is Outcome.OK
    assert len(parsed.profiles) == 10
    assert sum("last_article" in profile.extra for profile in parsed.profiles) == 7
    assert [profile.wechat_id for profile in parsed.profiles if profile.verification is None] == ["gigift"]
    first = parsed.profiles[0]
    assert (first.name, first.wechat_id, first.verification) == ("微信派", "wx-pai", "深圳市腾讯计算机系统有限公司")
    assert first.description == "微信官方信息第一出口"


def test_a_stale_last_article_keeps_its_own_date(real: Real) -> None:
    posts = parse_accounts(real("sogou/accounts-2021.html"), NOW).posts
    assert {post.author_name: post.published_at for post in posts}["微信气泡狗"] == datetime.fromtimestamp(
        1604306515, UTC
    )


def test_the_ten_accounts_of_2017_have_their_wechat_ids(real: Real) -> None:
    parsed = parse_accounts(real("sogou/search-gaokao-gzh.html"), NOW)
    assert [profile.wechat_id for profile in parsed.profiles] == [
        "sdgkzn", "sinagkjzq", "hngaokao", "sctvgaokao360", "yuntiangaokao",
        "qq_gaokao", "gkkx678", "gh_591a43050b5f", "tjsjgk", "koogaokao",
    ]  # fmt: skip
    assert parsed.profiles[0].verification == "《山东商报》社"


@pytest.mark.parametrize("name", ["articles-2021", "search-gaokao-article"])
def test_ten_articles_have_title_account_and_time_without_highlights(real: Real, name: str) -> None:
    parsed = parse_articles(real(f"sogou/{name}.html"), NOW)
    assert parsed.outcome is Outcome.OK
    assert len(parsed.posts) == 10
    assert all(post.title and post.author_name and post.published_at for post in parsed.posts)
    assert not any("red_" in f"{post.title}{post.text}" for post in parsed.posts)


def test_articles_of_2021_have_the_values_of_their_cards(real: Real) -> None:
    post = parse_articles(real("sogou/articles-2021.html"), NOW).posts[0]
    assert (post.title, post.author_name) == ("微信突然暂停注册!", "新闻夜航")
    assert post.published_at == datetime.fromtimestamp(1627401617, UTC)
    assert post.url is not None
    assert post.url.startswith("https://weixin.sogou.com/link?url=")


def test_articles_of_2017_span_the_epochs_of_the_page(real: Real) -> None:
    posts = parse_articles(real("sogou/search-gaokao-article.html"), NOW).posts
    epochs = sorted(int(post.published_at.timestamp()) for post in posts if post.published_at)
    assert (epochs[0], epochs[-1]) == (1497949173, 1499424557)


def test_the_search_in_json_tells_the_identity_of_each_article(real: Real) -> None:
    posts = parse_articles(real("sogou/search-gaokao-article.json"), NOW).posts
    assert len(posts) == 10
    assert posts[0].native_id == "MzA5OTA0NDIyMQ==:2653887745:2"
    assert (posts[0].title, posts[0].author_name) == ("高考有多重要,为什么要重视高考?丨微观点", "占豪")
    assert posts[0].published_at == datetime.fromtimestamp(1498908951, UTC)


def test_the_mobile_list_is_read_by_its_last_modified_times(real: Real) -> None:
    posts = parse_articles(real("sogou/wapindex-wap-0612-wap_8-0.html"), NOW).posts
    assert len(posts) == real("sogou/wapindex-wap-0612-wap_8-0.html").body.count(b"<li ")
    assert (posts[0].title, posts[0].author_name) == ("不做这个动作，你的轮胎3个月就要换!", "全球汽车精选")
    assert posts[0].published_at == datetime.fromtimestamp(1501328135, UTC)


@pytest.mark.parametrize("parse", [parse_accounts, parse_articles])
def test_the_captcha_page_is_no_empty_search(real: Real, parse: Callable[..., object]) -> None:
    parsed = parse(real("sogou/antispider-2017.html", "https://weixin.sogou.com/antispider/?from=%2fweixin"), NOW)
    assert getattr(parsed, "outcome", None) is Outcome.BLOCKED
