"""Within one working day the other departments repost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gzcrawl.items import Outcome, Post, Precision, RepostKind, RepostOf
from gzcrawl.registry import State
from scheduler.findings import Finding, Verdict
from scheduler.matching import Decision
from scheduler.rules import repost_lag
from scheduler.rules.base import SiteSeen, Unit
from tests.rules.units import (
    ANNOUNCEMENT,
    NOW,
    SITE,
    WECHAT,
    WEIBO,
    WJW,
    at,
    changes_at,
    judge,
    poll,
    post,
    said,
    seen,
    unit,
)

DUE = at("2025-09-29 00:00:00")  # the Friday night's next working day is the make-up Sunday


def verdict(
    *posts: Post, polls: Any = None, now: datetime = NOW, announcement: Any = ANNOUNCEMENT, **context: Any
) -> Finding:
    (finding,) = judge(
        repost_lag.RULE,
        unit(seen(posts=posts, polls=(poll(),) if polls is None else polls)),
        now=now,
        announcements=(announcement,),
        **context,
    )
    return finding


def repost(when: datetime, **changes: Any) -> Post:
    return post(when, text=f"【转发】{ANNOUNCEMENT.title} 来源：市教育局", **changes)


@pytest.mark.parametrize(
    ("when", "expected", "status"),
    [
        (at("2025-09-26 23:55:00"), Verdict.OK, "in_time"),
        (at("2025-09-28 23:59:59"), Verdict.OK, "in_time"),
        (at("2025-09-29 00:00:00"), Verdict.VIOLATION, "late"),
        (at("2025-10-10 00:00:00"), Verdict.VIOLATION, "late"),
    ],
)
def test_the_deadline_is_met_to_the_second(when: datetime, expected: Verdict, status: str) -> None:
    finding = verdict(repost(when))
    assert (finding.verdict, finding.facts["status"]) == (expected, status)


def test_lateness_is_told_in_working_time() -> None:
    assert "迟 48 小时" not in verdict(repost(at("2025-10-09 12:00:00"))).reason
    assert verdict(repost(at("2025-10-09 12:00:00"))).reason.endswith(
        "才转发，迟 2 天"
    )  # 29 and 30 September, half of 9 October


def test_none_at_all_is_missing_once_the_deadline_has_passed() -> None:
    finding = verdict(post(at("2025-09-27 10:00:00"), text="今天天气晴好，适合户外活动，祝大家周末愉快。"))
    assert finding.verdict is Verdict.VIOLATION
    assert (
        finding.reason == "《关于做好2025年秋季校园流感防控工作的紧急通知》应于2025年9月28日 24:00前转发，至今未见转发"
    )


def test_before_the_deadline_it_is_pending_and_shortly_before_a_reminder() -> None:
    for now, expected in ((DUE - timedelta(hours=5), Verdict.OK), (DUE - timedelta(hours=3), Verdict.WARNING)):
        assert verdict(now=now, polls=(poll(now),)).verdict is expected


@pytest.mark.parametrize(
    "polls", [(), (poll(outcome=Outcome.BLOCKED),), (poll(days=10),), (poll(at("2025-09-28 12:00:00")),)]
)
def test_what_was_not_covered_until_the_deadline_is_unknown(polls: Any) -> None:
    finding = verdict(polls=polls)
    assert finding.verdict is Verdict.UNKNOWN
    assert "没有完整查看" in finding.reason


def test_a_late_repost_does_not_accuse_where_an_earlier_one_may_have_been_missed() -> None:
    assert verdict(repost(at("2025-10-09 10:00:00")), polls=(poll(days=10),)).verdict is Verdict.UNKNOWN


def test_one_account_that_was_not_covered_is_enough_to_say_nothing() -> None:
    both = unit(seen(polls=(poll(),)), seen(WECHAT, polls=(poll(channel="sogou.articles", days=None),)))
    (finding,) = judge(repost_lag.RULE, both, announcements=(ANNOUNCEMENT,))
    assert finding.verdict is Verdict.UNKNOWN
    assert "微信公众号“健康章江”" in finding.reason


def test_any_account_or_column_of_the_department_may_carry_the_repost() -> None:
    on_wechat = repost(at("2025-09-27 10:00:00"), account_id=WECHAT.id)
    both = unit(seen(polls=(poll(),)), seen(WECHAT, (on_wechat,)))
    (finding,) = judge(repost_lag.RULE, both, announcements=(ANNOUNCEMENT,))
    assert finding.verdict is Verdict.OK


def test_last_weeks_bulletin_with_other_numbers_is_no_repost() -> None:
    bulletin = replace(
        ANNOUNCEMENT,
        title="章江市空气质量周报",
        body="10月第1周，市区优良天数5天，PM2.5均值31微克，同比下降12%。",
    )
    other = post(
        at("2025-09-27 10:00:00"),
        text="章江市空气质量周报：9月第4周，市区优良天数7天，PM2.5均值18微克，同比下降26%。",
    )
    assert verdict(other, announcement=bulletin).facts["status"] == "missing"


def test_a_post_from_before_the_announcement_is_no_repost() -> None:
    assert verdict(repost(at("2025-09-26 23:49:00"))).facts["status"] == "missing"


def test_a_day_without_a_time_counts_for_the_department_on_both_sides() -> None:
    day = replace(ANNOUNCEMENT, published_at=at("2025-09-26 00:00:00"), precision=Precision.DAY)
    assert (
        verdict(announcement=day, now=DUE - timedelta(hours=5), polls=(poll(DUE - timedelta(hours=5)),)).verdict
        is Verdict.OK
    )
    same_day = repost(at("2025-09-29 00:00:00"), precision=Precision.DAY)
    assert verdict(same_day, announcement=day).facts["status"] == "late"
    eve = repost(at("2025-09-28 00:00:00"), precision=Precision.DAY)
    assert verdict(eve, announcement=day).verdict is Verdict.OK


def test_a_repost_is_what_was_found_to_be_one() -> None:
    odd = post(at("2025-09-27 10:00:00"), text="请各校师生注意防护，详情见链接。")
    assert verdict(odd, matches=said(odd, Decision.REPOST)).facts["status"] == "in_time"
    assert verdict(odd, matches={}).facts["status"] == "missing"


def test_a_doubtful_post_in_time_goes_to_a_person() -> None:
    half = post(at("2025-09-27 10:00:00"), text="流感高发，请家长注意。")
    finding = verdict(half, matches=said(half, Decision.UNCERTAIN))
    assert (finding.verdict, finding.facts["status"]) == (Verdict.UNKNOWN, "uncertain")
    assert "须人工确认" in finding.reason


def test_the_publisher_and_closed_departments_are_not_obliged() -> None:
    own = replace(ANNOUNCEMENT, publisher="wjw")
    assert judge(repost_lag.RULE, unit(seen(polls=(poll(),))), announcements=(own,)) == []
    for state in (State.MERGED, State.CLOSED):
        left = Unit(department=replace(WJW, state=state), accounts=(seen(polls=(poll(),)),))
        assert judge(repost_lag.RULE, left, announcements=(ANNOUNCEMENT,)) == []


def test_a_department_without_an_active_account_is_exempt() -> None:
    (finding,) = judge(repost_lag.RULE, unit(seen(replace(WEIBO, state=State.CLOSED))), announcements=(ANNOUNCEMENT,))
    assert (finding.verdict, finding.facts["status"]) == (Verdict.NOT_APPLICABLE, "exempt")


def test_an_operators_deadline_goes_before_the_calendar() -> None:
    sooner = replace(ANNOUNCEMENT, due=at("2025-09-27 12:00:00"))
    assert verdict(repost(at("2025-09-28 10:00:00")), announcement=sooner).facts["status"] == "late"


def test_an_old_announcement_is_no_longer_judged() -> None:
    old = replace(ANNOUNCEMENT, published_at=NOW - timedelta(days=31))
    assert judge(repost_lag.RULE, unit(seen(polls=(poll(),))), announcements=(old,)) == []


def test_a_deadline_in_a_year_without_a_schedule_is_marked() -> None:
    future = replace(ANNOUNCEMENT, published_at=at("2028-06-02 10:00:00"))
    now = at("2028-06-03 10:00:00")
    assert verdict(announcement=future, now=now, polls=(poll(now),)).provisional_calendar


def columns(profile: str, tmp_path: Path, *posts: Post, polls: Any = ()) -> Finding:
    file = tmp_path / "own.toml"
    file.write_text(f'[rules.repost_lag]\ncolumns = "{profile}"\n')
    site = SiteSeen(site=replace(SITE, lists=("https://wjw.zhangjiang.example/gg/",)), posts=posts, polls=polls)
    judged = unit(seen(polls=(poll(),)), sites=(site,))
    (finding,) = judge(repost_lag.RULE, judged, announcements=(ANNOUNCEMENT,), profile=str(file))
    return finding


def test_a_copy_on_the_departments_site_counts_as_the_profile_says(tmp_path: Path) -> None:
    copy = repost(at("2025-09-27 10:00:00"), account_id=SITE.id)
    assert columns("accepted", tmp_path, copy).verdict is Verdict.OK
    assert columns("ignored", tmp_path, copy).verdict is Verdict.VIOLATION
    assert columns("covered", tmp_path).verdict is Verdict.UNKNOWN
    looked = poll(channel="govsite.list:https://wjw.zhangjiang.example/gg/", target_id=SITE.id)
    assert columns("covered", tmp_path, polls=(looked,)).verdict is Verdict.VIOLATION


def test_an_accusation_names_the_site_that_cannot_be_read(tmp_path: Path) -> None:
    """A copy there would count; the duty is the accounts', so a site that is never readable does not excuse them."""
    late = repost(at("2025-09-29 09:00:00"))
    for told in (columns("accepted", tmp_path), columns("accepted", tmp_path, late)):
        assert told.verdict is Verdict.VIOLATION
        assert f"网站“{SITE.name}”无法完整查看" in told.reason
    assert "无法完整查看" not in columns("ignored", tmp_path).reason


