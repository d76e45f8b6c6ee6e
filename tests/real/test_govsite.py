"""The real pages of government sites, with the values their README gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from gzcrawl.items import SHANGHAI, Outcome, Post, Precision
from gzcrawl.sources import Page
from gzcrawl.sources.govsite import parse_article, parse_home, parse_list

Real = Callable[..., Page]
NOW = datetime(2026, 11, 24, 9, tzinfo=SHANGHAI)


def article(real: Real, name: str, url: str = "https://example.com/") -> Post:
    parsed = parse_article(real(f"govsite/{name}.html", url), NOW)
    assert parsed.outcome is Outcome.OK
    (post,) = parsed.posts
    return post


@pytest.mark.parametrize(
    ("name", "title", "at", "precision", "source"),
    [
        ("zj-fgw-article", "1-10月德清县固定资产投资结构趋稳趋优", "2016-11-22 09:53", Precision.MINUTE, "省发改委"),
        ("shanxi-gov-article", "山西品牌丝路行（南美站）正式启动", "2019-09-18 06:23", Precision.MINUTE, "山西日报"),
        (
            "wanzai-article-2022",
            "万载县2022年国民经济和社会发展统计公报",
            "2023-05-11 00:00",
            Precision.DAY,
            "万载县统计局",
        ),
        (
            "cmse-article-2012",
            "天宫一号与神舟九号载人交会对接任务第二场新闻发布会",
            "2012-06-24 00:00",
            Precision.DAY,
            None,
        ),
        (
            "article-after-challenge",
            "2020年09月11日药品批准证明文件待领取信息发布",
            "2020-09-11 08:38",
            Precision.MINUTE,
            "国家药品监督管理局",
        ),
    ],
)
def test_title_time_and_source_are_what_a_reader_sees(
    real: Real, name: str, title: str, at: str, precision: Precision, source: str | None
) -> None:
    post = article(real, name)
    expected = datetime.strptime(at, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
    assert (post.title, post.published_at, post.precision) == (title, expected, precision)
    assert post.source_label == source
    assert len(post.text) > 200


def test_the_time_a_page_was_generated_is_not_when_it_was_published(real: Real) -> None:
    post = article(real, "yichun-article-reposted")
    assert post.interval is not None
    generated = datetime(2023, 5, 16, 12, 34, 10, tzinfo=SHANGHAI)
    assert not post.interval[0] <= generated < post.interval[1]
    assert post.title == "江西省2022年国民经济和社会发展统计公报"
    assert "江西统计" in (post.source_label or "")


def test_a_document_is_dated_by_its_publication_not_by_its_writing(real: Real) -> None:
    post = article(real, "govcn-policy")
    assert post.published_at == datetime(2019, 2, 15, tzinfo=SHANGHAI)


def test_rows_inside_a_comment_are_rows(real: Real) -> None:
    posts = parse_list(real("govsite/list-commented-out.html"), NOW).posts
    assert len(posts) == 20
    assert max(p.published_at for p in posts if p.published_at) == datetime(2025, 11, 17, tzinfo=SHANGHAI)


def test_a_list_that_a_script_fills_is_not_empty_but_unread(real: Real) -> None:
    parsed = parse_list(real("govsite/list-handlebars.html"), NOW)
    assert (parsed.outcome, parsed.reason, parsed.items) == (Outcome.LAYOUT_CHANGED, "list_filled_by_script", [])


@pytest.mark.parametrize("name", ["list-trs", "list-links-to-wechat"])
def test_every_row_has_a_title_an_address_and_a_day(real: Real, name: str) -> None:
    posts = parse_list(real(f"govsite/{name}.html", "https://a.example/list/"), NOW).posts
    assert len(posts) == 20
    assert all(p.title and p.published_at and (p.url or "").startswith("http") for p in posts)


def test_the_marks_in_the_footer_of_a_home_page_are_read(real: Real) -> None:
    (profile,) = parse_home(real("govsite/yichun-home-2023.html"), NOW).profiles
    assert profile.name == "中国宜春"
    assert profile.extra["site_code"] == "3609000002"
    assert profile.extra["icp"] == "赣ICP备06000141号"
