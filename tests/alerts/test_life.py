"""The life of an alert."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.alerts.life import Alert, AlertState, Change, acknowledge, step, waive
from scheduler.findings import Finding, Verdict

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
