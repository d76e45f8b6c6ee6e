"""All rules, in the order in which reports show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from gzcrawl.items import Announcement
from gzcrawl.registry import Registry
from scheduler.calendar import Calendar
from scheduler.findings import Finding
from scheduler.profile import Profile
from scheduler.rules import dormant, qr_code, repost_lag
from scheduler.rules.base import Context, Rule, Unit

RULES: tuple[Rule, ...] = (dormant.RULE, repost_lag.RULE, qr_code.RULE)

TITLES = {rule.meta.id: rule.meta.title for rule in RULES}


def judge(
    unit: Unit,
    *,
    now: datetime,
    registry: Registry,
    calendar: Calendar,
    profile: Profile,
    announcements: Sequence[Announcement] = (),
    decisions: Mapping[tuple[str, str], bool] | None = None,
) -> list[Finding]:
    """What every rule says about one unit at `now`. Pure: the same arguments give the same findings."""
    found: list[Finding] = []
    for rule in RULES:
        context = Context(
            now=now,
            registry=registry,
            calendar=calendar,
            settings=profile.rule(rule.meta.id),
            announcements=tuple(announcements),
            decisions=dict(decisions or {}),
        )
        found += rule.evaluate(unit, context)
    return found
