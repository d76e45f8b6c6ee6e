"""Accounts closed or changed without a report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from gzcrawl.items import Outcome
from gzcrawl.registry import Account, State
from scheduler.findings import Finding, Verdict
from scheduler.rules import closure
from scheduler.rules.base import AccountSeen
from tests.rules.units import NOW, WECHAT, WEIBO, judge, poll, profile, seen, unit

BEFORE = NOW - timedelta(days=20)


def judged(account: AccountSeen) -> Finding:
    (found,) = judge(closure.RULE, unit(account))
    return found


def gone(reason: str, detail: str = "", account: Account = WEIBO, **told: Any) -> Finding:
    values = {"channel": "weibo.profile", "reason": reason, "detail": detail} | told
    return judged(seen(account, polls=(poll(outcome=Outcome.GONE, **values), poll(BEFORE))))


@pytest.mark.parametrize("reason", sorted(closure.GONE_FOR_GOOD))
def test_an_account_that_is_gone_while_the_registry_says_in_use_is_a_violation(reason: str) -> None:
    channel = "weibo.profile" if reason.startswith("weibo") else "wechat.article:MzA=:1:1"
    found = gone(reason, "用户不存在", channel=channel)
    assert found.verdict is Verdict.VIOLATION
    assert found.reason == "微博“健康章江”已不存在（2025年10月13日 09:00查看，用户不存在），台账仍为在用，没有报备关停"
    assert found.evidence[0].kind == "poll"


def test_what_weibo_hides_perhaps_for_a_while_is_not_closed() -> None:
    assert gone("weibo_account_hidden", "由于该账号行为异常，暂时无法查看").verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "reason", ["wechat_deleted", "wechat_violation", "wechat_link_expired", "weibo_post_gone", "http_404"]
)
def test_a_single_article_that_is_gone_says_nothing_about_the_account(reason: str) -> None:
    assert gone(reason, channel="wechat.article:MzA=:1:1").verdict is not Verdict.VIOLATION


def test_an_article_of_another_account_says_nothing_about_this_one() -> None:
    account = replace(WECHAT, biz="MzA=")
    assert gone("wechat_account_cancelled", account=account, channel="wechat.article:MzB=:1:1").verdict is Verdict.OK
    assert (
        gone("wechat_account_cancelled", account=account, channel="wechat.article:MzA=:1:1").verdict
        is Verdict.VIOLATION
    )


def test_an_account_that_answered_since_is_not_gone() -> None:
    back = (poll(channel="weibo.profile"), poll(BEFORE, Outcome.GONE, reason="weibo_user_not_found"))
    assert judged(seen(polls=back)).verdict is Verdict.OK


def test_a_closing_that_was_reported_is_in_order_and_a_pause_leaves_it_open() -> None:
    assert gone("weibo_user_not_found", account=replace(WEIBO, state=State.CLOSED)).verdict is Verdict.NOT_APPLICABLE
    assert (
        gone("weibo_user_not_found", account=replace(WEIBO, paused_from=date(2025, 10, 1))).verdict is Verdict.UNKNOWN
    )


def changed(before: dict[str, Any], now: dict[str, Any], account: Account = WEIBO) -> Finding:
    states = (profile(account, **now), profile(account, when=BEFORE, **before))
    return judged(seen(account, polls=(poll(channel="weibo.profile"),), profiles=states))


def test_a_name_that_changed_from_the_registered_one_is_a_violation() -> None:
    found = changed({}, {"name": "章江卫健"})
    assert found.verdict is Verdict.VIOLATION
    assert found.reason == "微博“健康章江”已改名为“章江卫健”（2025年10月13日 09:00起看到），没有报备变更"


def test_a_change_the_registry_has_followed_is_in_order() -> None:
    assert changed({"name": "章江卫计"}, {}).verdict is Verdict.OK
    assert changed({"name": "健康 章江"}, {}).verdict is Verdict.OK


def test_a_verification_that_no_longer_names_the_unit_is_a_violation() -> None:
    ours, theirs = {"verification": "章江市卫健委官方微博"}, {"verification": "章江市健康促进会"}
    assert changed(ours, theirs).verdict is Verdict.VIOLATION
    assert changed(ours, {"verification": "章江市卫生健康委员会"}).verdict is Verdict.OK
    assert changed(ours, {"verification": None}).verdict is Verdict.OK


def test_another_biz_than_before_is_a_violation() -> None:
    account = replace(WECHAT, biz="MzA=")
    assert changed({"biz": "MzA="}, {"biz": "MzB="}, account).verdict is Verdict.VIOLATION
    assert changed({"biz": None}, {"biz": "MzB="}, account).verdict is Verdict.OK


def test_an_account_never_seen_is_unknown() -> None:
    assert judged(seen(polls=(poll(outcome=Outcome.BLOCKED),))).verdict is Verdict.UNKNOWN
