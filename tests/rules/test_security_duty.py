"""Declared security duties, reminded of when stale."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from scheduler.findings import Finding, Verdict
from scheduler.rules import security_duty
from scheduler.rules.base import Unit
from tests.rules.units import NOW, WJW, at, judge, seen, unit

FRESH = {
    "passwords_on": date(2025, 9, 1),
    "roster_on": date(2025, 9, 1),
    "plan_on": date(2025, 3, 1),
    "training_on": date(2025, 3, 1),
}


def judged(now: datetime = NOW, **changes: Any) -> Finding:
    department = replace(WJW, **(FRESH | changes))
    whole = Unit(department=department, accounts=unit(seen()).accounts)
    (found,) = judge(security_duty.RULE, whole, now=now)
    return found


def test_declarations_in_their_time_are_in_order() -> None:
    assert judged().verdict is Verdict.OK


def test_a_declaration_holds_through_its_last_day_and_is_a_reminder_after_it() -> None:
    roster = {"roster_on": date(2025, 7, 15)}
    assert judged(at("2025-10-13 23:59"), **roster).verdict is Verdict.OK
    found = judged(at("2025-10-14 00:00"), **roster)
    assert found.verdict is Verdict.WARNING
    assert found.reason == "章江市卫生健康委员会的安全保障申报已过期，请重新申报：值班安排（2025年7月15日申报）"


def test_the_next_limit_is_when_the_verdict_may_change() -> None:
    assert judged(roster_on=date(2025, 7, 20)).deadline == at("2025-10-19 00:00")


def test_what_was_never_declared_is_unknown_and_never_a_violation() -> None:
    nothing = dict.fromkeys(FRESH)
    found = judged(**nothing)
    assert (found.verdict, found.reason) == (
        Verdict.UNKNOWN,
        "章江市卫生健康委员会没有申报：口令更换、值班安排、应急预案、联系人培训",
    )
