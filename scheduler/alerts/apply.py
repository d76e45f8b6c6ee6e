"""One round's findings applied to the alerts: findings, alert changes and their audit entries.

Each alert's change and its audit entry are one transaction, keyed by the round: a round that was killed and is run
again finds the entries of its first run and repeats nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from gzcrawl.store import alerts as store
from scheduler.alerts.documents import alert_document, alert_from, finding_document
from scheduler.alerts.life import PLAIN, TOLD, Alert, Change, step
from scheduler.alerts.mute import muted, silence_from
from scheduler.alerts.policy import Policy
from scheduler.findings import Finding, Verdict

Db = Database[dict[str, Any]]

BATCH = 500


@dataclass(frozen=True, slots=True)
class RoundChanges:
    """What one round changed: alert ids by change, from the audit trail."""

    round_id: str
    by_change: dict[Change, tuple[str, ...]]

    def __getitem__(self, change: Change) -> tuple[str, ...]:
        return self.by_change.get(change, ())


def apply_round(
    db: Db, round_id: str, findings: Sequence[Finding], now: datetime, policy: Policy = PLAIN
) -> RoundChanges:
    """Store the findings and move the alerts. Running it again for the same round changes nothing."""
    for start in range(0, len(findings), BATCH):
        batch = findings[start : start + BATCH]
        store.save_findings(db, (finding_document(f, round_id) for f in batch))
        store.transaction(db, lambda session, batch=batch: _move(db, session, round_id, batch, now, policy))  # type: ignore[misc]
    _end_forgotten(db, round_id, findings, now, policy)
    refresh_mutes(db, now, policy)
    store.forget_findings(db, round_id)
    return changes_of(db, round_id)


def changes_of(db: Db, round_id: str) -> RoundChanges:
    grouped: dict[Change, list[str]] = defaultdict(list)
    for entry in store.round_changes(db, round_id):
        grouped[Change(entry["change"])].append(entry["alert_id"])
    return RoundChanges(round_id, {change: tuple(ids) for change, ids in grouped.items()})


def refresh_mutes(db: Db, now: datetime, policy: Policy) -> None:
    """Let silences and inhibiting alerts cover what they cover now."""

    def work(session: ClientSession) -> None:
        active = [alert_from(document) for document in store.active_alerts(db, session)]
        covers = muted(active, map(silence_from, store.silences(db, session)), policy, now)
        moved = [replace(a, muted=covers[a.id], changed_at=now) for a in active if a.muted != covers[a.id]]
        store.save_alerts(db, map(alert_document, moved), session)
        key = f"mute-{now.strftime('%Y%m%dT%H%M%S%f')}"
        store.record(
            db, [entry(key, a, Change.MUTED if a.muted else Change.UNMUTED, now, note=a.muted) for a in moved], session
        )

    store.transaction(db, work)


def notified(db: Db, ids: Sequence[str], message: str, now: datetime, session: ClientSession) -> None:
    """The first message about these alerts has been taken by the receiver's server."""
    found = [alert_from(a) for a in store.alerts_by_id(db, ids, session).values() if not a.get("notified_at")]
    told = [replace(alert, notified_at=now) for alert in found]
    store.save_alerts(db, map(alert_document, told), session)
    store.record(db, [entry(f"sent-{message}", a, Change.NOTIFIED, now, note=message) for a in told], session)


def _move(
    db: Db, session: ClientSession, round_id: str, findings: Sequence[Finding], now: datetime, policy: Policy
) -> None:
    before = store.alerts_by_id(db, (f.key for f in findings), session)
    changed: list[Alert] = []
    entries: list[dict[str, Any]] = []
    for finding in findings:
        old = alert_from(before[finding.key]) if finding.key in before else None
        new, changes = step(old, finding, now, policy)
        if new is not None and new != old:
            changed.append(new)
            seen = [asdict(one) for one in finding.evidence]
            entries += (entry(round_id, new, change, now, evidence=seen) for change in changes)
    store.save_alerts(db, map(alert_document, changed), session)
    recorded = store.record(db, entries, session)
    # In the same transaction: a change that is stored will be told, whatever is killed now.
    store.note(
        db,
        (
            {"_id": e["_id"], "alert_id": e["alert_id"], "change": e["change"], "at": now, "told_to": []}
            for e in recorded
            if e["change"] in TOLD
        ),
        session,
    )


def _end_forgotten(db: Db, round_id: str, findings: Iterable[Finding], now: datetime, policy: Policy) -> None:
    """Alerts whose subject no rule speaks of any more: removed from the registry, or too old to be judged."""
    spoken = {finding.key for finding in findings}
    left = [alert_from(a) for a in store.active_alerts(db) if a["_id"] not in spoken]
    ended = [
        Finding(
            rule=alert.rule,
            subject=alert.subject,
            department=alert.department,
            verdict=Verdict.NOT_APPLICABLE,
            reason="对象已不在台账或已过研判期",
        )
        for alert in left
    ]
    if ended:
        store.transaction(db, lambda session: _move(db, session, round_id, ended, now, policy))


def entry(round_id: str, alert: Alert, change: Change, now: datetime, **more: Any) -> dict[str, Any]:
    """The audit entry of a change."""
    return {
        "_id": f"{round_id}|{alert.id}|{alert.episode}|{change}",
        "round_id": round_id,
        "alert_id": alert.id,
        "department": alert.department,
        "change": str(change),
        "verdict": str(alert.verdict),
        "reason": alert.reason,
        "at": now,
        **more,
    }
