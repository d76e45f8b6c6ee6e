"""What is told at once: changes that wait in `notices`, one mail for each recipient, department and family of rules."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from pymongo.client_session import ClientSession

from gzcrawl.registry import Registry
from gzcrawl.store import alerts as store
from gzcrawl.store.alerts import Db
from scheduler.alerts.documents import alert_from
from scheduler.alerts.life import Alert, Change
from scheduler.alerts.policy import Policy
from scheduler.findings import RuleMeta
from scheduler.notify import outbox, render
from scheduler.notify.channels import Note
from scheduler.notify.digest import Digest, Entry, Notice, department_of
from scheduler.notify.recipients import Recipient

KEPT = timedelta(days=30)
"""How long a notice waits: for a recipient's hours, for the end of a silence, to be seen again."""


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts of one department and family, each with its newest change, and the notices that they settle."""

    department: str
    family: str
    alerts: tuple[tuple[Alert, Change], ...]
    notices: tuple[str, ...]


def announce(
    db: Db,
    recipients: Sequence[Recipient],
    *,
    registry: Registry,
    rules: Mapping[str, RuleMeta],
    policy: Policy,
    sender: str,
    now: datetime,
) -> int:
    """Put what is due into the outbox; how many messages. Message and "has been told" are one transaction."""
    store.forget_notices(db, now - KEPT)
    notices = store.notices(db, now - KEPT)
    alerts = {id: alert_from(a) for id, a in store.alerts_by_id(db, {n["alert_id"] for n in notices}).items()}
    made = 0
    for recipient in recipients:
        for group in groups(notices, alerts, recipient, policy) if recipient.awake(now) else ():
            key = f"notice|{hashlib.sha256('|'.join(group.notices).encode()).hexdigest()[:16]}"
            digest = _digest(group, registry, rules, key, now)
            message = render.for_recipient(digest, recipient, sender=sender, key=key)
            made += _tell(db, recipient, group, key, message, now)
    return made


def _tell(db: Db, recipient: Recipient, group: Group, key: str, message: EmailMessage | Note, now: datetime) -> bool:
    def work(session: ClientSession) -> bool:
        store.noted(db, group.notices, recipient.name, session)
        told = [alert.id for alert, _change in group.alerts]
        return outbox.enqueue(
            db, key, recipient.name, message, now, address=recipient.mail, alerts=told, session=session
        )

    return store.transaction(db, work)


def groups(
    notices: Sequence[Mapping[str, Any]], alerts: Mapping[str, Alert], recipient: Recipient, policy: Policy
) -> list[Group]:
    """What this recipient is to be told now. What is muted, excused, settling or out of sight waits."""
    found: dict[tuple[str, str], dict[str, tuple[Alert, Change, list[str]]]] = defaultdict(dict)
    for notice in notices:
        alert = alerts.get(notice["alert_id"])
        if recipient.name in notice["told_to"] or alert is None:
            continue
        change = Change(notice["change"])
        if not alert.stands or alert.muted or alert.unobserved_since:
            continue
        if recipient.wants(alert, escalated=change is Change.ESCALATED):
            family = policy.rule(alert.rule).family
            before = found[alert.department, family].get(alert.id)
            ids = before[2] if before else []
            found[alert.department, family][alert.id] = (alert, change, [*ids, notice["_id"]])
    return [
        Group(
            department,
            family,
            tuple((alert, change) for alert, change, _ids in of_it.values()),
            tuple(sorted(id for _alert, _change, ids in of_it.values() for id in ids)),
        )
        for (department, family), of_it in sorted(found.items())
    ]


def _digest(group: Group, registry: Registry, rules: Mapping[str, RuleMeta], key: str, now: datetime) -> Digest:
    department = department_of(registry, group.department)
    entries = [
        Entry(alert, department, RuleMeta.of(rules, alert.rule), change, family=group.family)
        for alert, change in sorted(group.alerts, key=lambda one: -one[0].severity)
    ]
    name = department.name if department else group.department
    late = all(change is Change.ESCALATED for _alert, change in group.alerts)
    return Digest(
        round_id=key,
        at=now,
        new=tuple(entries),
        operator=False,
        notice=Notice(name, group.family, late),
    )
