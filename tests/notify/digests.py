"""Digests with everything in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from gzcrawl.items import SHANGHAI
from gzcrawl.registry import Department
from scheduler.alerts.life import Alert, AlertState, Change, step
from scheduler.findings import Evidence, Finding, Severity, Verdict
from scheduler.notify import texts
from scheduler.notify.digest import Blind, Digest, Entry
from scheduler.rules import METAS

NOW = datetime(2025, 10, 13, 9, 0, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


def alert(verdict: Verdict = Verdict.VIOLATION, **changes: Any) -> Alert:
    """Everything that others wrote is in Latin letters here: a Chinese character in an English mail is ours."""
    evidence = (Evidence(kind="post", ref="r", at=NOW, url="https://weibo.com/1", quote="QUOTE"),)
    found = Finding(
        rule="dormant", subject="a", department="wjw", verdict=verdict, severity=Severity.HIGH, reason="REASON",
        since=NOW - 17 * DAY, deadline=NOW - 2 * DAY, evidence=evidence,
    )  # fmt: skip
    made, _changes = step(None, found, NOW)
    assert made is not None
    return replace(made, **changes)


def entry(change: Change | None = None, **changes: Any) -> Entry:
    return Entry(
        alert(**changes),
        Department(id="wjw", name="NAME", responsible="PERSON", contact="1"),
        METAS["dormant"],
        change,
        family="账号更新",
    )


def whole() -> Digest:
    """A digest with everything a digest can have."""
    return Digest(
        round_id="r1",
        at=NOW,
        new=tuple(entry(Change(name)) for name in texts.CHANGES) + (entry(),) * 60,
        standing=(entry(unobserved_since=NOW, unobserved_reason="REASON"), entry(state=AlertState.ACKNOWLEDGED)),
        reminders=(entry(verdict=Verdict.WARNING),),
        waived=(entry(state=AlertState.WAIVED, by="PERSON", note="NOTE", waived_until=NOW),),
        settling=(entry(quiet_since=NOW),) * 31,
        muted=(entry(muted="x"),),
        resolved=(entry(state=AlertState.RESOLVED, resolved_reason="REASON"),),
        blind=tuple(
            Blind(Department(id=str(n // 2), name=f"N{n // 2}"), METAS["dormant"], "REASON") for n in range(80)
        ),
        outcomes={source: dict.fromkeys(texts.OUTCOMES, 1) for source in texts.SOURCES},
        problems=(("weibo", "PROBLEM"),),
        chart=(("10.12", 1), ("10.13", 2)),
        crawl_complete=False,
        chain=(3, "abc"),
        dead=(("PERSON", "SUBJECT", "ERROR"),),
    )
