"""Words of the operator's list in posts: the rule. How they are found: tests/test_words.py."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gzcrawl.items import Outcome
from scheduler.findings import Finding, Severity, Verdict
from scheduler.rules import wording
from scheduler.rules.base import AccountSeen, SiteSeen
from tests.rules.units import NOW, SITE, at, judge, poll, post, seen, unit


def hit(severity: str = "medium", **changes: str) -> dict[str, str]:
    return {"term": "卫计委", "severity": severity, "suggestion": "卫健委", "context": "请到市卫计委咨询", **changes}


def judged(account: AccountSeen, **context: Any) -> Finding:
    (found,) = judge(wording.RULE, unit(account), **({"words": True} | context))
    return found


def test_a_wrong_name_is_told_with_its_context_and_what_to_write_instead() -> None:
    wrong = post(at("2025-10-10 16:30:00"), wording=[hit()])
    found = judged(seen(posts=(wrong,), polls=(poll(),)))
    assert (found.verdict, found.severity) == (Verdict.VIOLATION, Severity.MEDIUM)
    assert found.reason == "微博“健康章江”于2025年10月10日 16:30发布的内容出现“卫计委”，宜写作“卫健委”，共1条内容"
    assert found.evidence[0].quote == "……请到市卫计委咨询……"


def test_each_word_has_its_own_severity_and_the_worst_one_decides() -> None:
    light, heavy = post(NOW, wording=[hit("low")]), post(NOW - timedelta(hours=1), wording=[hit("high", term="甲")])
    assert judged(seen(posts=(light,), polls=(poll(),))).verdict is Verdict.WARNING
    found = judged(seen(posts=(light, heavy), polls=(poll(),)))
    assert (found.verdict, found.severity, "“甲”" in found.reason) == (Verdict.VIOLATION, Severity.HIGH, True)


def test_posts_are_judged_for_thirty_days() -> None:
    last = NOW - timedelta(days=30)
    assert judged(seen(posts=(post(last, wording=[hit()]),), polls=(poll(),))).verdict is Verdict.VIOLATION
    older = post(last - timedelta(seconds=1), wording=[hit()])
    assert judged(seen(posts=(older,), polls=(poll(),))).verdict is Verdict.OK


@pytest.mark.parametrize("outcome", [o for o in Outcome if not o.observed])
def test_an_account_that_could_not_be_read_is_unknown(outcome: Outcome) -> None:
    assert judged(seen(polls=(poll(outcome=outcome),))).verdict is Verdict.UNKNOWN


def test_without_a_word_list_nothing_is_judged_even_what_an_earlier_list_found() -> None:
    account = seen(posts=(post(NOW, wording=[hit()]),), polls=(poll(),))
    assert judge(wording.RULE, unit(account), words=False) == []


def test_articles_of_a_site_count_too() -> None:
    site = SiteSeen(site=SITE, posts=(post(NOW, wording=[hit()]),), polls=(poll(),))
    (found,) = judge(wording.RULE, unit(sites=(site,)), words=True)
    assert (found.verdict, found.subject) == (Verdict.VIOLATION, SITE.id)
