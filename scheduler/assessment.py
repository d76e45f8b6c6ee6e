"""The assessment: what the findings of a period cost each department, point by point. Pure.

Findings are looked at once a day (at its end). A violation that stands over several days is one lapse: it costs its
severity's points once, a little more for each further day, times the rule's weight, up to the rule's limit. Days on
which the subject could not be observed cost nothing and do not end a lapse. All numbers stand in the profile's
`[assessment]`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby

from gzcrawl.items import SHANGHAI
from scheduler.alerts.policy import Policy
from scheduler.findings import Finding, Severity, Verdict
from scheduler.profile import Profile

DAY = timedelta(days=1)


class PeriodError(ValueError):
    """Not a period; the message says which forms there are."""


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar days [first, last] of Asia/Shanghai."""

    name: str
    first: date
    last: date

    def instants(self, now: datetime) -> Iterator[datetime]:
        """When the findings are looked at (UTC): the end of each day; of the running day, now."""
        day = self.first
        while day <= self.last and (start := datetime.combine(day, time(), SHANGHAI)) < now:
            yield min(start + DAY - timedelta(microseconds=1), now)
            day += DAY


def period(name: str) -> Period:
    """`2025`, `2025H1`, `2025Q3` or `2025-09`. `PeriodError` when it is none of these."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{2})|Q([1-4])|H([12]))?", name.strip().upper())
    try:
        if not found:
            raise ValueError
        year = int(found[1])
        month, quarter, half = (int(part) if part else 0 for part in found.groups()[1:])
        first, months = (
            (month, 1) if month else (quarter * 3 - 2, 3) if quarter else (half * 6 - 5, 6) if half else (1, 12)
        )
        end = first + months
        return Period(name, date(year, first, 1), date(year + (end > 12), end - 12 * (end > 12), 1) - DAY)
    except ValueError:
        raise PeriodError(f"{name!r} 不是考核期；可写 2025、2025H1、2025Q3 或 2025-09") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """One violation over the days it stood."""

    rule: str
    subject: str
    department: str
    first: date
    last: date  # the last day it was seen; of the last day seen: sentence and severity
    days: int  # on which it was seen
    unobserved: int  # days in between on which it could not be seen
    severity: Severity
    reason: str


@dataclass(frozen=True, slots=True)
class Deduction:
    lapse: Lapse
    points: float  # taken, after the rule's limit
    uncapped: float  # what it would cost without the limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    department: str
    points: float  # what is left of the full mark, not below 0
    rank: int = 0  # equal points, equal rank
    deductions: tuple[Deduction, ...] = ()  # by day
    observed: float = 1.0  # share of what was to be judged that could be observed
    notes: tuple[str, ...] = ()  # sentences of findings that only inform, at the end of the period


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a violation costs: the profile's `[assessment]`."""

    full: float
    once: Mapping[str, float]  # by severity
    per_day: Mapping[str, float]
    weights: Mapping[str, float]  # by rule
    at_most: Mapping[str, float]  # by rule: what all its violations together cost a department

    def cost(self, lapse: Lapse) -> float:
        grade = lapse.severity.name.lower()
        return self.weights[lapse.rule] * (self.once[grade] + self.per_day[grade] * (lapse.days - 1))


def tariff_of(profile: Profile) -> Tariff:
    values = profile.values["assessment"]
    return Tariff(values["full"], values["points"], values["per_day"], values["weights"], values["at_most"])


@dataclass
class Record:
    """What a department's findings were, day by day: filled in order of days, read as a `Score`."""

    department: str
    judged: int = 0
    unknown: int = 0
    lapses: list[Lapse] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    _open: dict[str, Lapse] = field(default_factory=dict)

    def add(self, at: datetime, findings: Iterable[Finding], policy: Policy) -> None:
        """The department's findings at the end of one day."""
        day, notes = at.astimezone(SHANGHAI).date(), []
        spoken = set()
        for finding in findings:
            spoken.add(finding.key)
            self.judged += finding.verdict is not Verdict.NOT_APPLICABLE
            self.unknown += finding.verdict is Verdict.UNKNOWN
            self._move(finding, day, at, policy)
            if finding.severity is Severity.INFO and finding.verdict is Verdict.OK:
                notes.append(finding.reason)
        for key in self._open.keys() - spoken:
            self.lapses.append(self._open.pop(key))
        self.notes = tuple(notes)

    def _move(self, finding: Finding, day: date, at: datetime, policy: Policy) -> None:
        lapse = self._open.get(finding.key)
        if finding.verdict is Verdict.VIOLATION:
            since = finding.since or (datetime.combine(lapse.first, time(), SHANGHAI) if lapse else at)
            # What was put right, late, stands in the record but grows no further.
            grade = finding.severity if finding.settled else policy.severity(finding, since, at)
            self._open[finding.key] = Lapse(
                rule=finding.rule,
                subject=finding.subject,
                department=self.department,
                first=lapse.first if lapse else day,
                last=day,
                days=lapse.days + (not finding.settled) if lapse else 1,
                unobserved=lapse.unobserved if lapse else 0,
                severity=max(grade, lapse.severity if lapse else Severity.INFO),
                reason=finding.reason,
            )
        elif lapse and finding.verdict is Verdict.UNKNOWN:
            self._open[finding.key] = replace(lapse, unobserved=lapse.unobserved + 1)
        elif lapse:
            self.lapses.append(self._open.pop(finding.key))

    def score(self, tariff: Tariff) -> Score:
        lapses = sorted(
            (*self.lapses, *self._open.values()), key=lambda lapse: (lapse.first, lapse.rule, lapse.subject)
        )
        left: dict[str, float] = dict(tariff.at_most)
        deductions = []
        for lapse in lapses:
            cost = tariff.cost(lapse)
            taken = round(min(cost, left[lapse.rule]), 2)
            left[lapse.rule] -= taken
            deductions.append(Deduction(lapse, taken, round(cost, 2)))
        return Score(
            department=self.department,
            points=round(max(tariff.full - sum(d.points for d in deductions), 0.0), 2),
            deductions=tuple(deductions),
            observed=1 - self.unknown / self.judged if self.judged else 0.0,
            notes=self.notes,
        )


def assess(
    days: Iterable[tuple[datetime, Sequence[Finding]]], departments: Sequence[str], tariff: Tariff, policy: Policy
) -> list[Score]:
    """The departments' scores, best first. `days`: in order, every finding at the end of each day of the period."""
    records = {id: Record(id) for id in departments}
    for at, findings in days:
        of_department: dict[str, list[Finding]] = defaultdict(list)
        for finding in findings:
            of_department[finding.department].append(finding)
        for id, record in records.items():
            record.add(at, of_department[id], policy)
    return ranked([record.score(tariff) for record in records.values()])


def ranked(scores: Iterable[Score]) -> list[Score]:
    """Best first; equal points share a rank, the next one is skipped."""
    ordered = sorted(scores, key=lambda score: (-score.points, score.department))
    found: list[Score] = []
    for _points, group in groupby(ordered, key=lambda score: score.points):
        rank = len(found) + 1
        found += [replace(score, rank=rank) for score in group]
    return found
