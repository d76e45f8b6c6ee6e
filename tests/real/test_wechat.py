"""The real WeChat pages, with the values their README gives."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gzcrawl.items import SHANGHAI, Outcome, Post, Precision, RepostKind
from gzcrawl.sources import Page
from gzcrawl.sources.wechat import parse_about, parse_album, parse_article

Real = Callable[..., Page]
NOW = datetime(2025, 11, 20, tzinfo=UTC)
ARTICLES = {  # file: ct, account, its id, identity, title
    "article-01": (1762747210, "轩辕的编程宇宙", "gh_fe02be2b2ff0", "MzIyNjMxOTY0NA==:2247504179:1"),
    "article-03": (1762834143, "印记中文", "gh_c4896fefddbf", "MzIzOTkwMjM0OQ==:2247544521:1"),
    "article-2018": (1521515999, "共产党员", "gh_9381891f8dd8", "MzA4ODUzNjAxOA==:2671068104:7"),
    "article-2018-wxid": (1522968980, "华商报", "wxid_9443134431811", "ODUzMjkwMzYx:2654593305:1"),
    "article-2020": (1581517074, "爱否科技", "gh_3fb3f07c5c4a", "MjM5NzE1NTMyNg==:2650934104:1"),
    "shared-article-01": (1762819606, "36氪", "gh_240fbf8b33e4", "MzI2NDk5NzA0Mw==:2248865513:3"),
    "shared-article-02": (1762390511, "轩辕的编程宇宙", "gh_fe02be2b2ff0", "MzIyNjMxOTY0NA==:2247504165:1"),
    "pictures-01": (1762338600, "36氪", "gh_240fbf8b33e4", "MzI2NDk5NzA0Mw==:2248864730:1"),
    "text-01": (1759817591, "轩辕的编程宇宙", "gh_fe02be2b2ff0", "MzIyNjMxOTY0NA==:2247503866:1"),
}


def article(real: Real, name: str) -> Post:
    parsed = parse_article(real(f"wechat/{name}.html"), NOW)
    assert parsed.outcome is Outcome.OK, parsed
    (post,) = parsed.posts
    return post


@pytest.mark.parametrize("name", ARTICLES)
def test_an_article_has_its_time_to_the_second_its_account_and_its_identity(real: Real, name: str) -> None:
    ct, account, account_id, identity = ARTICLES[name]
    post = article(real, name)
    assert (post.published_at, post.precision) == (datetime.fromtimestamp(ct, UTC), Precision.SECOND)
    assert (post.author_name, post.author_id, post.native_id) == (account, account_id, identity)
    assert post.title
    assert len(post.text) > 90


@pytest.mark.parametrize(
    ("name", "title", "beginning"),
    [
        ("article-01", "AI编程害死我了，给我的抓包软件埋了一个大雷！", "大家好，我是轩辕。\n最近我正在迭代"),
        ("article-2018", "【视频】石榴花开", "“各民族要相互了解、相互尊重、\n相互包容、相互欣赏、"),
        ("article-2020", "三星 Galaxy S20 系列手机正式发布", "今天凌晨，三星在美国旧金山举行发布会"),
        ("pictures-01", "新能源车均价创6年新低，价格战「寒气」侵蚀供应链", "今年，中国汽车行业价格战"),
        ("text-01", "AI编程带给程序员的危与机", "这两年经常听到AI编程要取代程序员的论调"),
    ],
)
def test_title_and_text_are_as_published(real: Real, name: str, title: str, beginning: str) -> None:
    post = article(real, name)
    assert post.title == title
    assert post.text.startswith(beginning)


def test_originality_is_as_declared(real: Real) -> None:
    declared = {name: article(real, name).original for name in ("article-01", "article-03", "shared-article-01")}
    assert declared == {"article-01": False, "article-03": True, "shared-article-01": False}


@pytest.mark.parametrize(
    ("name", "source_id", "source_name", "identity"),
    [
        ("shared-article-01", "gh_05f192fce051", "新周刊", "MjM5ODMzMDMyMw==:2654868330:1"),
        ("shared-article-02", "gh_5a4c808de7ab", "橘宝AI", "MzE5ODkwNjExNQ==:2247483903:1"),
    ],
)
def test_a_reprint_names_its_source(real: Real, name: str, source_id: str, source_name: str, identity: str) -> None:
    repost = article(real, name).repost_of
    assert repost is not None
    assert repost.kind is RepostKind.REPRINT
    assert (repost.author_id, repost.author_name, repost.native_id) == (source_id, source_name, identity)


def test_articles_of_the_account_itself_are_no_reposts(real: Real) -> None:
    names = [name for name in ARTICLES if not name.startswith("shared")]
    assert {name for name in names if article(real, name).repost_of} == set()


def test_the_source_in_the_text_is_found(real: Real) -> None:
    labels = {name: article(real, name).source_label for name in ("article-2018", "shared-article-01", "article-2020")}
    assert labels == {
        "article-2018": "新华社",
        "shared-article-01": "新周刊（ID：new-weekly）",
        "article-2020": None,
    }


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("wechat/deleted-by-author-01.html", "wechat_deleted"),
        ("wechat/violation-01.html", "wechat_violation"),
        ("wechat/temporarily-unavailable-01.html", "wechat_unavailable"),
        ("sogou/article_detail_expired.html", "wechat_link_expired"),
    ],
)
def test_each_way_to_be_gone_has_its_reason(real: Real, name: str, reason: str) -> None:
    parsed = parse_article(real(name), NOW)
    assert (parsed.outcome, parsed.reason, parsed.items) == (Outcome.GONE, reason, [])


def test_album_pages_tell_whether_they_go_on(real: Real) -> None:
    middle = parse_album(real("wechat/album-middle-page.json"), NOW)
    last = parse_album(real("wechat/album-last-page.json"), NOW)
    assert (len(middle.posts), middle.hints) == (20, {"begin_msgid": "2247484063", "begin_itemidx": "1"})
    assert (len(last.posts), last.hints) == (16, {})
    post = middle.posts[0]
    assert post.published_at == datetime.fromtimestamp(1722667392, UTC)
    assert (post.title, post.native_id) == (
        "微型小说《在这所有道路都被掀起来的世界》",
        "Mzg4NTc2OTYxMQ==:2247484173:1",
    )


@pytest.mark.parametrize(
    ("name", "wechat_id", "body", "kind"),
    [
        ("account-about-01", "shengongshewx", "上海市总工会", "其他组织"),
        ("account-about-02", "bj54zx", "北京市第五十四中学", "事业单位"),
    ],
)
def test_the_about_page_names_the_verified_body(real: Real, name: str, wechat_id: str, body: str, kind: str) -> None:
    (profile,) = parse_about(real(f"wechat/{name}.html"), NOW).profiles
    assert (profile.wechat_id, profile.verification, profile.extra["body_kind"]) == (wechat_id, body, kind)


def test_a_page_of_three_megabytes_is_read_quickly(real: Real) -> None:
    page = real("wechat/shared-article-01.html")
    spent = []
    for _ in range(3):
        begin = time.perf_counter()
        parse_article(page, NOW)
        spent.append(time.perf_counter() - begin)
    assert min(spent) < 0.25  # 0.05 s on an idle core


def test_the_day_only_time_of_2018_does_not_win_over_the_seconds(real: Real) -> None:
    post = article(real, "article-2018")
    assert post.published_at == datetime(2018, 3, 20, 11, 19, 59, tzinfo=SHANGHAI)