def test_a_column_that_was_read_but_not_the_whole_time_may_have_shown_the_copy(tmp_path: Path) -> None:
    channel = "govsite.list:https://wjw.zhangjiang.example/gg/"
    looked = poll(channel=channel, target_id=SITE.id)
    assert "无法完整查看" not in columns("accepted", tmp_path, polls=(looked,)).reason
    short = poll(channel=channel, target_id=SITE.id, covers_from=at("2025-09-28 00:00:00"))
    told = columns("accepted", tmp_path, polls=(short,))
    assert (told.verdict, SITE.name in told.reason) == (Verdict.UNKNOWN, True)
    assert columns("ignored", tmp_path, polls=(short,)).verdict is Verdict.VIOLATION


@pytest.mark.parametrize(
    "veiled",
    [
        {"repost_of": RepostOf(kind=RepostKind.RETWEET, native_id="999", deleted=True), "text": "转发微博"},
        {"text": "【提醒】流感高发", "long_text": True},
        {"text": "\ufffd\ufffd\ufffd\ufffd"},
    ],
    ids=["original hidden", "beginning only", "garbled"],
)
def test_a_post_that_could_not_be_read_may_be_the_repost(veiled: dict[str, Any]) -> None:
    assert verdict(post(at("2025-09-27 10:00:00"), **veiled)).verdict is Verdict.UNKNOWN
    late = verdict(post(at("2025-09-27 10:00:00"), **veiled), repost(at("2025-10-09 10:00:00")))
    assert late.verdict is Verdict.UNKNOWN
    assert verdict(post(at("2025-09-30 10:00:00"), **veiled)).facts["status"] == "missing"


