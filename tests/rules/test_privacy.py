"""Personal numbers in posts: the rule. What is found and how it is masked: tests/test_privacy.py."""

from __future__ import annotations

from datetime import timedelta

from gzcrawl.items import Outcome
from gzcrawl.privacy import redact
from scheduler.findings import Finding, Verdict
from scheduler.rules import privacy
from scheduler.rules.base import AccountSeen
from tests.rules.units import NOW, at, judge, poll, post, seen, unit

NUMBER = "369901197504125921"
LEAK = redact(post(at("2025-10-10 16:30:00"), text=f"拟对林秀珍（身份证号{NUMBER}）等三户给予临时救助。"))


def judged(account: AccountSeen) -> Finding:
    (found,) = judge(privacy.RULE, unit(account))
    return found


def test_a_leak_is_told_with_masked_number_and_context_only() -> None:
    found = judged(seen(posts=(LEAK,), polls=(poll(),)))
    assert found.verdict is Verdict.VIOLATION
    assert found.reason == (
        "微博“健康章江”于2025年10月10日 16:30发布的内容含有未隐去的身份证号（3699**********5921），共1条内容，应立即处理"
    )
    assert "3699**********5921" in found.evidence[0].quote
    assert NUMBER not in repr(found)


def test_a_post_without_personal_numbers_is_in_order_and_an_old_one_is_no_longer_judged() -> None:
    assert judged(seen(posts=(post(NOW),), polls=(poll(),))).verdict is Verdict.OK
    old = redact(post(NOW - timedelta(days=31), text=f"身份证号{NUMBER}"))
    assert judged(seen(posts=(old,), polls=(poll(),))).verdict is Verdict.OK


def test_an_account_that_could_not_be_read_is_unknown() -> None:
    assert judged(seen(polls=(poll(outcome=Outcome.BLOCKED),))).verdict is Verdict.UNKNOWN
