"""The assessment: what findings of a period cost, and that every point can be traced."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzcrawl.items import SHANGHAI
from scheduler.alerts.policy import Policy, RulePolicy
from scheduler.assessment import PeriodError, Score, Tariff, assess, period
from scheduler.findings import Finding, Severity, Verdict

V, W, U, OK, NA = Verdict.VIOLATION, Verdict.WARNING, Verdict.UNKNOWN, Verdict.OK, Verdict.NOT_APPLICABLE
START = datetime(2025, 9, 1, 15, 59, 59, tzinfo=UTC)
TARIFF = Tariff(
    100.0,
    once={"info": 0, "low": 1, "medium": 2, "high": 4, "critical": 8},
    per_day={"info": 0, "low": 0, "medium": 0.5, "high": 1, "critical": 2},
    weights={"dormant": 1, "privacy": 2},
    at_most={"dormant": 20, "privacy": 10},
)


def said(verdict: Verdict, *, rule: str = "dormant", subject: str = "a", severity: Severity = Severity.HIGH) -> Finding:
    return Finding(
        rule=rule, subject=subject, department="wjw", verdict=verdict, severity=severity, reason=f"{verdict}"
    )


def one(*days: list[Finding], tariff: Tariff = TARIFF, policy: Policy | None = None) -> Score:
    dated = [(START + timedelta(days=n), findings) for n, findings in enumerate(days)]
    return assess(dated, ["wjw"], tariff, policy or Policy())[0]


def test_a_violation_costs_once_and_for_each_further_day() -> None:
    score = one([said(OK)], [said(V)], [said(V)], [said(V)], [said(OK)])
    assert score.points == 100 - (4 + 2)
    lapse = score.deductions[0].lapse
    assert (lapse.first, lapse.last, lapse.days) == (date(2025, 9, 2), date(2025, 9, 4), 3)


def test_what_was_done_late_costs_once_however_long_it_stands_in_the_record() -> None:
    late = replace(said(V), settled=True)
    assert one([said(V)], [late], [late], [late]).points == one([said(V)]).points == 96


def test_what_could_not_be_seen_costs_nothing_and_ends_nothing() -> None:
    score = one([said(V)], [said(U)], [said(U)], [said(V)])
    assert [d.points for d in score.deductions] == [5]
    assert score.deductions[0].lapse.unobserved == 2
    assert score.observed == 0.5


@pytest.mark.parametrize("verdict", [W, U, OK, NA])
def test_only_violations_cost(verdict: Verdict) -> None:
    assert one([said(verdict)], [said(verdict)]).points == 100


def test_a_violation_that_came_back_costs_again() -> None:
    assert one([said(V)], [said(OK)], [said(V)]).points == 100 - 8


def test_a_subject_no_rule_speaks_of_any_more_ends_its_lapse() -> None:
    assert one([said(V)], [], [said(V)]).points == 100 - 8


def test_a_rule_costs_at_most_its_limit_and_the_deductions_still_add_up() -> None:
    score = one([said(V, rule="privacy", subject=name) for name in "abc"])
    assert [(d.points, d.uncapped) for d in score.deductions] == [(8, 8), (2, 8), (0, 8)]
    assert score.points == 90


def test_severity_rises_with_time_as_the_alert_does() -> None:
    grave = Policy(rules={"dormant": RulePolicy(raise_days=(1,))})
    score = one([said(V)], [said(V)], policy=grave)
    assert score.deductions[0].lapse.severity is Severity.CRITICAL
    assert score.points == 100 - (8 + 2)


def test_equal_points_share_a_rank_and_the_next_is_skipped() -> None:
    days = [(START, [said(V)])]
    scores = assess(days, ["wjw", "jyj", "sjj"], TARIFF, Policy())
    assert [(s.department, s.rank) for s in scores] == [("jyj", 1), ("sjj", 1), ("wjw", 3)]


def test_what_only_informs_is_noted_as_of_the_last_day() -> None:
    note = Finding(
        rule="dormant", subject="a", department="wjw", verdict=OK, severity=Severity.INFO, reason="原创占六成"
    )
    assert one([said(OK)], [note]).notes == ("原创占六成",)


@given(st.lists(st.lists(st.sampled_from([V, W, U, OK, NA]), min_size=2, max_size=2), max_size=40))
def test_every_point_is_traceable_and_never_below_zero(days: list[list[Verdict]]) -> None:
    score = one(*[[said(v, subject=str(n)) for n, v in enumerate(day)] for day in days])
    assert score.points == pytest.approx(max(100 - sum(d.points for d in score.deductions), 0))
    assert sum(d.lapse.days for d in score.deductions) == sum(day.count(V) for day in days)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2025Q3", date(2025, 7, 1), date(2025, 9, 30)),
        ("2025q4", date(2025, 10, 1), date(2025, 12, 31)),
        ("2025H2", date(2025, 7, 1), date(2025, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
    ],
)
def test_periods_are_years_halves_quarters_and_months(name: str, first: date, last: date) -> None:
    assert (period(name).first, period(name).last) == (first, last)


@pytest.mark.parametrize("name", ["", "2025Q5", "2025-13", "Q3", "二〇二五"])
def test_what_is_no_period_is_told_with_the_forms_there_are(name: str) -> None:
    with pytest.raises(PeriodError, match="2025Q3"):
        period(name)


def test_days_end_at_midnight_in_shanghai_and_the_running_day_is_looked_at_now() -> None:
    now = datetime(2025, 9, 3, 9, 0, tzinfo=SHANGHAI)
    days = [at.astimezone(SHANGHAI).strftime("%m-%d %H:%M") for at in period("2025-09").instants(now)]
    assert days == ["09-01 23:59", "09-02 23:59", "09-03 09:00"]
