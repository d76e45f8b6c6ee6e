"""New accounts and changes are filed within three working days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gzcrawl.registry import Department
from scheduler.findings import Finding, Verdict
from scheduler.rules import filing
from scheduler.rules.base import Unit
from tests.rules.units import WEIBO, WJW, at, judge, seen, unit

FULL = replace(WJW, responsible="黄志远", contact="8230174")


def judged(department: Department = FULL, now: str = "2025-12-01 09:00", **told: Any) -> Finding:
    whole = Unit(department=department, accounts=unit(seen(replace(WEIBO, **told))).accounts)
    (found,) = judge(filing.RULE, whole, now=at(now))
    return found


@pytest.mark.parametrize(
    ("opened", "last"),
    [
        ("2025-09-26", "2025-09-30"),  # Friday; the make-up Sunday counts
        ("2025-09-30", "2025-10-11"),  # eight days off, then 9, 10 and the make-up Saturday
        ("2025-10-10", "2025-10-14"),
        ("2025-01-24", "2025-02-05"),  # Friday; make-up Sunday 26, Monday 27, eight days of Spring Festival
        ("2025-10-13", "2025-10-16"),
    ],
)
def test_three_working_days_by_the_official_calendar(opened: str, last: str) -> None:
    due = date.fromisoformat(last)
    on = date.fromisoformat(opened)
    assert judged(opened_on=on, filed_on=due).verdict is Verdict.OK
    late = judged(opened_on=on, filed_on=due.replace(day=due.day + 1) if due.day < 30 else date(2025, 10, 1))
    assert late.verdict is Verdict.VIOLATION


def test_the_sentence_tells_opening_deadline_and_filing() -> None:
    found = judged(opened_on=date(2025, 10, 9), filed_on=date(2025, 10, 20))
    assert found.reason == (
        "微博“健康章江”开通于2025年10月9日，应于2025年10月13日 24:00前备案，台账的备案日期是2025年10月20日"
    )
    assert found.deadline == at("2025-10-14 00:00")


def test_an_account_not_filed_is_pending_until_the_deadline_and_a_violation_after_it() -> None:
    opened = {"opened_on": date(2025, 10, 9)}
    assert judged(now="2025-10-13 23:59", **opened).verdict is Verdict.OK
    assert judged(now="2025-10-14 00:00", **opened).verdict is Verdict.VIOLATION


def test_a_change_is_filed_likewise() -> None:
    old = {"opened_on": date(2020, 1, 1), "filed_on": date(2020, 1, 2), "changed_on": date(2025, 9, 19)}
    assert judged(**old, change_filed_on=date(2025, 9, 24)).verdict is Verdict.OK
    assert judged(**old, change_filed_on=date(2025, 9, 25)).verdict is Verdict.VIOLATION
    assert judged(**old).verdict is Verdict.VIOLATION


def test_accounts_older_than_the_duty_are_not_judged_by_it() -> None:
    assert judged(opened_on=date(2019, 5, 1), filed_on=date(2020, 5, 1)).verdict is Verdict.OK


def test_a_record_without_contact_is_a_reminder() -> None:
    found = judged(replace(FULL, contact=None), opened_on=date(2019, 5, 1))
    assert (found.verdict, found.reason) == (Verdict.WARNING, "微博“健康章江”的备案信息不完整，缺联系电话")


def test_without_a_day_of_opening_it_is_unknown() -> None:
    assert judged().verdict is Verdict.UNKNOWN


def test_a_year_without_a_schedule_is_marked_provisional() -> None:
    assert judged(now="2028-07-01 09:00", opened_on=date(2028, 6, 1)).provisional_calendar
