"""WeChat's pages, recorded and constructed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.cases import Case, cases
from gzcrawl.items import Outcome, Precision
from gzcrawl.sources import Page, Parser
from gzcrawl.sources.wechat import parse_about, parse_album, parse_article
from gzcrawl.sources.wechat.body import html_text
from gzcrawl.sources.wechat.script import assignments, cgi_data, unescape
from gzcrawl.sources.wechat.urls import clean_url, native_id, native_id_of

NOW = datetime(2025, 11, 20, tzinfo=UTC)
URL = "https://mp.weixin.qq.com/s/AbCdEfGhIjKlMnOpQrStUv"
PARSERS: dict[str, Parser] = {
    "wechat.article": parse_article,
    "wechat.album": parse_album,
    "wechat.about": parse_about,
}
CASES = {case.name: case for case in cases("wechat")}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_recorded_page_gives_what_stands_beside_it(case: Case) -> None:
    assert case.differences(PARSERS[case.source](Page(**case.request), case.fetched_at)) == []


def test_every_way_to_be_gone_of_the_recorded_pages_is_told_apart() -> None:
    reasons = {case.expected["reason"] for case in CASES.values() if case.expected["outcome"] == "gone"}
    assert len(reasons) == 10


def test_the_advertising_account_is_never_the_author() -> None:
    for case in CASES.values():
        for post in PARSERS[case.source](Page(**case.request), NOW).posts:
            assert post.author_id != "gh_1e80bb81a1d2"
            assert post.author_name != "微信广告"


@pytest.mark.parametrize(
    ("script", "at", "precision"),
    [
        ('var ct = "1762747210"; var create_time = "1700000000" * 1;', 1762747210, Precision.SECOND),
        ("window.ct = '1762747210' || '';", 1762747210, Precision.SECOND),
        ("var ct = \"\"; var oriCreateTime = '1762747210';", 1762747210, Precision.SECOND),
        ("var createTime = '2025-11-10 12:00';", 1762747200, Precision.MINUTE),
        ('var publish_time = "2025-11-10" || "";', 1762704000, Precision.DAY),
    ],
)
def test_the_most_exact_time_of_a_page_is_taken(script: str, at: int, precision: Precision) -> None:
    body = f'<div id="js_article"><h1>标题</h1></div><script>var nickname = "虔州"; {script}</script>'
    (post,) = parse_article(Page(url=URL, body=body.encode()), NOW).posts
    assert (post.published_at, post.precision) == (datetime.fromtimestamp(at, UTC), precision)


@pytest.mark.parametrize(
    "script", ["", 'var ct = "0";', 'var ct = "abc";', 'var ct = "99999999999999";', "var ct = x;"]
)
def test_an_article_without_a_time_is_a_changed_layout_never_a_guess(script: str) -> None:
    body = f'<div id="js_article"><h1>标题</h1></div><script>var nickname = "虔州"; {script}</script>'
    parsed = parse_article(Page(url=URL, body=body.encode()), NOW)
    assert (parsed.outcome, parsed.items) == (Outcome.LAYOUT_CHANGED, [])


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[1]", b"[" * 100_000, b"<html></html>", b"\x00\xff", b"null"])
@pytest.mark.parametrize("source", PARSERS)
def test_a_page_without_content_is_no_observation(source: str, body: bytes) -> None:
    parsed = PARSERS[source](Page(url=URL, body=body), NOW)
    assert not parsed.outcome.observed
    assert parsed.items == []


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (r"a\x26amp;b", "a&amp;b"),
        (r"\u4e2d\u6587", "中文"),
        (r"\uD83D\uDE00", "😀"),
        (r"\uD83D", "\ufffd"),
        (r"it\'s \"ok\" \\ \/", 'it\'s "ok" \\ /'),
        (r"one\ntwo\x0athree", "one\ntwo\nthree"),
        (r"\xZZ\u12", "xZZu12"),
    ],
)
def test_escapes_of_scripts_are_undone(literal: str, value: str) -> None:
    assert unescape(literal) == value


def test_values_are_read_as_the_script_would_have_them() -> None:
    script = """
        var ct = "" || "" || "1762747210";
        var nickname = htmlDecode("A&amp;B");
        var msg_title = 'it\\'s'.html(false);
        var ctx = "no"; other.ct = "no"; var biz = opt.biz || "x";
        d.nick_name = (xml ? getXmlValue('nick_name.DATA') : '虔州').html(false);
    """
    values = assignments([script])
    assert values["ct"] == "1762747210"
    assert values["nickname"] == "A&amp;B"
    assert values["msg_title"] == "it's"
    assert values["nick_name"] == "虔州"
    assert "biz" not in values


def test_nested_data_does_not_hide_or_replace_the_article_s_own() -> None:
    script = "window.cgiDataNew = { pics: [ { user_name: 'no' } ], user_name: JsDecode('gh_1'), mid: '5' * 1, a: { b: 'c' }, };"
    assert cgi_data([script]) == {"pics..user_name": "no", "user_name": "gh_1", "mid": "5", "a.b": "c"}


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>一</p><p>二<br/>三</p>", "一\n二\n三"),
        ("<p>一\n  二</p>", "一 二"),
        ("<section><section><span>一</span><strong>二</strong></section></section>", "一二"),
        ("<p><img alt='x'/></p><p>&nbsp;</p><p>一</p>", "一"),
        ("<style>p{}</style><script>1</script>一<!-- 二 -->", "一"),
        ("", ""),
    ],
)
def test_the_text_of_an_article_is_what_its_blocks_show(html: str, text: str) -> None:
    assert html_text(html) == text


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        ("http://mp.weixin.qq.com/s?__biz=MzA5==&amp;mid=22&amp;idx=1&amp;sn=ff#rd", "MzA5==:22:1"),
        (r"http://mp.weixin.qq.com/s?__biz=MzA5%3D%3D\x26amp;appmsgid=22\x26amp;itemidx=3", "MzA5==:22:3"),
        ("https://mp.weixin.qq.com/s/AbCd", ""),
        ("https://mp.weixin.qq.com/s?src=11&timestamp=1&ver=1&signature=x", ""),
        ("https://evil.example/s?__biz=MzA5==&mid=22&idx=1", ""),
        ("http://[", ""),
    ],
)
def test_the_identity_of_an_article_is_read_from_its_long_address(url: str, identity: str) -> None:
    assert native_id_of(url) == identity


def test_the_decimal_form_of_an_account_s_number_gives_the_same_identity() -> None:
    assert native_id("2398330323", "5", "1") == native_id("MjM5ODMzMDMyMw==", "5", "1") == "MjM5ODMzMDMyMw==:5:1"


@given(st.text(max_size=80))
def test_an_address_is_an_address_or_nothing(text: str) -> None:
    assert clean_url(text) == "" or clean_url(text).startswith(("http://", "https://"))
