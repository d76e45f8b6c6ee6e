"""From what was seen to findings and alerts: of all departments, or of those that can have changed since the last time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from importlib import resources
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pymongo.database import Database

from gzcrawl.qr.payload import Owners
from gzcrawl.registry import Account, Department, Registry, Site
from gzcrawl.store import alerts as store
from gzcrawl.store import evaluations, read
from gzcrawl.store.connect import connect
from gzcrawl.store.evaluations import EVERYTHING
from gzcrawl.store.posts import Wanted
from gzcrawl.store.registry import load_registry
from scheduler import events, originality, reposts, wording
from scheduler.alerts.apply import Standing, apply_round
from scheduler.alerts.documents import JudgedInWriting, finding_from, in_writing
from scheduler.alerts.policy import policy_of
from scheduler.calendar import Calendar
from scheduler.findings import Finding, Judged, Verdict
from scheduler.processes import spread, uncollected
from scheduler.profile import Profile
from scheduler.rules import Judge
from scheduler.rules.reposting import start_of
from scheduler.units import DEPARTMENTS_AT_ONCE, WINDOW, batches, targets_of, units
from scheduler.withdrawn import withdrawn
from scheduler.words import WordList

Db = Database[dict[str, Any]]

PROCESSES = 2
SHARED_FROM = 2000
"""Departments: for fewer, starting other processes takes longer than they save."""


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What is judged by, beside what was seen."""

    calendar: Calendar
    profile: Profile
    words: WordList | None = None

    @property
    def name(self) -> str:
        """Another one judges everything again."""
        days = sorted(self.calendar.overrides.items())
        said = repr((self.profile.values, days, self.words and self.words.version))
        return hashlib.sha256(f"{_code()}{said}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """How much was judged."""

    departments: int
    whole: bool  # everything, not only what can have changed


@uncollected()
def evaluate(
    db: Db, round_id: str, registry: Registry, now: datetime, basis: Basis, *, uri: str | None = None
) -> Evaluated:
    """Judge what can have changed since the last evaluation, store it and move the alerts. Killed, it is simply run again.

    `uri`: where other processes reach the same database, for a large city; None: this one judges alone.
    """
    moved = reposts.refresh(db, registry, now - WINDOW)
    if basis.words:
        wording.refresh(db, basis.words, now - WINDOW)
    originality.refresh(db, registry, read.announcements(db, now - WINDOW), moved, now)
    marks = evaluations.marked(db)
    policy, standing = policy_of(basis.profile, basis.calendar), Standing(db)
    whole = EVERYTHING in marks or not _still_holds(evaluations.last(db), basis, now)
    affected = _departments(marks, registry) | evaluations.due(db, now) | standing.restless(now, policy)
    chosen = [d for d in registry.departments if whole or d.id in affected]
    if uri and len(chosen) >= SHARED_FROM:
        judged = shared(uri, round_id, registry, chosen, now, basis)
    else:
        judged = alone(db, round_id, registry, chosen, now, basis)
    apply_round(db, round_id, judged, now, policy, standing=standing, whole=whole)
    evaluations.finish(db, basis.name, now)
    evaluations.unmark(db, marks)
    return Evaluated(len(chosen), whole)


def alone(
    db: Db, round_id: str, registry: Registry, departments: Sequence[Department], now: datetime, basis: Basis
) -> Iterator[JudgedInWriting]:
    """What every rule says about these departments, in writing."""
    return (in_writing(judged, round_id) for judged in judge_departments(db, registry, departments, now, basis))


def shared(
    uri: str, round_id: str, registry: Registry, departments: Sequence[Department], now: datetime, basis: Basis
) -> Iterator[JudgedInWriting]:
    """The same, by several processes."""
    plain = replace(basis, words=basis.words and replace(basis.words))  # without what it has prepared for searching
    work = partial(_share, uri=uri, round_id=round_id, registry=registry, now=now, basis=plain)
    dealt = [list(chain.from_iterable([*batches(departments)][n::PROCESSES])) for n in range(PROCESSES)]
    return chain.from_iterable(spread(work, dealt))


def _share(
    departments: Sequence[Department], *, uri: str, round_id: str, registry: Registry, now: datetime, basis: Basis
) -> Iterator[list[JudgedInWriting]]:
    with connect(uri) as db:
        judged = alone(db, round_id, registry, departments, now, basis)
        while batch := list(islice(judged, DEPARTMENTS_AT_ONCE)):
            yield batch


def judge_departments(
    db: Db,
    registry: Registry,
    departments: Sequence[Department],
    now: datetime,
    basis: Basis,
    *,
    known_by: datetime | None = None,
) -> Iterator[Judged]:
    """What every rule says about these departments at `now`. Writes nothing.

    `known_by`: announcements, decisions and events that persons or lists told us of later do not count; what was seen after
    `now` never does.
    """
    known = read.announcements(db, now - WINDOW, known_by)
    # Whether an announcement was reposted rests on its matches, and on what may hide a repost since the oldest one.
    oldest = min((start for a in known if (start := start_of(a))), default=None)
    steady = read.steady_rounds(db, now - WINDOW, now)
    decided, owners = read.decisions(db, known_by), Owners(registry.accounts)
    for batch in batches(departments):
        targets = targets_of(registry, batch)
        declared = events.seen(db, now - WINDOW, now, targets, known_by)
        matches = reposts.matches_of(db, targets, decided)
        keys = {key for by_post in matches.values() for key in by_post}
        seen = units(db, registry, batch, now, Wanted(oldest, keys) if known_by is None else None)
        judge = Judge(
            now=now,
            registry=registry,
            calendar=basis.calendar,
            profile=basis.profile,
            announcements=known,
            words=basis.words is not None,
            steady=steady,
            events=declared,
            matches=matches,
            gone=withdrawn(db, seen, matches),
            owners=owners,
        )
        yield from map(judge.judge, seen)


def judged_at(db: Db, at: datetime, basis: Basis, department: str | None = None) -> Iterator[Judged]:
    """What the rules say of a past instant, with the registry, texts, decisions and events of that time. Writes nothing."""
    registry = load_registry(db, at)
    chosen = [d for d in registry.departments if department in (None, d.id)]
    return judge_departments(db, registry, chosen, at, basis, known_by=at)


def findings(db: Db, *verdicts: Verdict) -> list[Finding]:
    """What the rules say now with one of these verdicts."""
    return [finding_from(document) for document in store.findings(db, verdicts)]


@cache
def _code() -> str:
    """Names the code: all of both packages, for what a finding says may come from anywhere in them."""
    digest = hashlib.sha256()
    for package in ("gzcrawl", "scheduler"):
        root = resources.files(package)
        assert isinstance(root, Path)
        for file in sorted(root.rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _still_holds(last: tuple[str, datetime] | None, basis: Basis, now: datetime) -> bool:
    """Whether the last evaluation was finished, on the same basis, and not in the future: a clock may be set back."""
    return last is not None and last[0] == basis.name and last[1] <= now


def _departments(marks: Mapping[str, int], registry: Registry) -> set[str]:
    """The departments of what was marked; what has left the registry meanwhile has marked everything too."""
    found = (registry.by_id.get(id) for id in marks)
    return {thing.department if isinstance(thing, Account | Site) else thing.id for thing in found if thing}
