"""What a finding does to its alert. Pure: alert and finding in, alert and changes out (docs/alerts.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from scheduler.alerts.policy import Policy
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
    WORSENED = "worsened"  # it has lasted so long that it is graver
    REPEATED = "repeated"  # nobody has answered: told again
    ESCALATED = "escalated"  # nobody has acknowledged it in time: told to somebody else too
    SETTLING = "settling"  # it came and went too often: seen in order, not yet believed
    RETURNED = "returned"  # while it was settling
    RESOLVED = "resolved"
    UNOBSERVED = "unobserved"  # can no longer be seen: kept, and marked
    OBSERVED = "observed"  # seen again
    ACKNOWLEDGED = "acknowledged"
    WAIVED = "waived"
    WAIVER_ENDED = "waiver_ended"
    MUTED = "muted"  # a silence or another alert covers it: lives on, is not told
    UNMUTED = "unmuted"
    NOTIFIED = "notified"  # a mail server has taken the first mail about it


TOLD = (Change.OPENED, Change.REOPENED, Change.RAISED, Change.WORSENED, Change.REPEATED, Change.ESCALATED)
"""Changes that people are told of."""


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
    accused_at: datetime | None = None  # since when this episode is a violation
    told_at: datetime | None = None  # the last change that people are told of
    notified_at: datetime | None = None
    escalated_at: datetime | None = None
    returns: tuple[datetime, ...] = ()  # when it was reopened, as far back as flapping counts
    quiet_since: datetime | None = None  # flapping, and seen in order since
    muted: str | None = None  # "silence:ID" or "alert:ID" that covers it

    @property
    def active(self) -> bool:
        return self.state is not AlertState.RESOLVED

    @property
    def stands(self) -> bool:
        """Whether the last look found it wrong and nobody excused it: only then anybody may be told so."""
        return self.state in (AlertState.OPEN, AlertState.ACKNOWLEDGED) and self.quiet_since is None


PLAIN = Policy()


def step(
    alert: Alert | None, finding: Finding, now: datetime, policy: Policy = PLAIN
) -> tuple[Alert | None, tuple[Change, ...]]:
    """The alert after the finding, and what changed. `unknown` neither opens nor resolves anything."""
    if alert is not None and alert.state is AlertState.WAIVED and alert.waived_until and alert.waived_until <= now:
        # From now on an acknowledgement is waited for, as for a new one.
        known = now if alert.accused_at else None
        ended = replace(alert, state=AlertState.OPEN, waived_until=None, changed_at=now, accused_at=known)
        after, changes = step(ended, finding, now, policy)
        return after, (Change.WAIVER_ENDED, *changes)
    match finding.verdict:
        case Verdict.VIOLATION if finding.settled:
            return _over(alert, finding, now, policy)
        case Verdict.VIOLATION | Verdict.WARNING:
            if alert is None or not alert.active:
                return _opened(alert, finding, now, policy)
            return _stands(alert, finding, now, policy)
        case Verdict.UNKNOWN:
            return _unseen(alert, finding, now)
        case _:
            return _ended(alert, finding, now, policy)


def moves_with_time(alert: Alert, now: datetime, policy: Policy) -> bool:
    """Whether the same finding as before may do something to the alert now: too often is harmless, too seldom is not."""
    if alert.quiet_since or (alert.waived_until and alert.waived_until <= now):
        return True
    if alert.verdict is not Verdict.VIOLATION or alert.unobserved_since:
        return False
    graver = policy.grown(alert.rule, alert.since or alert.opened_at, now) > policy.grown(
        alert.rule, alert.since or alert.opened_at, alert.changed_at
    )
    return graver or bool(_unanswered(alert, now, policy, told=False))


def acknowledge(alert: Alert, now: datetime, by: str, note: str = "") -> Alert:
    return replace(alert, state=AlertState.ACKNOWLEDGED, changed_at=now, by=by, note=note or None, waived_until=None)


def waive(alert: Alert, now: datetime, by: str, reason: str, until: datetime | None) -> Alert:
    return replace(alert, state=AlertState.WAIVED, changed_at=now, by=by, note=reason, waived_until=until)


def _opened(before: Alert | None, finding: Finding, now: datetime, policy: Policy) -> tuple[Alert, tuple[Change, ...]]:
    after = Alert(
        id=finding.key,
        rule=finding.rule,
        subject=finding.subject,
        department=finding.department,
        state=AlertState.OPEN,
        verdict=finding.verdict,
        severity=policy.severity(finding, finding.since or now, now),
        reason=finding.reason,
        opened_at=now,
        changed_at=now,
        since=finding.since,
        deadline=finding.deadline,
        evidence=finding.evidence,
        facts=finding.facts,
        episode=before.episode + 1 if before else 1,
        accused_at=now if finding.verdict is Verdict.VIOLATION else None,
        told_at=now,
        returns=(*policy.recent(before.returns, now), now) if before else (),
        muted=before.muted if before else None,
    )
    return after, (Change.REOPENED if before else Change.OPENED,)


def _stands(alert: Alert, finding: Finding, now: datetime, policy: Policy) -> tuple[Alert, tuple[Change, ...]]:
    violation = finding.verdict is Verdict.VIOLATION
    severity = policy.severity(finding, finding.since or alert.opened_at, now)
    changes: list[Change] = []
    if alert.unobserved_since:
        changes.append(Change.OBSERVED)
    if alert.quiet_since:
        changes.append(Change.RETURNED)
    raised = violation and alert.verdict is Verdict.WARNING
    if raised:
        changes.append(Change.RAISED)
    elif severity > alert.severity and alert.verdict is finding.verdict:
        changes.append(Change.WORSENED)
    # Who acknowledged a reminder has not acknowledged the violation.
    reopened = raised and alert.state is AlertState.ACKNOWLEDGED
    after = replace(
        alert,
        state=AlertState.OPEN if reopened else alert.state,
        verdict=finding.verdict,
        severity=severity,
        reason=finding.reason,
        since=finding.since,
        deadline=finding.deadline,
        evidence=finding.evidence,
        facts=finding.facts,
        unobserved_since=None,
        unobserved_reason=None,
        quiet_since=None,
        accused_at=(alert.accused_at or now) if violation else None,
        escalated_at=alert.escalated_at if violation else None,
    )
    changes += _unanswered(after, now, policy, told=any(change in TOLD for change in changes))
    return replace(
        after,
        changed_at=now if changes else alert.changed_at,
        told_at=now if any(change in TOLD for change in changes) else alert.told_at,
        escalated_at=now if Change.ESCALATED in changes else after.escalated_at,
    ), tuple(changes)


def _over(alert: Alert | None, finding: Finding, now: datetime, policy: Policy) -> tuple[Alert, tuple[Change, ...]]:
    """A violation that is over when it is seen: opened or raised for the record, and resolved at once."""
    if alert is not None and not alert.active:
        return alert, ()
    stands, changes = _opened(None, finding, now, policy) if alert is None else _stands(alert, finding, now, policy)
    after, ended = _ended(stands, finding, now, policy)
    assert after is not None
    return after, (*(c for c in changes if c in (Change.OPENED, Change.RAISED, Change.OBSERVED)), *ended)


def _unanswered(alert: Alert, now: datetime, policy: Policy, told: bool) -> list[Change]:
    """Whether a violation nobody has acknowledged is told again, and to whom else."""
    if alert.state is not AlertState.OPEN or alert.accused_at is None:
        return []
    changes = []
    if policy.escalation_due and not alert.escalated_at and policy.escalation_due(alert.accused_at) <= now:
        changes.append(Change.ESCALATED)
    last = alert.told_at or alert.opened_at
    if not told and not changes and policy.repeat_days and now - last >= timedelta(days=policy.repeat_days):
        changes.append(Change.REPEATED)
    return changes


def _unseen(alert: Alert | None, finding: Finding, now: datetime) -> tuple[Alert | None, tuple[Change, ...]]:
    if alert is None or not alert.active or alert.unobserved_since:
        return alert, ()
    after = replace(alert, unobserved_since=now, unobserved_reason=finding.reason, changed_at=now)
    return after, (Change.UNOBSERVED,)


def _ended(
    alert: Alert | None, finding: Finding, now: datetime, policy: Policy
) -> tuple[Alert | None, tuple[Change, ...]]:
    if alert is None or not alert.active:
        return alert, ()
    seen = replace(alert, unobserved_since=None, unobserved_reason=None)
    if finding.verdict is Verdict.OK and policy.flapping(alert.returns, now):
        if alert.quiet_since is None:
            return replace(seen, quiet_since=now, changed_at=now), (Change.SETTLING,)
        if now - alert.quiet_since < timedelta(hours=policy.settle_hours):
            return (replace(seen, changed_at=now), (Change.OBSERVED,)) if alert.unobserved_since else (alert, ())
    after = replace(
        seen,
        state=AlertState.RESOLVED,
        resolved_at=now,
        resolved_reason=finding.reason,
        changed_at=now,
        waived_until=None,
        quiet_since=None,
    )
    return after, (Change.RESOLVED,)
