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
from scheduler.alerts.apply import changes_of
from scheduler.alerts.documents import alert_from
from scheduler.alerts.life import Alert, AlertState, Change
from scheduler.findings import Finding, Verdict
from scheduler.notify.pictures import Picture

DAYS = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert as a person reads it."""

    alert: Alert
    department: Department | None
    title: str  # of the rule
    change: Change | None  # in this round
    pictures: tuple[Picture, ...] = ()  # what a person should see


@dataclass(frozen=True, slots=True)
class Blind:
    """What could not be observed: for the operator, never for a department."""

    department: Department | None
    title: str
    reason: str


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
    crawl_complete: bool = True
    chain: tuple[int, str] | None = None  # number and hash of the audit trail's last entry

    @property
    def subject(self) -> str:
        """The number and the worst, so that the list of mails already tells."""
        day = f"{self.at.astimezone(SHANGHAI):%-m月%-d日}"
        open_now = len(self.new) + len(self.standing)
        if not open_now:
            extra = f"，{len(self.reminders)} 条提醒" if self.reminders else ""
            return f"【政务新媒体巡查】{day}：没有未整改的问题{extra}"
        worst = (self.new or self.standing)[0]
        name = worst.department.name if worst.department else worst.alert.department
        new = f"新增 {len(self.new)} 项，" if self.new else ""
        return f"【政务新媒体巡查】{day}：{new}未整改 {open_now} 项，最重：{name}（{worst.title}）"


def build_digest(
    db: Database[dict[str, Any]],
    *,
    round_id: str,
    at: datetime,
    registry: Registry,
    titles: Mapping[str, str],
    findings: Sequence[Finding],
    outcomes: Mapping[str, Mapping[str, int]],
    crawl_complete: bool = True,
    pictures_of: Callable[[Alert], Sequence[Picture]] = lambda _alert: (),
) -> Digest:
    """The digest of a round from the audit trail, so that running the round again makes the same one.

    `pictures_of` gives what is shown with an alert.
    """
    changes = changes_of(db, round_id)
    head = store.audit_head(db)
    fresh = {id: change for change in (Change.OPENED, Change.REOPENED, Change.RAISED) for id in changes[change]}
    entries = [_entry(alert_from(a), registry, titles, fresh, pictures_of) for a in store.active_alerts(db)]
    resolved = store.find_alerts(db, {"_id": {"$in": list(changes[Change.RESOLVED])}, "state": "resolved"})
    told = [e for e in entries if e.alert.stands and not e.alert.muted]
    violations = [e for e in told if e.alert.verdict is Verdict.VIOLATION]
    unseen = [f for f in findings if f.verdict is Verdict.UNKNOWN]
    return Digest(
        round_id=round_id,
        at=at,
        new=tuple(e for e in violations if e.change),
        standing=tuple(e for e in violations if not e.change),
        reminders=tuple(e for e in told if e.alert.verdict is Verdict.WARNING),
        waived=tuple(e for e in entries if e.alert.state is AlertState.WAIVED),
        settling=tuple(e for e in entries if e.alert.quiet_since and e.alert.state is not AlertState.WAIVED),
        muted=tuple(e for e in entries if e.alert.muted and e.alert.stands),
        resolved=tuple(_entry(alert_from(a), registry, titles, {}) for a in resolved),
        blind=tuple(
            Blind(
                _department(registry, f.department),
                titles.get(f.rule, f.rule),
                f.reason,
            )
            for f in unseen
        ),
        checked=sum(f.verdict in (Verdict.OK, Verdict.WARNING, Verdict.VIOLATION) for f in findings),
        outcomes=outcomes,
        last_seen={source.name: source.last_seen for source in health.sources(db, at)},
        problems=tuple(
            (name, problem)
            for name, told in sorted(health.figures_of(db, round_id).items())
            for problem in told["problems"]
        ),
        chart=tuple(_chart(db, at)),
        crawl_complete=crawl_complete,
        chain=(head["seq"], head["hash"]),
    )


def _entry(
    alert: Alert,
    registry: Registry,
    titles: Mapping[str, str],
    fresh: Mapping[str, Change],
    pictures_of: Callable[[Alert], Sequence[Picture]] = lambda _alert: (),
) -> Entry:
    department = _department(registry, alert.department)
    return Entry(alert, department, titles.get(alert.rule, alert.rule), fresh.get(alert.id), tuple(pictures_of(alert)))


def _department(registry: Registry, id: str) -> Department | None:
    found = registry.by_id.get(id)
    return found if isinstance(found, Department) else None


def _chart(db: Database[dict[str, Any]], at: datetime) -> Iterable[tuple[str, int]]:
    """Open violations at the end of each of the last 30 days, from when alerts were opened and resolved."""
    alerts = store.find_alerts(db, {"verdict": "violation"})
    end = at.astimezone(SHANGHAI).replace(hour=23, minute=59, second=59, microsecond=0)
    for back in range(DAYS - 1, -1, -1):
        day = end - timedelta(days=back)
        moment = min(day, at.astimezone(SHANGHAI))
        count = sum(a["opened_at"] <= moment and not (a["resolved_at"] and a["resolved_at"] <= moment) for a in alerts)
        yield f"{day:%-m.%-d}", count
