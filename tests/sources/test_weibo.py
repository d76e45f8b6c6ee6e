"""Weibo answers, recorded and constructed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from fixtures.cases import Case, cases
from gzcrawl.items import Outcome, Platform, Profile
from gzcrawl.sources import Page
from gzcrawl.sources.weibo import (
    parse_comments,
    parse_desktop,
    parse_long_text,
    parse_profile,
    parse_timeline,
    settle_empty,
)
from gzcrawl.sources.weibo.mblog import count
from gzcrawl.sources.weibo.text import read_html, unwrap

NOW = datetime(2025, 6, 1, 4, tzinfo=UTC)
PARSERS = {
    "weibo.timeline": parse_timeline,
    "weibo.profile": parse_profile,
    "weibo.desktop": parse_desktop,
    "weibo.longtext": parse_long_text,
    "weibo.comments": parse_comments,
}


def page(answer: Any) -> Page:
    return Page(url="https://m.weibo.cn/api/container/getIndex", body=json.dumps(answer).encode())


def timeline(*mblogs: dict[str, Any], **info: Any) -> Page:
    cards = [{"card_type": 9, "mblog": mblog} for mblog in mblogs]
    return page({"ok": 1, "data": {"cardlistInfo": {"containerid": "107603600", **info}, "cards": cards}})


def mblog(mid: int = 5_000_000_000_000_001, **fields: Any) -> dict[str, Any]:
    user = {"id": 600, "screen_name": "虔州卫健"}
    return {"id": str(mid), "created_at": "Sun Jun 01 08:00:00 +0800 2025", "text": "早安", "user": user, **fields}


@pytest.mark.parametrize("case", cases("weibo"), ids=lambda case: case.name)
def test_a_recorded_answer_gives_what_stands_beside_it(case: Case) -> None:
    assert case.differences(PARSERS[case.source](Page(**case.request), case.fetched_at)) == []


@pytest.mark.parametrize(
    ("mark", "pinned"),
    [
        ({"isTop": 1}, True),
        ({"isTop": 0}, False),
        ({"mblogtype": 2}, True),
        ({"mblogtype": 1}, False),
        ({"mblogtype": 0}, False),
        ({"title": {"text": "置顶"}}, True),
        ({"title": {"text": "他赞过的微博"}}, False),
        ({"title": None}, False),
        ({}, False),
    ],
)
def test_only_the_known_marks_pin_a_post(mark: dict[str, Any], pinned: bool) -> None:
    (post,) = parse_timeline(timeline(mblog(**mark)), NOW).posts
    assert post.pinned is pinned


def test_the_card_can_pin_a_post_too() -> None:
    cards = [{"card_type": 9, "profile_type_id": "proweibotop_", "mblog": mblog()}]
    (post,) = parse_timeline(page({"ok": 1, "data": {"cards": cards}}), NOW).posts
    assert post.pinned


def test_an_old_post_standing_first_without_a_mark_claims_no_coverage_of_the_past() -> None:
    old = mblog(4_000_000_000_000_000, created_at="Sun Jun 02 08:00:00 +0800 2019")
    parsed = parse_timeline(timeline(old, mblog(), since_id=7), NOW)
    assert parsed.hints["covers_from"] == datetime(2025, 6, 1, tzinfo=UTC)


def test_a_page_of_pinned_posts_covers_nothing() -> None:
    assert parse_timeline(timeline(mblog(isTop=1), since_id=7), NOW).hints["covers_from"] is None


def test_a_timeline_that_shows_all_its_posts_is_at_its_end() -> None:
    assert parse_timeline(timeline(mblog(), page=2, total=1), NOW).hints["end"] is True
    assert parse_timeline(timeline(mblog(), page=2, total=259), NOW).hints["end"] is False
    assert parse_timeline(timeline(mblog()), NOW).hints["end"] is True


@pytest.mark.parametrize(
    ("profile", "outcome"),
    [
        (Profile(platform=Platform.WEIBO, source="weibo.profile", native_id="600", statuses_count=0), Outcome.EMPTY),
        (Profile(platform=Platform.WEIBO, source="weibo.profile", native_id="600", statuses_count=5), Outcome.BLOCKED),
        (Profile(platform=Platform.WEIBO, source="weibo.profile", native_id="600"), Outcome.BLOCKED),
        (None, Outcome.BLOCKED),
    ],
)
def test_no_content_is_an_empty_timeline_only_if_the_profile_counts_no_posts(
    profile: Profile | None, outcome: Outcome
) -> None:
    parsed = parse_timeline(page({"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}), NOW)
    assert settle_empty(parsed, profile).outcome is outcome


def test_a_timeline_with_posts_is_not_settled_again() -> None:
    parsed = parse_timeline(timeline(mblog()), NOW)
    empty = Profile(platform=Platform.WEIBO, source="weibo.profile", native_id="600", statuses_count=0)
    assert settle_empty(parsed, empty) is parsed


def test_a_login_wall_is_never_settled_as_empty() -> None:
    parsed = parse_timeline(page({"ok": -100, "url": "https://passport.weibo.com/sso/signin"}), NOW)
    empty = Profile(platform=Platform.WEIBO, source="weibo.profile", native_id="600", statuses_count=0)
    assert settle_empty(parsed, empty).outcome is Outcome.BLOCKED


@pytest.mark.parametrize("field", ["id", "created_at"])
def test_a_post_without_id_or_time_is_a_changed_layout(field: str) -> None:
    broken = mblog()
    del broken[field]
    assert parse_timeline(timeline(broken), NOW).outcome is Outcome.LAYOUT_CHANGED


@pytest.mark.parametrize("answer", [[], 1, "x", None, {}, {"ok": 1}, {"ok": 1, "data": None}, {"ok": 0, "msg": "?"}])
@pytest.mark.parametrize("source", PARSERS)
def test_an_answer_without_content_is_never_an_observation(source: str, answer: Any) -> None:
    parsed = PARSERS[source](page(answer), NOW)
    assert not parsed.outcome.observed
    assert parsed.items == []


@pytest.mark.parametrize(
    "body", [b"", b"   ", b"{", b"[" * 100_000, b'{"ok": 1, "data": {"cards": [{"card', b"\xff\xfe"]
)
@pytest.mark.parametrize("source", PARSERS)
def test_broken_json_is_never_an_observation(source: str, body: bytes) -> None:
    assert not PARSERS[source](Page(url="https://m.weibo.cn/", body=body), NOW).outcome.observed


def test_html_where_json_was_asked_for_is_a_wall() -> None:
    parsed = parse_timeline(Page(url="https://m.weibo.cn/", body=b"<html><title>x</title></html>"), NOW)
    assert parsed.outcome is Outcome.BLOCKED


def test_the_word_verify_in_a_good_answer_is_no_wall() -> None:
    assert parse_timeline(timeline(mblog(text="verify your account")), NOW).outcome is Outcome.OK


def test_a_name_that_lost_characters_is_not_reported_as_a_new_name() -> None:
    body = json.dumps({"ok": 1, "data": {"userInfo": {"id": 600, "screen_name": "虔州"}}}, ensure_ascii=False)
    broken = body.encode().replace("州".encode(), b"\xe5\xb7\xff\xff")
    parsed = parse_profile(Page(url="https://m.weibo.cn/", body=broken), NOW)
    assert parsed.outcome is Outcome.LAYOUT_CHANGED


def test_half_an_emoji_can_be_stored() -> None:
    (post,) = parse_timeline(timeline(mblog(text="火\ud83d", user={"id": 600, "screen_name": "\ude00卫健"})), NOW).posts
    assert post.key
    assert (post.text.encode(), post.author_name) == ("火\ufffd".encode(), "\ufffd卫健")


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5), ("5", 5), ("43.4万", 434_000), ("100万+", 1_000_000), ("1.2亿", 120_000_000), ("1,234", 1234),
        ("赞", None), (None, None), (True, None), ("", None), ("万", None), ([], None),
    ],
)  # fmt: skip
def test_counts_are_numbers_or_nothing(value: Any, number: int | None) -> None:
    assert count(value) == number


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("a<br />b<br>c", "a\nb\nc"),
        ("<img alt=[doge] src='x'>好", "[doge]好"),
        ("<span class='url-icon'><img src='icon.png'></span><span class=surl-text>网页链接</span>", "网页链接"),
        ("&lt;b&gt; &amp;&nbsp;c", "<b> & c"),
        ("文末​​​", "文末"),
        ("见<a href='/status/1'>全文</a>", "见"),
        ("看<a href='https://x.example/'>全文</a>", "看全文"),
        ("<script>alert(1)</script>好", "好"),
        ("", ""),
    ],
)
def test_the_text_is_what_a_reader_sees(html: str, plain: str) -> None:
    assert read_html(html).plain == plain


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("https://weibo.cn/sinaurl?u=https%3A%2F%2Fa.example%2F%3Fx%3D1", "https://a.example/?x=1"),
        ("//weibo.cn/sinaurl?f=w&u=http%3A%2F%2Fa.example", "http://a.example"),
        ("https://a.example/1", "https://a.example/1"),
        ("https://m.weibo.cn/search?containerid=1", None),
        ("/n/虔州发布", None),
        ("https://weibo.cn/sinaurl?u=javascript:alert(1)", None),
        ("http://[::1", None),
        ("", None),
    ],
)
def test_a_link_leads_out_of_weibo_or_nowhere(href: str, target: str | None) -> None:
    assert unwrap(href) == target


@pytest.mark.parametrize("depth", [200, 100_000])
def test_deeply_nested_markup_does_not_exhaust_the_stack(depth: int) -> None:
    assert read_html("早" + "<b>" * depth + "好").plain.startswith("早")