def test_a_reprint_of_something_else_is_read_in_its_own_text() -> None:
    """WeChat's reprint has the whole text; that the original cannot be opened hides nothing."""
    reprint = {"repost_of": RepostOf(kind=RepostKind.REPRINT, native_id="b:1:1"), "title": "防台风应急响应"}
    assert verdict(post(at("2025-09-27 10:00:00"), text="启动四级响应。", **reprint)).verdict is Verdict.VIOLATION
    assert verdict(post(at("2025-09-27 10:00:00"), text="", **reprint)).verdict is Verdict.UNKNOWN


def test_an_announcement_whose_body_was_not_read_accuses_nobody() -> None:
    assert verdict(announcement=replace(ANNOUNCEMENT, body="")).verdict is Verdict.UNKNOWN


def own(tmp_path: Path, **values: str) -> str:
    file = tmp_path / "own.toml"
    file.write_text("[rules.repost_lag]\n" + "".join(f'{name} = "{value}"\n' for name, value in values.items()))
    return str(file)


def test_where_each_platform_must_carry_it_each_is_judged_by_itself(tmp_path: Path) -> None:
    on_weibo = repost(at("2025-09-27 10:00:00"))
    both = unit(seen(posts=(on_weibo,), polls=(poll(),)), seen(WECHAT, polls=(poll(channel="feed:u"),)))
    found = judge(repost_lag.RULE, both, announcements=(ANNOUNCEMENT,), profile=own(tmp_path, platforms="each"))
    assert [(f.subject.rpartition("@")[2], f.facts["status"]) for f in found] == [
        ("wjw/weibo", "in_time"),
        ("wjw/wechat", "missing"),
    ]
    assert "前在微信公众号转发" in found[1].reason


