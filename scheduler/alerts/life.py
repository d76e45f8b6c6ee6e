"""What a finding does to its alert. Pure: alert and finding in, alert and change out (docs/alerts.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from scheduler.findings import Evidence, Finding, Severity, Verdict


class AlertState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"  # somebody works on it
    WAIVED = "waived"  # a person excused it, with a reason, until a date
    RESOLVED = "resolved"


class Change(StrEnum):
    OPENED = "opened"
    REOPENED = "reopened"
    RAISED = "raised"  # a reminder became a violation
    RESOLVED = "resolved"
    UNOBSERVED = "unobserved"  # can no longer be seen: kept, and marked
    OBSERVED = "observed"  # seen again
    ACKNOWLEDGED = "acknowledged"
    WAIVED = "waived"
    WAIVER_ENDED = "waiver_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """`id` is the finding's key: one alert for one rule and subject, through all its episodes."""

    id: str
    rule: str
    subject: str
    department: str
    state: AlertState
    verdict: Verdict  # of the last finding that could see: warning or violation
    severity: Severity
    reason: str
    opened_at: datetime
    changed_at: datetime
    since: datetime | None = None
    deadline: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    episode: int = 1
    unobserved_since: datetime | None = None
    unobserved_reason: str | None = None
    resolved_at: datetime | None = None
    resolved_reason: str | None = None
    by: str | None = None  # who acknowledged or waived it
    note: str | None = None
    waived_until: datetime | None = None

    @property
    def active(self) -> bool:
        return self.state is not AlertState.RESOLVED


def step(alert: Alert | None, finding: Finding, now: datetime) -> tuple[Alert | None, tuple[Change, ...]]:
    """The alert after the finding, and what changed. `unknown` neither opens nor resolves anything."""
    if alert is not None and alert.state is AlertState.WAIVED and alert.waived_until and alert.waived_until <= now:
        ended = replace(alert, state=AlertState.OPEN, waived_until=None, changed_at=now)
        after, changes = step(ended, finding, now)
        return after, (Change.WAIVER_ENDED, *changes)
    match finding.verdict:
        case Verdict.VIOLATION | Verdict.WARNING:
            return _stands(alert, finding, now)
        case Verdict.UNKNOWN:
            return _unseen(alert, finding, now)
        case _:
            return _ended(alert, finding, now)


def acknowledge(alert: Alert, now: datetime, by: str, note: str = "") -> Alert:
    return replace(alert, state=AlertState.ACKNOWLEDGED, changed_at=now, by=by, note=note or None)


def waive(alert: Alert, now: datetime, by: str, reason: str, until: datetime | None) -> Alert:
    return replace(alert, state=AlertState.WAIVED, changed_at=now, by=by, note=reason, waived_until=until)


def _stands(alert: Alert | None, finding: Finding, now: datetime) -> tuple[Alert, tuple[Change, ...]]:
    if alert is None:
        return _opened(finding, now, episode=1), (Change.OPENED,)
    if not alert.active:
        return _opened(finding, now, episode=alert.episode + 1), (Change.REOPENED,)
    changes: list[Change] = []
    if alert.unobserved_since:
        changes.append(Change.OBSERVED)
    raised = finding.verdict is Verdict.VIOLATION and alert.verdict is Verdict.WARNING
    state = alert.state
    if raised:
        changes.append(Change.RAISED)
        # Who acknowledged a reminder has not acknowledged the violation.
        state = AlertState.OPEN if state is AlertState.ACKNOWLEDGED else state
    after = replace(
        alert,
        state=state,
        verdict=finding.verdict,
        severity=finding.severity,
        reason=finding.reason,
        since=finding.since,
        deadline=finding.deadline,
        evidence=finding.evidence,
        facts=finding.facts,
        unobserved_since=None,
        unobserved_reason=None,
        changed_at=now if changes else alert.changed_at,
    )
    return after, tuple(changes)


def _opened(finding: Finding, now: datetime, episode: int) -> Alert:
    return Alert(
        id=finding.key,
        rule=finding.rule,
        subject=finding.subject,
        department=finding.department,
        state=AlertState.OPEN,
        verdict=finding.verdict,
        severity=finding.severity,
        reason=finding.reason,
        opened_at=now,
        changed_at=now,
        since=finding.since,
        deadline=finding.deadline,
        evidence=finding.evidence,
        facts=finding.facts,
        episode=episode,
    )


def _unseen(alert: Alert | None, finding: Finding, now: datetime) -> tuple[Alert | None, tuple[Change, ...]]:
    if alert is None or not alert.active or alert.unobserved_since:
        return alert, ()
    after = replace(alert, unobserved_since=now, unobserved_reason=finding.reason, changed_at=now)
    return after, (Change.UNOBSERVED,)


def _ended(alert: Alert | None, finding: Finding, now: datetime) -> tuple[Alert | None, tuple[Change, ...]]:
    if alert is None or not alert.active:
        return alert, ()
    after = replace(
        alert,
        state=AlertState.RESOLVED,
        resolved_at=now,
        resolved_reason=finding.reason,
        changed_at=now,
        unobserved_since=None,
        unobserved_reason=None,
        waived_until=None,
    )
    return after, (Change.RESOLVED,)
