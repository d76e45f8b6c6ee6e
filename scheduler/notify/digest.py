"""What the digest says: this round's changes and what still stands, in the order a clerk reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from gzcrawl.items import SHANGHAI
from gzcrawl.registry import Department, Registry
from gzcrawl.store import alerts as store
from gzcrawl.store import health
from scheduler.alerts.documents import alert_from, finding_from
from scheduler.alerts.life import Alert, AlertState, Change
from scheduler.findings import RuleMeta, Verdict, for_people
from scheduler.notify.pictures import Picture
from scheduler.notify.recipients import Scope

DAYS = 30
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert as a person reads it."""

    alert: Alert
    department: Department | None
    rule: RuleMeta
    change: Change | None  # in this round
    pictures: tuple[Picture, ...] = ()  # what a person should see
    family: str = ""  # of the rule

    @property
    def name(self) -> str:
        """Of the department."""
        return self.department.name if self.department else self.alert.department


@dataclass(frozen=True, slots=True)
class Blind:
    """What could not be observed: for the operator, never for a department."""

    department: Department | None
    rule: RuleMeta
    reason: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What makes a digest one that is told at once."""

    department: str  # its name
    family: str
    late: bool  # nobody acknowledged it in time


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    round_id: str
    at: datetime
    new: tuple[Entry, ...] = ()  # violations opened, reopened or raised in this round
    standing: tuple[Entry, ...] = ()  # violations from earlier rounds
    reminders: tuple[Entry, ...] = ()  # warnings: not yet violations
    waived: tuple[Entry, ...] = ()
    settling: tuple[Entry, ...] = ()  # came and went too often: seen in order, not yet believed
    muted: tuple[Entry, ...] = ()  # under a silence or explained by another alert
    resolved: tuple[Entry, ...] = ()
    blind: tuple[Blind, ...] = ()
    checked: int = 0  # findings that could be observed
    outcomes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # source -> outcome -> polls
    last_seen: Mapping[str, datetime | None] = field(default_factory=dict)  # source -> when it last showed anything
    problems: tuple[tuple[str, str], ...] = ()  # (spider, what its last crawl had wrong), for the administrator
    chart: tuple[tuple[str, int], ...] = ()  # (day, open violations at its end) over 30 days
    pictures: tuple[Picture, ...] = ()  # at the end: how announcements were passed on
    crawl_complete: bool = True
    chain: tuple[int, str] | None = None  # number and hash of the audit trail's last entry
    dead: tuple[tuple[str, str, str], ...] = ()  # (recipient, subject, error) of what could not be delivered
    operator: bool = True  # whether the reader runs the system: sees what could not be seen
    notice: Notice | None = None

    @property
    def alert_ids(self) -> tuple[str, ...]:
        """The alerts it tells somebody of."""
        return tuple(entry.alert.id for entry in (*self.new, *self.standing, *self.reminders))

    @property
    def empty(self) -> bool:
        """Nothing that a department would read it for."""
        return not (self.alert_ids or self.resolved or self.settling)


def build_digest(
    db: Database[dict[str, Any]],
    *,
    round_id: str,
    at: datetime,
    registry: Registry,
    rules: Mapping[str, RuleMeta],
    outcomes: Mapping[str, Mapping[str, int]],
    crawl_complete: bool = True,
    since: datetime | None = None,
    scope: Scope = Scope(),  # noqa: B008 -- frozen
    pictures_of: Callable[[Alert], Sequence[Picture]] = lambda _alert: (),
    pictures: tuple[Picture, ...] = (),
    family_of: Callable[[str], str] = lambda _rule: "",
) -> Digest:
    """What changed after `since` (else within a day) and what stands, of the alerts in `scope`.

    Made from the audit trail, so that running the round again makes the same one. `pictures_of` gives what is shown
    with an alert, `family_of` the family of a rule.
    """
    head = store.audit_head(db)
    counts = store.finding_counts(db)
    changes = [
        (Change(entry["change"]), entry["alert_id"]) for entry in store.changes_between(db, since or at - DAY, at)
    ]
    fresh = {id: change for change, id in changes if change in (Change.OPENED, Change.REOPENED, Change.RAISED)}
    ended = {id for change, id in changes if change is Change.RESOLVED}

    def entries(documents: Iterable[dict[str, Any]]) -> list[Entry]:
        alerts = [a for a in map(alert_from, documents) if scope.covers(a.department, a.rule)]
        return [
            Entry(
                alert=alert,
                department=department_of(registry, alert.department),
                rule=RuleMeta.of(rules, alert.rule),
                change=fresh.get(alert.id),
                pictures=tuple(pictures_of(alert)),
                family=family_of(alert.rule),
            )
            for alert in alerts
        ]

    active = entries(store.active_alerts(db))
    told = [e for e in active if e.alert.stands and not e.alert.muted]
    violations = [e for e in told if e.alert.verdict is Verdict.VIOLATION]
    return Digest(
        round_id=round_id,
        at=at,
        new=tuple(e for e in violations if e.change),
        standing=tuple(e for e in violations if not e.change),
        reminders=tuple(e for e in told if e.alert.verdict is Verdict.WARNING),
        waived=tuple(e for e in active if e.alert.state is AlertState.WAIVED),
        settling=tuple(e for e in active if e.alert.quiet_since and e.alert.state is not AlertState.WAIVED),
        muted=tuple(e for e in active if e.alert.muted and e.alert.stands) if scope.operator else (),
        resolved=tuple(entries(store.find_alerts(db, {"_id": {"$in": sorted(ended)}, "state": "resolved"}))),
        blind=tuple(_blind(db, registry, rules)) if scope.operator else (),
        checked=sum(
            count
            for (department, rule, verdict), count in counts.items()
            if verdict in (Verdict.OK, Verdict.WARNING, Verdict.VIOLATION) and scope.covers(department, rule)
        ),
        outcomes=outcomes if scope.operator else {},
        last_seen={source.name: source.last_seen for source in health.sources(db, at)} if scope.operator else {},
        problems=tuple(
            (name, problem)
            for name, told in sorted(health.figures_of(db, round_id).items())
            for problem in told["problems"]
            if scope.operator
        ),
        chart=tuple(_chart(db, at, scope)),
        pictures=pictures,
        crawl_complete=crawl_complete,
        chain=(head["seq"], head["hash"]),
        dead=tuple((d["recipient"], d["subject"], d.get("last_error", "")) for d in store.outbox(db, ("dead",)))
        if scope.operator
        else (),
        operator=scope.operator,
    )


def _blind(db: Database[dict[str, Any]], registry: Registry, rules: Mapping[str, RuleMeta]) -> Iterable[Blind]:
    for finding in for_people(map(finding_from, store.findings(db, [Verdict.UNKNOWN]))):
        rule = RuleMeta.of(rules, finding.rule)
        yield Blind(department_of(registry, finding.department), rule, finding.reason)


def department_of(registry: Registry, id: str) -> Department | None:
    found = registry.by_id.get(id)
    return found if isinstance(found, Department) else None


def _chart(db: Database[dict[str, Any]], at: datetime, scope: Scope) -> Iterable[tuple[str, int]]:
    """Open violations at the end of each of the last 30 days, from when alerts were opened and resolved."""
    found = store.find_alerts(db, {"verdict": "violation"})
    alerts = [a for a in found if scope.covers(a["department"], a["rule"])]
    end = at.astimezone(SHANGHAI).replace(hour=23, minute=59, second=59, microsecond=0)
    for back in range(DAYS - 1, -1, -1):
        day = end - timedelta(days=back)
        moment = min(day, at.astimezone(SHANGHAI))
        count = sum(a["opened_at"] <= moment and not (a["resolved_at"] and a["resolved_at"] <= moment) for a in alerts)
        yield f"{day:%-m.%-d}", count
