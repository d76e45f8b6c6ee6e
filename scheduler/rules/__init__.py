"""All rules, in the order in which reports show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from gzcrawl.items import Announcement
from gzcrawl.qr.payload import Owners
from gzcrawl.registry import Registry
from scheduler.calendar import Calendar
from scheduler.findings import Judged
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
from scheduler.rules.now import Now

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

METAS = {rule.meta.id: rule.meta for rule in RULES}
TITLES = {id: meta.title for id, meta in METAS.items()}


class Judge:
    """All rules at one instant, with all that is the same for many units made once."""

    def __init__(
        self,
        *,
        now: datetime,
        registry: Registry,
        calendar: Calendar,
        profile: Profile,
        announcements: Sequence[Announcement] = (),
        words: bool = False,
        steady: Collection[str] = (),
        events: Sequence[EventSeen] = (),
        matches: Matches | None = None,
        gone: Mapping[str, datetime] | None = None,
        owners: Owners | None = None,
    ) -> None:
        """`events`, `matches`, `gone`: of the units to be judged, and perhaps of others."""
        self._now = Now(now)
        self._contexts = [
            (
                rule,
                Context(
                    now=self._now,
                    registry=registry,
                    calendar=calendar,
                    settings=profile.rule(rule.meta.id),
                    announcements=tuple(announcements),
                    events=tuple(events),
                    matches=matches or {},
                    words=words,
                    gone=gone or {},
                    owners=owners or Owners(registry.accounts),
                    steady=frozenset(steady),
                ),
            )
            for rule in RULES
        ]

    def judge(self, unit: Unit) -> Judged:
        """What every rule says about a unit. Pure: the same unit gives the same findings."""
        self._now.changes_at = None
        found = [finding for rule, context in self._contexts for finding in rule.evaluate(unit, context)]
        return Judged(unit.department.id, tuple(found), self._now.changes_at)
