"""More than 15 days without an update."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzcrawl.items import Outcome, Platform, Poll, Precision
from gzcrawl.registry import State
from scheduler.findings import Finding, Verdict
from scheduler.rules import dormant
from tests.rules.units import NOW, WECHAT, WEIBO, at, judge, poll, post, seen, unit

SECOND = timedelta(seconds=1)


def verdict(
    *posts: datetime, polls: tuple[Poll, ...] | None = None, now: datetime = NOW, profile: str = "ganzhou"
) -> Finding:
    account = seen(posts=tuple(post(when) for when in posts), polls=(poll(),) if polls is None else polls)
    (finding,) = judge(dormant.RULE, unit(account), now=now, profile=profile)
    return finding


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(days=12), Verdict.OK),
        (timedelta(days=12) + 2 * SECOND, Verdict.WARNING),
        (timedelta(days=15) + SECOND, Verdict.WARNING),  # the second in which it was published is theirs
        (timedelta(days=15) + 2 * SECOND, Verdict.VIOLATION),
    ],
)
def test_the_limits_are_met_to_the_second(age: timedelta, expected: Verdict) -> None:
    assert verdict(NOW - age).verdict is expected


def test_a_violation_says_since_when_until_when_and_shows_the_last_post() -> None:
    finding = verdict(at("2025-09-26 10:12:00"))
    assert (
        finding.reason
        == "微博“健康章江”已超过16天未更新（最近一次更新在2025年9月26日 10:12），按规定超过15天属僵尸账号"
    )
    assert finding.deadline == at("2025-10-11 10:12:01")
    assert [e.kind for e in finding.evidence] == ["post", "poll"]


def test_two_weeks_are_enough_for_the_national_profile() -> None:
    fortnight = NOW - timedelta(days=14, seconds=2)
    assert verdict(fortnight).verdict is Verdict.WARNING
    assert verdict(fortnight, profile="national-2019").verdict is Verdict.VIOLATION


def test_a_pinned_old_post_does_not_hide_a_new_one_nor_stand_for_it() -> None:
    old, new = post(NOW - timedelta(days=400), pinned=True), post(NOW - timedelta(days=1))
    (finding,) = judge(dormant.RULE, unit(seen(posts=(old, new), polls=(poll(),))))
    assert finding.verdict is Verdict.OK
    (finding,) = judge(dormant.RULE, unit(seen(posts=(old,), polls=(poll(days=500),))))
    assert finding.verdict is Verdict.VIOLATION


@pytest.mark.parametrize("outcome", [o for o in Outcome if not o.observed])
def test_an_account_that_could_not_be_read_is_unknown(outcome: Outcome) -> None:
    finding = verdict(NOW - timedelta(days=30), polls=(poll(outcome=outcome),))
    assert finding.verdict is Verdict.UNKNOWN
    assert "从未成功查看" in finding.reason


def test_a_look_that_is_too_old_proves_nothing_about_now() -> None:
    polls = (poll(NOW, Outcome.BLOCKED), poll(NOW - timedelta(hours=49)))
    finding = verdict(NOW - timedelta(days=30), polls=polls)
    assert finding.verdict is Verdict.UNKNOWN
    assert "2025年10月11日 08:00" in finding.reason  # last look
    assert "被验证码或登录页拦截" in finding.reason  # last attempt


def test_a_gap_in_which_a_post_could_have_come_and_gone_unseen_is_unknown() -> None:
    # Page one reaches back ten days only; nothing covered the time between it and the last known post.
    assert verdict(NOW - timedelta(days=20), polls=(poll(days=10),)).verdict is Verdict.UNKNOWN


def test_looks_that_join_prove_it_together() -> None:
    polls = tuple(poll(NOW - timedelta(days=n), days=1.5) for n in range(20))
    assert verdict(NOW - timedelta(days=18), polls=polls).verdict is Verdict.VIOLATION


def test_a_day_without_a_time_is_never_used_against_the_account() -> None:
    day = post(at("2025-09-28 00:00:00"), precision=Precision.DAY)
    for now, expected in ((at("2025-10-14 00:00:00"), Verdict.WARNING), (at("2025-10-14 00:00:01"), Verdict.VIOLATION)):
        (finding,) = judge(dormant.RULE, unit(seen(posts=(day,), polls=(poll(now),))), now=now)
        assert finding.verdict is expected


def test_a_post_without_any_time_makes_it_unknown() -> None:
    undated = post(NOW, published_at=None, precision=Precision.UNKNOWN)
    (finding,) = judge(dormant.RULE, unit(seen(posts=(post(NOW - timedelta(days=20)), undated), polls=(poll(),))))
    assert finding.verdict is Verdict.UNKNOWN


def wechat(*channels: str, days: int = 30, outcome: Outcome = Outcome.OK) -> Finding:
    polls = tuple(poll(channel=channel, days=None, outcome=outcome) for channel in channels)
    article = post(NOW - timedelta(days=days), platform=Platform.WECHAT, account_id=WECHAT.id, title="标题")
    (finding,) = judge(dormant.RULE, unit(seen(WECHAT, (article,), polls)))
    return finding


def test_an_account_seen_only_through_sogou_is_never_accused() -> None:
    finding = wechat("sogou.accounts", "sogou.articles")
    assert finding.verdict is Verdict.UNKNOWN
    assert "只从搜狗看到" in finding.reason


def test_two_incomplete_sources_that_agree_are_enough() -> None:
    assert wechat("sogou.accounts", "wechat.album:1").verdict is Verdict.VIOLATION


def test_the_lag_of_sogous_index_is_granted() -> None:
    # 17 days at the look, but Sogou may lack the last three.
    assert wechat("sogou.accounts", "wechat.album:1", days=17).verdict is Verdict.WARNING
    assert wechat("sogou.accounts", "wechat.album:1", days=19).verdict is Verdict.VIOLATION


def test_a_blocked_second_source_does_not_agree() -> None:
    polls = (poll(channel="sogou.accounts", days=None), poll(channel="wechat.album:1", outcome=Outcome.BLOCKED))
    article = post(NOW - timedelta(days=30), platform=Platform.WECHAT, account_id=WECHAT.id, title="标题")
    (finding,) = judge(dormant.RULE, unit(seen(WECHAT, (article,), polls)))
    assert finding.verdict is Verdict.UNKNOWN


def never_posted(opened: date | None, outcome: Outcome = Outcome.EMPTY) -> Finding:
    account = replace(WEIBO, opened_on=opened)
    (finding,) = judge(dormant.RULE, unit(seen(account, polls=(poll(outcome=outcome),))))
    return finding


@pytest.mark.parametrize(
    ("opened", "expected"),
    [
        (date(2025, 9, 26), Verdict.VIOLATION),
        (date(2025, 9, 27), Verdict.NOT_APPLICABLE),
        (date(2025, 10, 10), Verdict.NOT_APPLICABLE),
        (None, Verdict.UNKNOWN),
    ],
)
def test_an_account_that_never_posted_is_given_its_fifteen_days(opened: date | None, expected: Verdict) -> None:
    assert never_posted(opened).verdict is expected


def test_no_post_and_no_empty_timeline_is_unknown() -> None:
    assert never_posted(date(2020, 1, 1), Outcome.BLOCKED).verdict is Verdict.UNKNOWN


def test_a_declared_pause_a_closed_and_a_vanished_account_are_not_dormant() -> None:
    old, polls = (post(NOW - timedelta(days=30)),), (poll(),)
    paused = replace(WEIBO, paused_from=date(2025, 10, 1), paused_until=date(2025, 10, 13), pause_reason="系统升级")
    (finding,) = judge(dormant.RULE, unit(seen(paused, old, polls)))
    assert (finding.verdict, finding.reason) == (Verdict.NOT_APPLICABLE, "微博“健康章江”已报备暂停更新（系统升级）")
    (finding,) = judge(dormant.RULE, unit(seen(replace(WEIBO, state=State.CLOSED), old, polls)))
    assert finding.verdict is Verdict.NOT_APPLICABLE
    assert verdict(NOW - timedelta(days=30), polls=(poll(outcome=Outcome.GONE),)).verdict is Verdict.UNKNOWN


def test_a_pause_that_ended_yesterday_no_longer_excuses() -> None:
    paused = replace(WEIBO, paused_from=date(2025, 10, 1), paused_until=date(2025, 10, 12))
    (finding,) = judge(dormant.RULE, unit(seen(paused, (post(NOW - timedelta(days=30)),), (poll(),))))
    assert finding.verdict is Verdict.VIOLATION


@given(
    ages=st.lists(st.integers(0, 60), max_size=6),
    looks=st.lists(st.tuples(st.integers(0, 72), st.sampled_from(Outcome), st.integers(1, 40)), max_size=6),
)
def test_nobody_is_accused_whose_posts_are_recent_or_whose_time_was_not_covered(
    ages: list[int], looks: list[tuple[int, Outcome, int]]
) -> None:
    polls = tuple(poll(NOW - timedelta(hours=hours), outcome, days=days) for hours, outcome, days in looks)
    finding = verdict(*(NOW - timedelta(days=age) for age in ages), polls=polls)
    if finding.verdict is Verdict.VIOLATION:
        assert ages
        assert min(ages) > 15
        assert any(p.covers_from and p.covers_from <= NOW - timedelta(days=min(ages)) for p in polls)
