"""All rules, in the order in which reports show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from gzcrawl.items import Announcement
from gzcrawl.registry import Registry
from scheduler.calendar import Calendar
from scheduler.findings import Finding
from scheduler.profile import Profile
from scheduler.rules import (
    closure,
    dormant,
    event_silence,
    filing,
    interaction,
    links,
    naming,
    originality,
    privacy,
    qr_code,
    repost_lag,
    security_duty,
    site_down,
    source_label,
    uniqueness,
    verification,
    website,
    wording,
)
from scheduler.rules.base import Context, EventSeen, Matches, Rule, Unit

RULES: tuple[Rule, ...] = (
    dormant.RULE,
    repost_lag.RULE,
    source_label.RULE,
    event_silence.RULE,
    privacy.RULE,
    wording.RULE,
    uniqueness.RULE,
    naming.RULE,
    verification.RULE,
    filing.RULE,
    closure.RULE,
    security_duty.RULE,
    site_down.RULE,
    qr_code.RULE,
    links.RULE,
    interaction.RULE,
    originality.RULE,
    website.RULE,
)

TITLES = {rule.meta.id: rule.meta.title for rule in RULES}


def judge(
    unit: Unit,
    *,
    now: datetime,
    registry: Registry,
    calendar: Calendar,
    profile: Profile,
    announcements: Sequence[Announcement] = (),
    events: Sequence[EventSeen] = (),
    matches: Matches | None = None,
    words: bool = False,
    gone: Mapping[str, datetime] | None = None,
    steady: Collection[str] = (),
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
            events=tuple(events),
            matches=matches or {},
            words=words,
            gone=gone or {},
            steady=frozenset(steady),
        )
        found += rule.evaluate(unit, context)
    return found
