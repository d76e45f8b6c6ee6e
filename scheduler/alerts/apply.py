"""What the rules say, applied to the alerts: findings, alert changes and their audit entries.

Of each department only what changed is written. Alerts move first, then the findings are stored, then what was found is
remembered as found: whatever is killed in between is found changed again and repeats nothing. Each alert's change and its
audit entry are one transaction, keyed by the round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from typing import Any, TypeVar

from bson import decode_all
from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database

from gzcrawl.store import alerts as store
from gzcrawl.store import evaluations, reposts
from gzcrawl.store.connect import CODEC
from scheduler.alerts.documents import JudgedInWriting, alert_document, alert_from, evidence_document, finding_from
from scheduler.alerts.life import PLAIN, TOLD, Alert, Change, moves_with_time, step
from scheduler.alerts.mute import muted, silence_from
from scheduler.alerts.policy import Policy
from scheduler.findings import Finding, Verdict

Db = Database[dict[str, Any]]
T = TypeVar("T")

ACCUSING = (Verdict.VIOLATION, Verdict.WARNING)

UNITS = 200
"""Departments applied at once."""


@dataclass(frozen=True, slots=True)
class RoundChanges:
    """What one round changed: alert ids by change, from the audit trail."""

    round_id: str
    by_change: dict[Change, tuple[str, ...]]

    def __getitem__(self, change: Change) -> tuple[str, ...]:
        return self.by_change.get(change, ())


class Standing:
    """The alerts that are not resolved, as an evaluation finds them; without evidence, so that all fit into memory."""

    def __init__(self, db: Db) -> None:
        self._alerts: dict[str, list[Alert]] = defaultdict(list)
        for document in store.active_alerts(db, without=("evidence", "facts")):
            self._alerts[document["department"]].append(alert_from(document))

    def of(self, department: str) -> list[Alert]:
        return self._alerts.get(department, [])

    @property
    def departments(self) -> set[str]:
        return set(self._alerts)

    def restless(self, now: datetime, policy: Policy) -> set[str]:
        """The departments with an alert that time alone moves now."""
        return {
            department
            for department, alerts in self._alerts.items()
            if any(moves_with_time(alert, now, policy) for alert in alerts)
        }


def apply_round(
    db: Db,
    round_id: str,
    judged: Iterable[JudgedInWriting],
    now: datetime,
    policy: Policy = PLAIN,
    *,
    standing: Standing | None = None,
    whole: bool = True,
) -> RoundChanges:
    """Store what was found and move the alerts. Running it again for the same round changes nothing.

    `whole`: all departments there are were judged, so what stands of any other ends.
    """
    standing = standing or Standing(db)
    seen: set[str] = set()
    for batch in batches(judged):
        _apply(db, round_id, batch, standing, now, policy)
        seen.update(one.department for one in batch)
    if whole:
        _forget(db, round_id, standing, seen, now, policy)
    refresh_mutes(db, now, policy)
    return changes_of(db, round_id)


def batches(things: Iterable[T]) -> Iterator[Sequence[T]]:
    iterator = iter(things)
    while batch := tuple(islice(iterator, UNITS)):
        yield batch


def _apply(
    db: Db, round_id: str, batch: Sequence[JudgedInWriting], standing: Standing, now: datetime, policy: Policy
) -> None:
    before = evaluations.known(db, [one.department for one in batch])
    after: dict[str, evaluations.Known] = {}
    fresh: dict[str, RawBSONDocument] = {}
    changed: dict[str, RawBSONDocument] = {}
    gone: list[str] = []
    moving: list[Finding] = []
    for one in batch:
        was = before.get(one.department, evaluations.Known())
        active = {alert.id: alert for alert in standing.of(one.department)}
        marks = {key: mark for key, (mark, _verdict, _bson) in one.findings.items()}
        for key, (mark, verdict, bson) in one.findings.items():
            if mark != was.findings.get(key):
                (changed if key in was.findings else fresh)[key] = RawBSONDocument(bson)
            if verdict in ACCUSING or key in active:
                moving += map(finding_from, decode_all(bson, CODEC))
        gone += was.findings.keys() - marks.keys()
        moving += [_ended(alert) for id, alert in active.items() if id not in marks]
        told = evaluations.Known(marks, one.recheck_at)
        if told != was or one.department not in before:
            after[one.department] = told
    if moving:
        store.transaction(db, lambda session: _move(db, session, round_id, moving, now, policy))
    store.save_findings(db, fresh, changed, gone)
    reposts.record(db, fresh, changed, gone, chain.from_iterable(one.findings for one in batch))
    evaluations.remember(db, after, before)


def _forget(db: Db, round_id: str, standing: Standing, judged: set[str], now: datetime, policy: Policy) -> None:
    """End what stands of departments that are not in the registry any more."""
    left = (evaluations.departments(db) | standing.departments) - judged
    for batch in batches(sorted(left)):
        ended = [_ended(alert) for department in batch for alert in standing.of(department)]
        if ended:
            store.transaction(db, lambda session, ended=ended: _move(db, session, round_id, ended, now, policy))  # type: ignore[misc]
        store.forget_findings(db, batch)
        evaluations.forget(db, batch)


def changes_of(db: Db, round_id: str) -> RoundChanges:
    grouped: dict[Change, list[str]] = defaultdict(list)
    for entry in store.round_changes(db, round_id):
        grouped[Change(entry["change"])].append(entry["alert_id"])
    return RoundChanges(round_id, {change: tuple(ids) for change, ids in grouped.items()})


def refresh_mutes(db: Db, now: datetime, policy: Policy) -> None:
    """Let silences and inhibiting alerts cover what they cover now."""

    def work(session: ClientSession) -> None:
        found = store.active_alerts(db, session, without=("evidence", "facts"))
        active = [alert_from(document) for document in found]
        covers = muted(active, map(silence_from, store.silences(db, session)), policy, now)
        moved = [a for a in active if a.muted != covers[a.id]]
        store.mute_alerts(db, {a.id: covers[a.id] for a in moved}, now, session)
        key = f"mute-{now.strftime('%Y%m%dT%H%M%S%f')}"
        changes = ((a, Change.MUTED if covers[a.id] else Change.UNMUTED) for a in moved)
        store.record(db, [entry(key, a, change, now, note=covers[a.id]) for a, change in changes], session)

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
            seen = [evidence_document(one) for one in finding.evidence]
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


def _ended(alert: Alert) -> Finding:
    """What is said of an alert whose subject no rule speaks of: removed from the registry, or too old to be judged."""
    return Finding(
        rule=alert.rule,
        subject=alert.subject,
        department=alert.department,
        verdict=Verdict.NOT_APPLICABLE,
        reason="对象已不在台账或已过研判期",
    )


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
