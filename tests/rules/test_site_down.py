"""A site that cannot be opened: certain only when it was silent three times while others answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import pytest

from gzcrawl.items import Outcome, Poll
from scheduler.findings import Finding, Verdict
from scheduler.rules import site_down
from scheduler.rules.base import SiteSeen
from tests.rules.units import NOW, SITE, judge, poll, unit

EARLIER, BETWEEN = NOW - timedelta(hours=12), NOW - timedelta(hours=5)


def home(when: datetime = NOW, outcome: Outcome = Outcome.UNREACHABLE, reason: str = "timeout", **more: Any) -> Poll:
    return poll(when, outcome, reason=reason, days=None, target_id=SITE.id, **({"channel": "govsite.home"} | more))


def judged(*polls: Poll, steady: set[str] | None = None) -> Finding:
    rounds = {p.round_id for p in polls} if steady is None else steady
    (found,) = judge(site_down.RULE, unit(sites=(SiteSeen(site=SITE, polls=polls),)), steady=frozenset(rounds))
    return found


def test_silent_in_three_rounds_over_hours_while_others_answered_is_a_violation() -> None:
    found = judged(home(), home(BETWEEN), home(EARLIER, channel="website.home"))
    assert found.verdict is Verdict.VIOLATION
    assert found.reason == "网站wjw.zhangjiang.example无法打开（2025年10月12日 21:00起多次查看，连接或响应超时）"
    assert len(found.evidence) == 2


@pytest.mark.parametrize(
    ("hours", "verdict"), [(12, Verdict.VIOLATION), (11.999, Verdict.UNKNOWN), (0, Verdict.UNKNOWN)]
)
def test_a_passing_outage_accuses_nobody(hours: float, verdict: Verdict) -> None:
    looks = [home(NOW - timedelta(hours=hours * part), round_id=str(part)) for part in (0, 0.5, 1)]
    assert judged(*looks).verdict is verdict


def test_two_looks_of_one_round_are_one() -> None:
    assert judged(home(), home(EARLIER), home(EARLIER, channel="website.home")).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("path", "outcome", "reason", "verdict"),
    [
        ("list/", Outcome.OK, "", Verdict.UNKNOWN),
        ("list/", Outcome.UNREACHABLE, "http_error", Verdict.VIOLATION),
        ("https://other.example/", Outcome.OK, "", Verdict.VIOLATION),
    ],
)
def test_a_site_whose_other_pages_answer_is_not_down(
    path: str, outcome: Outcome, reason: str, verdict: Verdict
) -> None:
    status = 500 if reason else 200
    beside = home(NOW, outcome, reason, channel="govsite.list", url=urljoin(SITE.home, path), http_status=status)
    found = judged(home(), home(BETWEEN), home(EARLIER), beside)
    assert found.verdict is verdict
    assert ("其他页面可以访问" in found.reason) is (verdict is Verdict.UNKNOWN)


def test_when_most_sites_are_silent_it_is_rather_our_own_line() -> None:
    assert judged(home(), home(BETWEEN), home(EARLIER), steady=set()).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("outcome", "reason", "status"),
    [(Outcome.OK, "", 200), (Outcome.BLOCKED, "waf_ruishu", 412), (Outcome.LAYOUT_CHANGED, "illegible", 200)],
)
def test_any_answer_shows_that_the_site_is_there(outcome: Outcome, reason: str, status: int) -> None:
    answered = home(BETWEEN, outcome, reason, http_status=status)
    silent = [home(NOW - timedelta(hours=hours)) for hours in (0, 1, 2, 12, 13)]
    assert judged(*silent, answered).verdict is Verdict.UNKNOWN
    assert judged(answered, *silent[3:]).verdict is Verdict.OK


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
    assert judged(*(home(when, outcome, reason) for when in (NOW, BETWEEN, EARLIER))).verdict is Verdict.UNKNOWN


def test_an_old_look_says_nothing_about_now() -> None:
    assert judged(home(NOW - timedelta(hours=49), Outcome.OK, "")).verdict is Verdict.UNKNOWN
    assert judged().verdict is Verdict.UNKNOWN
