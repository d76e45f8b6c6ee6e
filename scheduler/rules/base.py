"""What a rule is: a module with `META` and a pure `evaluate(unit, context)`.

A rule judges one unit (a department with its accounts, sites and what was seen of them) at one instant.
It does no I/O, reads no clock, and says `unknown` for whatever the polls do not cover.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gzcrawl.items import (
    Announcement,
    CommentCheck,
    Event,
    LinkCheck,
    Poll,
    Post,
    Profile,
    QrSighting,
    SiteProbe,
    Tally,
)
from gzcrawl.qr.payload import Owners
from gzcrawl.registry import Account, Department, Registry, Site, State
from scheduler.calendar import Calendar
from scheduler.findings import Evidence, Finding, RuleMeta, Severity, Verdict
from scheduler.matching import Match
from scheduler.profile import RuleProfile
from scheduler.rules.now import Now

NUMBERS = (int, float)

Matches = Mapping[str, Mapping[str, Match]]
"""Announcement id -> post key -> how it matches. What is not there is no repost; a person's answers are in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSeen:
    account: Account
    posts: tuple[Post, ...] = ()  # newest first; the newest one is always among them, however old
    polls: tuple[Poll, ...] = ()  # newest first
    profiles: tuple[tuple[datetime, Profile], ...] = ()  # (first seen at, profile), newest first
    links: tuple[LinkCheck, ...] = ()
    comments: tuple[CommentCheck, ...] = ()
    tally: Tally | None = None  # of the running quarter


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSeen:
    site: Site
    posts: tuple[Post, ...] = ()
    polls: tuple[Poll, ...] = ()
    sightings: tuple[QrSighting, ...] = ()  # of the last successful round for each page
    probes: tuple[SiteProbe, ...] = ()
    links: tuple[LinkCheck, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    department: Department
    accounts: tuple[AccountSeen, ...] = ()
    sites: tuple[SiteSeen, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        """Ids of its accounts and sites."""
        return (*(seen.account.id for seen in self.accounts), *(seen.site.id for seen in self.sites))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSeen:
    """`posts`: by account or site id, those of the event's time that contain a keyword or are not known whole."""

    event: Event
    posts: Mapping[str, Sequence[Post]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    now: Now
    registry: Registry
    calendar: Calendar
    settings: RuleProfile  # this rule's part of the profile: thresholds, severity, texts
    announcements: tuple[Announcement, ...] = ()
    events: tuple[EventSeen, ...] = ()
    matches: Matches = field(default_factory=dict)  # of the unit's posts, among others
    words: bool = False  # whether the operator has a word list; posts carry its hits
    gone: Mapping[str, datetime] = field(default_factory=dict)  # post key -> since when it is proven not to be shown
    owners: Owners = field(default_factory=Owners)  # of codes, by the registry
    steady: frozenset[str] = frozenset()  # rounds in which most sites answered: one that did not is itself at fault

    def paused(self, account: Account) -> bool:
        """Whether a declared pause of the account covers today."""
        return account.state is State.PAUSED if account.paused_from is None else account.paused_on(self.now.today)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    meta: RuleMeta
    evaluate: Callable[[Unit, Context], Iterable[Finding]]


def finding(
    meta: RuleMeta,
    unit: Unit,
    ctx: Context,
    subject: str,
    verdict: Verdict,
    reason: str,
    facts: Mapping[str, Any],
    *,
    evidence: Iterable[Evidence] = (),
    since: datetime | None = None,
    deadline: datetime | None = None,
    severity: Severity | None = None,
    provisional: bool = False,
) -> Finding:
    """What `meta`'s rule says of `subject`: the sentence `texts.REASON` with `facts` in it.

    A violation has the rule's severity unless told otherwise; everything else is low.
    """
    graded = ctx.settings.severity if severity is None else severity
    return Finding(
        rule=meta.id,
        subject=subject,
        department=unit.department.id,
        verdict=verdict,
        reason=ctx.settings.text(reason, **facts),
        severity=graded if verdict is Verdict.VIOLATION else min(graded, Severity.LOW),
        since=since,
        deadline=deadline,
        evidence=tuple(evidence),
        facts={"status": reason} | {name: value for name, value in facts.items() if isinstance(value, NUMBERS)},
        provisional_calendar=provisional,
    )
