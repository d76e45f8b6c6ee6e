"""Government sites in the shapes of their content systems; all pages here are written for these tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gzcrawl.items import SHANGHAI, Outcome, Post, Precision
from gzcrawl.sources import Page
from gzcrawl.sources.govsite import canonical_url, parse_article, parse_home, parse_list

NOW = datetime(2025, 10, 13, 9, tzinfo=SHANGHAI)
BODY = (
    "为做好秋冬季传染病防控工作，现就有关事项通知如下：一、压实责任。二、加强监测。三、广泛宣传。请各单位认真抓好落实。"
    * 3
)


def page(html: str, url: str = "https://wjw.zhangjiang.example/c100/202509/0a1b.shtml", **response: Any) -> Page:
    return Page(url=url, body=html.encode(response.pop("charset", "utf-8")), **response)


def written(
    head: str = "", top: str = "", url: str = "https://wjw.zhangjiang.example/c100/202509/0a1b.shtml", **response: Any
) -> Post:
    html = f"""<!DOCTYPE html><html><head><title>关于做好防控工作的通知-章江市卫生健康委员会</title>{head}</head><body>
    <div class="nav"><a href="/">首页</a><a href="/gk">公开</a></div><h1>关于做好防控工作的通知</h1>{top}
    <div class="content"><p>{BODY}</p></div><div class="footer">主办：章江市卫生健康委员会</div></body></html>"""
    parsed = parse_article(page(html, **response), NOW)
    assert parsed.outcome is Outcome.OK, parsed
    return parsed.posts[0]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("top", "expected", "precision"),
    [
        ("<p>发布时间：2025-09-16 08:30</p>", "2025-09-16 08:30", Precision.MINUTE),
        ("<p>发布日期：2025年9月16日　来源：市疾控中心</p>", "2025-09-16", Precision.DAY),
        ("<p>时间：２０２５-０９-１６　０８：３０</p>", "2025-09-16 08:30", Precision.MINUTE),
        ("<p><span>2025-09-16</span> <span>08:30:15</span> 来源：本网</p>", "2025-09-16 08:30:15", Precision.SECOND),
    ],
)
def test_the_visible_time_is_read_as_fine_as_it_stands(top: str, expected: str, precision: Precision) -> None:
    post = written(top=top)
    assert (post.published_at, post.precision) == (at(expected), precision)
    assert post.title == "关于做好防控工作的通知"


def test_pubdate_counts_where_nothing_speaks_against_it() -> None:
    post = written('<meta content="2025-09-16 08:30" name="PubDate"><meta name="contentSource" content="市疾控中心">')
    assert (post.published_at, post.source_label) == (at("2025-09-16 08:30"), "市疾控中心")


def test_pubdate_that_is_the_time_of_generation_does_not_count() -> None:
    head = """<meta name="PubDate" content="2025-10-10 11:36:07">
    <meta name="others" content="页面生成时间 2025-10-10 11:36:07">"""
    post = written(head)
    assert post.interval is not None
    start, end = post.interval
    assert not start <= at("2025-10-10 11:36:07") < end
    assert start <= at("2025-09-16") < end  # the month of the address


@pytest.mark.parametrize(
    ("top", "label"), [("<p>来源：市疾控中心</p>", "市疾控中心"), ("<p>信息来源: 健康报</p>", "健康报"), ("", None)]
)
def test_the_source_is_what_stands_behind_its_label(top: str, label: str | None) -> None:
    assert written(top=f"<p>发布时间：2025-09-16 08:30</p>{top}").source_label == label


@pytest.mark.parametrize("declared", ["gb2312", "gbk", "utf-8"])
def test_gbk_bytes_are_read_whatever_is_declared(declared: str) -> None:
    post = written(f'<meta charset="{declared}">', "<p>发布时间：2025-09-16 08:30</p>", charset="gb18030")
    assert post.title == "关于做好防控工作的通知"
    assert "\ufffd" not in post.text


def test_a_page_without_an_article_is_no_article() -> None:
    empty = page(
        "<html><head><title></title></head><body><div></div></body></html>", "https://wjw.zhangjiang.example/x"
    )
    assert parse_article(empty, NOW).outcome is Outcome.LAYOUT_CHANGED


def rows(*dates: str, wrap: str = "{}") -> Any:
    items = "".join(
        f'<li><a href="/c100/202510/{n:04}abcd.shtml">关于做好第{n}项工作的通知</a><span>{date}</span></li>'
        for n, date in enumerate(dates)
    )
    html = f"<html><head><title>通知公告</title></head><body><ul class='list'>{wrap.format(items)}</ul></body></html>"
    return parse_list(page(html, "https://wjw.zhangjiang.example/c100/tzgg.shtml"), NOW)


NEWEST_FIRST = ("2025-10-12", "2025-10-10", "2025-10-09", "2025-09-30")


def test_a_list_says_for_which_time_it_would_have_shown_an_article() -> None:
    parsed = rows(*NEWEST_FIRST)
    assert [p.published_at for p in parsed.posts] == [at(day) for day in NEWEST_FIRST]
    assert parsed.hints["covers_from"] is not None
    assert at("2025-09-30") <= parsed.hints["covers_from"] <= at("2025-10-01")


def test_the_newest_row_is_found_in_whatever_order_they_stand() -> None:
    parsed = rows(*reversed(NEWEST_FIRST))
    assert max(p.published_at for p in parsed.posts if p.published_at) == at("2025-10-12")
    assert not parsed.hints.get("covers_from")  # more may follow on other pages


def test_rows_inside_a_comment_are_rows() -> None:
    assert len(rows(*NEWEST_FIRST, wrap="<!-- {} -->").posts) == 4


@pytest.mark.parametrize(
    ("written_as", "day"), [("[10-12]", "2025-10-12"), ("12-30", "2024-12-30"), ("2025/10/12", "2025-10-12")]
)
def test_a_year_that_is_left_out_is_the_last_one_possible(written_as: str, day: str) -> None:
    assert rows(written_as, written_as, written_as).posts[0].published_at == at(day)


def test_a_list_that_a_script_fills_is_unread_not_empty() -> None:
    html = """<html><head><title>通知公告</title></head><body><ul id="list"></ul>
    <script type="text/x-handlebars-template" id="t">{{#each results}}<li><a href="{{url}}">{{title}}</a></li>{{/each}}</script>
    <script>$.post("/queryList", {current: 1, pageSize: 20, webSiteCode: ["a"]}, show)</script></body></html>"""
    parsed = parse_list(page(html), NOW)
    assert (parsed.outcome, parsed.items) == (Outcome.LAYOUT_CHANGED, [])


@pytest.mark.parametrize(
    ("script", "form"),
    [
        ('$.post("/queryList", {current: 1, webSiteCode: ["a"]}, show)', {"current": "1", "webSiteCode": ["a"]}),
        ("var site = 'a', id = '17';\nlist({ 'channelCode[]': id, perPage: 12, url: '/queryList', template: 't' });",
         {"channelCode[]": "17", "perPage": "12"}),
        ("list({ 'channelCode[]': id, url: '/queryList' })", None),
        ("fetch('/queryList')", None),
    ],
)  # fmt: skip
def test_a_list_is_asked_for_by_the_parameters_of_its_page_or_not_at_all(script: str, form: Any) -> None:
    """Without them the platform answers with another column."""
    html = f"""<html><head><title>通知公告</title></head><body><ul id="list"></ul>
    <script type="text/x-handlebars-template">{{{{#each results}}}}<li>{{{{title}}}}</li>{{{{/each}}}}</script>
    <script>{script}</script></body></html>"""
    assert (parse_list(page(html), NOW).hints.get("data_call") or {}).get("form") == form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://WJW.zhangjiang.example:443/a/b.html#top", "http://wjw.zhangjiang.example/a/b.html"),
        ("https://wjw.zhangjiang.example/index.html", "https://wjw.zhangjiang.example/"),
    ],
)
def test_addresses_of_one_article_are_one(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize("parse", [parse_article, parse_list, parse_home])
@given(
    body=st.binary(max_size=300) | st.text(max_size=200).map(lambda text: f"<html><body>{text}</body></html>".encode())
)
@settings(deadline=timedelta(seconds=5))
def test_no_bytes_break_a_parser(parse: Any, body: bytes) -> None:
    assert parse(Page(url="https://wjw.zhangjiang.example/a.html", body=body), NOW).outcome in Outcome
