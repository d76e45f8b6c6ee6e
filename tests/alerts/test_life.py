"""The life of an alert."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.alerts.life import Alert, AlertState, Change, acknowledge, step, waive
from scheduler.alerts.policy import policy_of
from scheduler.calendar import Calendar
from scheduler.findings import Finding, Severity, Verdict
from scheduler.profile import load_profile

T0 = datetime(2025, 10, 13, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def finding(verdict: Verdict, reason: str = "已17天未更新") -> Finding:
    return Finding(rule="dormant", subject="wjw-weibo", department="wjw", verdict=verdict, reason=reason)


def after(*verdicts: Verdict) -> tuple[Alert | None, list[tuple[Change, ...]]]:
    """The alert after one finding a day, and what each changed."""
    alert: Alert | None = None
    changes = []
    for number, verdict in enumerate(verdicts):
        alert, changed = step(alert, finding(verdict), T0 + number * DAY)
        changes.append(changed)
    return alert, changes


def opened() -> Alert:
    alert, _ = after(Verdict.VIOLATION)
    assert alert is not None
    return alert


def test_a_violation_opens_once_however_often_it_is_found() -> None:
    alert, changes = after(Verdict.VIOLATION, Verdict.VIOLATION, Verdict.VIOLATION)
    assert changes == [(Change.OPENED,), (), ()]
    assert alert is not None
    assert alert.opened_at == T0


def test_it_resolves_by_itself_when_the_finding_ends_and_reopens_when_it_returns() -> None:
    alert, changes = after(Verdict.VIOLATION, Verdict.OK, Verdict.OK, Verdict.VIOLATION)
    assert changes == [(Change.OPENED,), (Change.RESOLVED,), (), (Change.REOPENED,)]
    assert alert is not None
    assert (alert.episode, alert.state, alert.opened_at) == (2, AlertState.OPEN, T0 + 3 * DAY)


def test_what_can_no_longer_be_seen_stays_and_is_marked() -> None:
    alert, changes = after(Verdict.VIOLATION, Verdict.UNKNOWN, Verdict.UNKNOWN)
    assert changes == [(Change.OPENED,), (Change.UNOBSERVED,), ()]
    assert alert is not None
    assert (alert.state, alert.unobserved_since) == (AlertState.OPEN, T0 + DAY)
    seen_again, changed = step(alert, finding(Verdict.VIOLATION), T0 + 3 * DAY)
    assert changed == (Change.OBSERVED,)
    assert seen_again is not None
    assert seen_again.unobserved_since is None


def test_unknown_opens_nothing() -> None:
    assert after(Verdict.UNKNOWN) == (None, [()])


def test_a_reminder_that_becomes_a_violation_is_raised_even_when_acknowledged() -> None:
    alert, _ = after(Verdict.WARNING)
    assert alert is not None
    raised, changed = step(acknowledge(alert, T0, "张三"), finding(Verdict.VIOLATION), T0 + DAY)
    assert changed == (Change.RAISED,)
    assert raised is not None
    assert raised.state is AlertState.OPEN


def test_an_acknowledged_alert_stays_acknowledged_until_it_ends() -> None:
    acknowledged = acknowledge(opened(), T0, "张三", "已电话通知")
    same, changed = step(acknowledged, finding(Verdict.VIOLATION), T0 + DAY)
    assert changed == ()
    assert same is not None
    assert (same.state, same.by) == (AlertState.ACKNOWLEDGED, "张三")


def test_a_waiver_holds_until_its_date_and_ends_then() -> None:
    waived = waive(opened(), T0, "李四", "机构合并中", T0 + 2 * DAY)
    same, changed = step(waived, finding(Verdict.VIOLATION), T0 + DAY)
    assert (same and same.state, changed) == (AlertState.WAIVED, ())
    ended, changed = step(waived, finding(Verdict.VIOLATION), T0 + 2 * DAY)
    assert (ended and ended.state, changed) == (AlertState.OPEN, (Change.WAIVER_ENDED,))


@given(st.lists(st.sampled_from(Verdict), min_size=1, max_size=12))
def test_an_alert_is_active_exactly_when_the_last_sight_was_bad(verdicts: list[Verdict]) -> None:
    alert, _ = after(*verdicts)
    sights = [v for v in verdicts if v is not Verdict.UNKNOWN]
    bad = bool(sights) and sights[-1] in (Verdict.VIOLATION, Verdict.WARNING)
    assert (alert is not None and alert.active) == bad
    if alert and bad:
        assert (alert.unobserved_since is not None) == (verdicts[-1] is Verdict.UNKNOWN)


@given(st.lists(st.sampled_from(Verdict), max_size=8), st.sampled_from(Verdict))
def test_the_same_finding_twice_changes_nothing_the_second_time(before: list[Verdict], last: Verdict) -> None:
    alert, _ = after(*before)
    now = T0 + 20 * DAY
    once, _ = step(alert, finding(last), now)
    twice, changed = step(once, finding(last), now)
    assert (twice, changed) == (once, ())
    assert once is None or replace(once) == once


POLICY = policy_of(load_profile(), Calendar())


def silent(day: int, verdict: Verdict = Verdict.VIOLATION) -> tuple[Finding, datetime]:
    """What the rule says on the given day after the last post of an account, and when."""
    severity = Severity.HIGH if verdict is Verdict.VIOLATION else Severity.LOW
    return replace(finding(verdict), since=T0, severity=severity), T0 + day * DAY


def test_a_silent_account_is_low_on_day_12_high_on_day_16_and_critical_on_day_30() -> None:
    alert, _ = step(None, *silent(12, Verdict.WARNING), POLICY)
    assert alert is not None
    assert alert.severity is Severity.LOW
    alert, changes = step(alert, *silent(16), POLICY)
    assert alert is not None
    assert (alert.severity, changes) == (Severity.HIGH, (Change.RAISED,))
    alert, changes = step(alert, *silent(30), POLICY)
    assert alert is not None
    assert alert.severity is Severity.CRITICAL
    assert Change.WORSENED in changes
    assert step(alert, *silent(31), POLICY)[0].severity is Severity.CRITICAL  # type: ignore[union-attr]


def test_what_cannot_be_seen_grows_no_graver() -> None:
    alert, _ = step(None, *silent(16), POLICY)
    alert, changes = step(alert, *silent(40, Verdict.UNKNOWN), POLICY)
    assert alert is not None
    assert (alert.severity, changes) == (Severity.HIGH, (Change.UNOBSERVED,))


def test_three_working_days_without_acknowledgement_escalate_once_and_seven_days_repeat() -> None:
    opened, _ = step(None, *silent(0), POLICY)  # Monday 13 October
    told = {}
    alert = opened
    for day in range(1, 15):
        alert, told[day] = step(alert, *silent(day), POLICY)
    assert {day: changes for day, changes in told.items() if changes} == {
        4: (Change.ESCALATED,),  # Thursday has passed: Tuesday, Wednesday, Thursday
        11: (Change.REPEATED,),
    }
    assert opened is not None
    alert = acknowledge(opened, T0, "张三")
    assert not any(step(alert, *silent(day), POLICY)[1] for day in range(1, 15))


def test_an_alert_that_comes_and_goes_must_be_seen_in_order_for_two_days_before_it_is_resolved() -> None:
    hour = timedelta(hours=1)
    alert: Alert | None = None
    for number in range(8):
        alert, changes = step(
            alert, finding(Verdict.OK if number % 2 else Verdict.VIOLATION), T0 + number * hour, POLICY
        )
    assert alert is not None
    assert changes == (Change.SETTLING,)
    assert alert.active
    assert not alert.stands  # nobody is accused of what was last seen in order
    _, changes = step(alert, finding(Verdict.VIOLATION), T0 + 9 * hour, POLICY)
    assert changes == (Change.RETURNED,)  # and nobody is told a fourth time
    _, changes = step(alert, finding(Verdict.OK), T0 + (7 + 48) * hour, POLICY)
    assert changes == (Change.RESOLVED,)


def test_a_violation_that_is_over_when_seen_is_recorded_and_told_as_resolved() -> None:
    late = replace(finding(Verdict.VIOLATION), settled=True, reason="才转发")
    alert, changes = step(None, late, T0)
    assert changes == (Change.OPENED, Change.RESOLVED)
    assert alert is not None
    assert (alert.state, alert.verdict, alert.resolved_reason) == (AlertState.RESOLVED, Verdict.VIOLATION, "才转发")
    assert step(alert, late, T0) == (alert, ())
    missing, _changes = step(None, finding(Verdict.VIOLATION), T0)
    closed, changes = step(missing, late, T0)
    assert (closed and closed.state, changes) == (AlertState.RESOLVED, (Change.RESOLVED,))
    again, changes = step(closed, finding(Verdict.VIOLATION), T0)
    assert (again and again.state, changes) == (AlertState.OPEN, (Change.REOPENED,))
