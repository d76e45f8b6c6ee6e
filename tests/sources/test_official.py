"""The platforms' own interfaces: lists, errors, and what their times are worth."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from gzcrawl.items import Outcome, Precision
from gzcrawl.messages import REASONS
from gzcrawl.sources import Page
from gzcrawl.sources.official import parse_published, parse_token, parse_user_timeline

NOW = datetime(2025, 10, 13, 1, tzinfo=UTC)


def page(answer: Any, status: int = 200) -> Page:
    return Page(url="https://api.weixin.qq.com/x", body=json.dumps(answer).encode(), status=status)


def article(**fields: Any) -> dict[str, Any]:
    url = "http://mp.weixin.qq.com/s?__biz=MzA5MDI0NDgxMQ==&mid=2650001&idx=1&sn=ab#rd"
    return {"title": "通知", "digest": "要点", "url": url, "is_deleted": False, **fields}


def published(*articles: dict[str, Any], total: int = 1) -> Page:
    item = {"article_id": "a", "content": {"news_item": list(articles)}, "update_time": 1760230800}
    return page({"total_count": total, "item_count": 1, "item": [item]})


def test_the_time_of_the_last_change_is_not_taken_for_that_of_publication() -> None:
    (post,) = parse_published(published(article()), NOW).posts
    assert post.precision is Precision.MONTH
    assert post.native_id == "MzA5MDI0NDgxMQ==:2650001:1"


def test_deleted_articles_are_not_listed() -> None:
    assert parse_published(published(article(is_deleted=True)), NOW).posts == []


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        ({"total_count": 0, "item_count": 0, "item": []}, Outcome.EMPTY, "official_nothing_published"),
        ({"total_count": 3, "item_count": 0, "item": []}, Outcome.LAYOUT_CHANGED, "official_article_unreadable"),
        ({"errcode": 40001, "errmsg": "invalid credential"}, Outcome.BLOCKED, "official_token_invalid"),
        ({"errcode": 40164, "errmsg": "invalid ip 1.2.3.4"}, Outcome.BLOCKED, "official_address_not_allowed"),
        ({"errcode": 48001, "errmsg": "api unauthorized"}, Outcome.BLOCKED, "official_not_granted"),
        ({"errcode": 99999, "errmsg": "?"}, Outcome.BLOCKED, "official_error"),
        ({}, Outcome.LAYOUT_CHANGED, "official_no_list"),
    ],
)
def test_each_error_of_wechat_ends_in_its_outcome(answer: dict[str, Any], outcome: Outcome, reason: str) -> None:
    parsed = parse_published(page(answer), NOW)
    assert (parsed.outcome, parsed.reason) == (outcome, reason)
    assert reason in REASONS


def test_a_token_is_read_and_its_absence_told() -> None:
    assert parse_token(page({"access_token": "T", "expires_in": 7200}), NOW).hints == {"token": "T", "expires_in": 7200}
    assert parse_token(page({"errcode": 40125, "errmsg": "x"}), NOW).reason == "official_credentials_wrong"
    assert parse_token(page({"ok": 1}), NOW).outcome is Outcome.LAYOUT_CHANGED


def test_a_weibo_timeline_is_read_to_its_end() -> None:
    user = {"id": 600, "screen_name": "章江"}
    status = {"id": 5000000000000001, "created_at": "Sun Oct 12 08:00:00 +0800 2025", "text": "早安", "user": user}
    parsed = parse_user_timeline(page({"statuses": [status], "total_number": 1}), NOW)
    assert parsed.outcome is Outcome.OK
    assert parsed.hints["end"] is True
    assert [post.source for post in parsed.posts] == ["official.weibo"]
    assert parse_user_timeline(page({"statuses": [], "total_number": 0}), NOW).outcome is Outcome.EMPTY
    assert parse_user_timeline(page({"statuses": [], "total_number": 9}), NOW).outcome is Outcome.LAYOUT_CHANGED
    expired = page({"error": "expired_token", "error_code": 21327}, status=403)
    assert parse_user_timeline(expired, NOW).reason == "official_token_invalid"
