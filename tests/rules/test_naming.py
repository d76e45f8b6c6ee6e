"""Names: the same on all platforms, as registered, and of the unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gzcrawl.items import Outcome
from scheduler.findings import Finding, Verdict
from scheduler.rules import naming
from scheduler.rules.base import AccountSeen
from tests.rules.units import NOW, WECHAT, WEIBO, judge, poll, profile, seen, shown, unit

ARTICLE = "wechat.article"


def named(*accounts: AccountSeen) -> Finding:
    (found,) = judge(naming.RULE, unit(*accounts))
    return found


def test_two_names_on_two_platforms_are_a_violation_with_both_pages_as_evidence() -> None:
    found = named(shown(WEIBO, name="章江卫健"), shown(WECHAT, ARTICLE))
    assert found.verdict is Verdict.VIOLATION
    assert found.reason == "章江市卫生健康委员会的账号名称不一致：微博“章江卫健”，微信公众号“健康章江”"
    assert found.subject == "wjw"
    assert len(found.evidence) == 2


@pytest.mark.parametrize("name", ["健康章江", "健康 章江", "健康·章江", "健康章江　"])
def test_width_spaces_and_points_make_no_difference(name: str) -> None:
    assert named(shown(WEIBO, name=name), shown(WECHAT, ARTICLE)).verdict is Verdict.OK


def test_a_second_account_may_have_its_own_name() -> None:
    second = replace(WECHAT, id="wjw-wechat2", name="健康章江服务")
    assert named(shown(WEIBO), shown(WECHAT, ARTICLE), shown(second, ARTICLE)).verdict is Verdict.OK


def test_a_page_that_was_not_seen_makes_it_unknown() -> None:
    blocked = seen(WEIBO, polls=(poll(outcome=Outcome.BLOCKED),))
    found = named(blocked, shown(WECHAT, ARTICLE))
    assert found.verdict is Verdict.UNKNOWN
    assert "被验证码或登录页拦截" in found.reason


def test_a_name_seen_long_ago_is_not_known_now() -> None:
    old = NOW - timedelta(days=8)
    stale = seen(WEIBO, polls=(poll(old, channel="weibo.profile"),), profiles=(profile(when=old, name="章江卫健"),))
    assert named(stale, shown(WECHAT, ARTICLE)).verdict is Verdict.UNKNOWN


def test_a_search_index_may_be_old_so_its_difference_accuses_nobody_but_its_agreement_counts() -> None:
    assert named(shown(WEIBO), shown(WECHAT, "sogou.accounts", name="章江卫计")).verdict is Verdict.UNKNOWN
    assert named(shown(WEIBO), shown(WECHAT, "sogou.accounts")).verdict is Verdict.OK


def test_a_name_other_than_the_registered_one_is_a_reminder() -> None:
    found = named(shown(WEIBO, name="卫健章江"))
    assert found.verdict is Verdict.WARNING
    assert "与台账登记的“健康章江”不同" in found.reason


def test_a_name_that_has_nothing_of_the_unit_is_a_reminder() -> None:
    assert named(shown(replace(WEIBO, name="阳光驿站"))).verdict is Verdict.WARNING
    assert named(shown(replace(WEIBO, name="章江卫健委"))).verdict is Verdict.OK
