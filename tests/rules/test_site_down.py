"""A site that cannot be opened: certain only when it was silent twice while others answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from gzcrawl.items import Outcome, Poll
from scheduler.findings import Finding, Verdict
from scheduler.rules import site_down
from scheduler.rules.base import SiteSeen
from tests.rules.units import NOW, SITE, judge, poll, unit

EARLIER = NOW - timedelta(hours=10)


def home(when: datetime = NOW, outcome: Outcome = Outcome.UNREACHABLE, reason: str = "timeout", **more: Any) -> Poll:
    return poll(when, outcome, reason=reason, days=None, target_id=SITE.id, **({"channel": "govsite.home"} | more))


def judged(*polls: Poll, steady: set[str] | None = None) -> Finding:
    rounds = {p.round_id for p in polls} if steady is None else steady
    (found,) = judge(site_down.RULE, unit(sites=(SiteSeen(site=SITE, polls=polls),)), steady=frozenset(rounds))
    return found


def test_silent_at_two_looks_hours_apart_while_others_answered_is_a_violation() -> None:
    found = judged(home(), home(EARLIER, channel="website.home"))
    assert found.verdict is Verdict.VIOLATION
    assert found.reason == "网站wjw.zhangjiang.example无法打开（2025年10月12日 23:00起多次查看，连接或响应超时）"
    assert len(found.evidence) == 2


@pytest.mark.parametrize(("hours", "verdict"), [(4, Verdict.VIOLATION), (3.999, Verdict.UNKNOWN), (0, Verdict.UNKNOWN)])
def test_a_passing_outage_accuses_nobody(hours: float, verdict: Verdict) -> None:
    assert judged(home(), home(NOW - timedelta(hours=hours))).verdict is verdict


def test_when_most_sites_are_silent_it_is_rather_our_own_line() -> None:
    assert judged(home(), home(EARLIER), steady=set()).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("outcome", "reason", "status"),
    [(Outcome.OK, "", 200), (Outcome.BLOCKED, "waf_ruishu", 412), (Outcome.LAYOUT_CHANGED, "illegible", 200)],
)
def test_any_answer_shows_that_the_site_is_there(outcome: Outcome, reason: str, status: int) -> None:
    answered = home(NOW - timedelta(hours=5), outcome, reason, http_status=status)
    assert judged(home(), answered, home(EARLIER)).verdict is Verdict.UNKNOWN
    assert judged(answered, home(EARLIER)).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.UNREACHABLE, "tls"),
        (Outcome.UNREACHABLE, "proxy"),
        (Outcome.BLOCKED, "left_alone"),
        (Outcome.DISALLOWED, "robots"),
    ],
)
def test_what_does_not_speak_of_the_site_is_unknown(outcome: Outcome, reason: str) -> None:
    assert judged(home(NOW, outcome, reason), home(EARLIER, outcome, reason)).verdict is Verdict.UNKNOWN


def test_an_old_look_says_nothing_about_now() -> None:
    assert judged(home(NOW - timedelta(hours=49), Outcome.OK, "")).verdict is Verdict.UNKNOWN
    assert judged().verdict is Verdict.UNKNOWN
