"""Technical checks of a website: what is a violation, what a reminder, and what cannot be told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from gzcrawl.items import ProbeStatus, SiteProbe
from scheduler.findings import Finding, Severity, Verdict
from scheduler.rules import website
from scheduler.rules.base import SiteSeen
from tests.rules.units import NOW, SITE, changes_at, judge, unit

EARLIER = NOW - timedelta(hours=10)


def probe(
    check: str, status: str = "failed", reason: str = "ok", when: datetime = NOW, round_id: str = "", **facts: Any
) -> SiteProbe:
    return SiteProbe(
        round_id=round_id or f"{when:%m%d%H%M%S}", site_id=SITE.id, check=check, at=when, status=ProbeStatus(status),
        reason=reason, facts=facts,
    )  # fmt: skip


def judged(check: str, *probes: SiteProbe, now: datetime = NOW) -> Finding:
    seen = unit(sites=(SiteSeen(site=SITE, probes=probes),))
    found = {f.subject: f for f in judge(website.RULE, seen, now=now)}
    return found[f"{check}@{SITE.id}"]


def expired(when: datetime, **changes: Any) -> SiteProbe:
    return probe("certificate", reason="expired", when=when, not_after=NOW - timedelta(days=4), **changes)


def test_a_failure_seen_at_two_looks_hours_apart_is_a_violation_with_both_as_evidence() -> None:
    found = judged("certificate", expired(NOW), expired(EARLIER))
    assert (found.verdict, found.severity) == (Verdict.VIOLATION, Severity.MEDIUM)
    assert found.reason == "网站wjw.zhangjiang.example的HTTPS证书已于2025年10月9日到期"
    assert [e.at for e in found.evidence] == [NOW, EARLIER]
    assert found.since == EARLIER


@pytest.mark.parametrize(
    ("seconds", "verdict"), [(4 * 3600, Verdict.VIOLATION), (4 * 3600 - 1, Verdict.WARNING), (0, Verdict.WARNING)]
)
def test_until_it_is_confirmed_it_is_a_reminder(seconds: int, verdict: Verdict) -> None:
    found = judged("certificate", expired(NOW), expired(NOW - timedelta(seconds=seconds)))
    assert found.verdict is verdict
    assert ("待复查" in found.reason) is (verdict is Verdict.WARNING)


def test_a_good_look_between_starts_anew_but_one_that_saw_nothing_does_not() -> None:
    between = NOW - timedelta(hours=5)
    good = probe("certificate", "ok", when=between, not_after=NOW + timedelta(days=90))
    blind = probe("certificate", "error", "timeout", between)
    assert judged("certificate", expired(NOW), good, expired(EARLIER)).verdict is Verdict.WARNING
    assert judged("certificate", expired(NOW), blind, expired(EARLIER)).verdict is Verdict.VIOLATION


@pytest.mark.parametrize(
    ("left", "verdict"),
    [
        (timedelta(days=30, seconds=1), Verdict.OK),
        (timedelta(days=30), Verdict.WARNING),
        (timedelta(0), Verdict.UNKNOWN),
    ],
)
def test_a_certificate_near_its_end_is_a_reminder(left: timedelta, verdict: Verdict) -> None:
    found = judged("certificate", probe("certificate", "ok", when=EARLIER, not_after=NOW + left))
    assert found.verdict is verdict
    if verdict is Verdict.WARNING:
        assert found.reason == "网站wjw.zhangjiang.example的HTTPS证书将于2025年11月12日到期，还有30天"


def test_a_good_certificate_is_looked_at_again_when_its_last_month_begins() -> None:
    good = probe("certificate", "ok", not_after=NOW + timedelta(days=33))
    site = unit(sites=(SiteSeen(site=SITE, probes=(good,)),))
    assert changes_at(website.RULE, site) == NOW + timedelta(days=3)


@pytest.mark.parametrize(
    ("check", "reason", "verdict", "severity"),
    [
        ("https", "no_https", Verdict.VIOLATION, Severity.MEDIUM),
        ("ipv6", "no_aaaa", Verdict.VIOLATION, Severity.LOW),
        ("html5", "no_doctype", Verdict.VIOLATION, Severity.LOW),
        ("hsts", "no_hsts", Verdict.WARNING, Severity.LOW),
        ("icp", "no_icp", Verdict.WARNING, Severity.LOW),
    ],
)
def test_the_profile_says_how_grave_a_failure_is(check: str, reason: str, verdict: Verdict, severity: Severity) -> None:
    found = judged(check, probe(check, reason=reason), probe(check, reason=reason, when=EARLIER))
    assert (found.verdict, found.severity) == (verdict, severity)


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        ("not_tested", "no_ipv6_here", "本机没有IPv6"),
        ("not_tested", "proxy", "经代理访问"),
        ("error", "dns", "域名没有解析成功"),
    ],
)
def test_what_was_not_tested_or_went_wrong_is_unknown(status: str, reason: str, said: str) -> None:
    found = judged("ipv6", probe("ipv6", status, reason), probe("ipv6", status, reason, EARLIER))
    assert found.verdict is Verdict.UNKNOWN
    assert said in found.reason


def test_a_look_is_worth_seven_days() -> None:
    week = NOW - timedelta(days=7)
    assert judged("hsts", probe("hsts", reason="no_hsts", when=week)).verdict is Verdict.WARNING
    assert judged("hsts", probe("hsts", reason="no_hsts", when=week - timedelta(seconds=1))).verdict is Verdict.UNKNOWN
    assert judged("hsts").verdict is Verdict.UNKNOWN


def test_what_a_browser_shows_settles_what_the_page_as_sent_does_not() -> None:
    sent = probe("icp", "not_tested", "script_may_write", round_id="r")
    assert judged("icp", sent, probe("rendered.icp", reason="no_icp", round_id="r")).verdict is Verdict.WARNING
    assert judged("icp", sent, probe("rendered.icp", "ok", round_id="r")).verdict is Verdict.OK
    as_sent = probe("icp", "ok", round_id="r")
    assert judged("icp", as_sent, probe("rendered.icp", reason="no_icp", round_id="r")).verdict is Verdict.OK


def test_one_slow_answer_is_no_slow_site() -> None:
    slow, quick = probe("answer_time", "ok", seconds=9.0), probe("answer_time", "ok", when=EARLIER, seconds=0.3)
    assert judged("answer_time", slow).verdict is Verdict.OK
    assert judged("answer_time", slow, quick).verdict is Verdict.OK
    always = judged("answer_time", slow, probe("answer_time", "ok", when=EARLIER, seconds=4.5))
    assert always.verdict is Verdict.WARNING
    assert "2次查看最快也要4.5秒" in always.reason
