"""What rules say. A finding is what one rule says about one subject now, with its reason and evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"  # not yet a violation: a reminder to the department
    VIOLATION = "violation"
    UNKNOWN = "unknown"  # could not be observed: told to the operator, never to the department
    NOT_APPLICABLE = "not_applicable"


class Severity(IntEnum):
    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


@dataclass(slots=True, kw_only=True)
class Evidence:
    """One thing that was seen: a post, a poll, a profile, a picture. `quote` is what a person should read."""

    kind: str  # "post", "poll", "profile", "qr", "probe", "registry", "announcement", "page", "comment"
    ref: str  # `_id` in its collection
    at: datetime | None = None  # when it was seen (UTC)
    url: str | None = None
    quote: str = ""
    precision: str = "minute"  # of `at`, as in gzcrawl.items.Precision


@dataclass(slots=True, kw_only=True)
class Finding:
    rule: str
    subject: str  # registry id of what is judged, or "announcement_id@department_id"
    department: str
    verdict: Verdict
    reason: str  # one Chinese sentence
    severity: Severity = Severity.MEDIUM
    since: datetime | None = None  # when the state began (UTC)
    settled: bool = False  # a violation that is over: it stays in the record, and nothing is left to do
    deadline: datetime | None = None  # until when it can be put right, or could have been
    evidence: tuple[Evidence, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)  # numbers the sentence is made of
    provisional_calendar: bool = False  # the year's official schedule is not known yet

    @property
    def key(self) -> str:
        """Stable over rounds: the identity of the alert it may open."""
        return f"{self.rule}|{self.subject}"


class Blocked(StrEnum):
    """What a rule says when all it would look at is blocked (a captcha, a login, no answer), and was never seen before."""

    UNKNOWN = "says `unknown`"
    NOTHING = "says nothing: it judges only what was seen"
    AS_EVER = "judges as ever: it rests on the registry alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMeta:
    """A rule in words, for docs/rules.md and mails. English but for `title` and `example`, the sentence shown."""

    id: str
    title: str  # Chinese name shown in mail and reports
    title_en: str
    duty: str  # the duty in the notice
    observed: str  # by what it is observed
    unknown_when: str
    example: str
    blocked: Blocked = Blocked.UNKNOWN

    @staticmethod
    def of(rules: Mapping[str, RuleMeta], id: str) -> RuleMeta:
        """That of a rule by its id; a rule that is no more, known from an old alert, has its id for a name."""
        return rules.get(id) or RuleMeta(
            id=id, title=id, title_en=id, duty="", observed="", unknown_when="", example=""
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """All that the rules say about one department, and when time alone will change something of it (UTC; None: never)."""

    department: str
    findings: tuple[Finding, ...]
    recheck_at: datetime | None = None


MANY_CHECKS = "website"
"""The rule that says something of each check of a site; its subjects are CHECK@SITE."""


def for_people(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The same with one line for all that could not be tested of a site: each alone says nothing new."""
    found = list(findings)
    untested: dict[str, list[Finding]] = {}
    for one in found:
        untested.setdefault(_site_untested(one) or one.key, []).append(one)
    for first, *others in untested.values():
        more = f"；该网站另有{len(others)}项同样未能核查" if others else ""
        yield replace(first, reason=first.reason + more)


def _site_untested(one: Finding) -> str | None:
    return one.subject.partition("@")[2] if one.rule == MANY_CHECKS and one.verdict is Verdict.UNKNOWN else None