def test_a_repost_in_time_that_is_gone_since_is_a_reminder_with_its_own_sentence(tmp_path: Path) -> None:
    taken = repost(at("2025-09-27 10:00:00"))
    gone = {taken.key: at("2025-10-01 09:00:00")}
    finding = verdict(taken, gone=gone)
    assert (finding.verdict, finding.facts["status"]) == (Verdict.WARNING, "deleted")
    assert "2025年10月1日 09:00起" in finding.reason
    again = verdict(taken, repost(at("2025-09-28 10:00:00"), native_id="2"), gone=gone)
    assert again.facts["status"] == "in_time"
    put_back = verdict(taken, repost(at("2025-10-09 10:00:00"), native_id="3"), gone=gone)
    assert put_back.facts["status"] == "in_time"
    ignoring = judge(
        repost_lag.RULE, unit(seen(posts=(taken,), polls=(poll(),))), announcements=(ANNOUNCEMENT,), gone=gone,
        profile=own(tmp_path, deleted="ignored"),
    )  # fmt: skip
    assert ignoring[0].facts["status"] == "in_time"


def test_a_late_repost_is_a_violation_that_is_over() -> None:
    late, missing = verdict(repost(at("2025-10-09 12:00:00"))), verdict()
    assert late.settled
    assert not missing.settled
    assert late.facts["late_hours"] == 60.0
    assert late.facts["lag_hours"] == 84.17  # ten minutes of Friday and the make-up Sunday before that


CORRECTED = replace(
    ANNOUNCEMENT,
    id="website:jyj.zhangjiang.example/c1/202509/b.shtml",
    title="关于做好2025年秋季校园流感防控工作的紧急通知（更正）",
    published_at=at("2025-09-29 09:00:00"),
    supersedes=ANNOUNCEMENT.id,
)


def test_a_repost_of_any_version_counts_and_the_deadline_stays_the_first_ones() -> None:
    def status(*posts: Post, **changes: Any) -> str:
        judged = unit(seen(posts=posts, polls=(poll(),)))
        versions = (replace(CORRECTED, **changes), ANNOUNCEMENT)
        (finding,) = judge(repost_lag.RULE, judged, announcements=versions)
        assert finding.subject == f"{ANNOUNCEMENT.id}@wjw"
        return str(finding.facts["status"])

    of_correction = post(at("2025-09-29 10:00:00"), text="转", links=[CORRECTED.id.replace("website:", "https://")])
    assert status(repost(at("2025-09-27 10:00:00"))) == "in_time"
    assert status() == "missing"
    link = {"url": "https://jyj.zhangjiang.example/c1/202509/b.shtml"}
    assert status(of_correction, **link) == "late"
    assert status(of_correction, **link, due=at("2025-10-01 00:00:00")) == "in_time"


@pytest.mark.parametrize(
    "changes",
    [
        {"paused_from": at("2025-09-25 00:00:00").date(), "paused_until": at("2025-09-30 00:00:00").date()},
        {"opened_on": at("2025-09-29 00:00:00").date()},
        {"state": State.CLOSED},
    ],
    ids=["paused then", "opened later", "closed"],
)
def test_an_account_that_could_not_carry_it_is_not_held_to(changes: dict[str, Any]) -> None:
    (finding,) = judge(
        repost_lag.RULE, unit(seen(replace(WEIBO, **changes), polls=(poll(),))), announcements=(ANNOUNCEMENT,)
    )
    assert finding.facts["status"] == "exempt"


def test_a_link_that_was_not_followed_may_be_the_repost() -> None:
    unfollowed = post(at("2025-09-27 10:00:00"), text="【转发】请查收。", links=["http://t.cn/A6abcdef"])
    assert verdict(unfollowed).verdict is Verdict.UNKNOWN
    elsewhere = post(
        at("2025-09-27 10:00:00"), text="【转发】请查收。", links=["http://t.cn/A6abcdef", "https://a.example/1.html"]
    )
    assert verdict(elsewhere).facts["status"] == "missing"


def test_the_next_look_is_at_the_reminder_and_then_at_the_deadline() -> None:
    early = DUE - timedelta(hours=10)
    looked = unit(seen(polls=(poll(early),)))
    given: dict[str, Any] = {"announcements": (ANNOUNCEMENT,)}
    assert changes_at(repost_lag.RULE, looked, now=early, **given) == DUE - timedelta(hours=4)
    soon = DUE - timedelta(hours=1)
    assert changes_at(repost_lag.RULE, looked, now=soon, **given) == DUE
