"""For which time have we actually looked: the spans in which a post, had there been one, would have been seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from gzcrawl.items import Poll

Span = tuple[datetime, datetime]


def spans(polls: Iterable[Poll]) -> list[Span]:
    """The union of the spans of complete polls, in order, disjoint (UTC). Incomplete ones prove no absence."""
    found = sorted(
        (poll.covers_from, poll.covers_to)
        for poll in polls
        if poll.complete and poll.outcome.observed and poll.covers_from and poll.covers_to
    )
    union: list[Span] = []
    for start, end in found:
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        else:
            union.append((start, end))
    return union


def uncovered(polls: Iterable[Poll], start: datetime, end: datetime) -> timedelta:
    """How much of [start, end] was not looked at."""
    seen = sum((min(b, end) - max(a, start) for a, b in spans(polls) if a < end and b > start), timedelta())
    return end - start - seen


def covered_until(polls: Iterable[Poll], start: datetime) -> datetime | None:
    """The instant up to which nothing published after `start` can have been missed; None when `start` is in no span."""
    return next((end for begin, end in spans(polls) if begin <= start <= end), None)


def covered(polls: Iterable[Poll], start: datetime, end: datetime) -> bool:
    """Whether a post published anywhere in [start, end] would have been seen."""
    until = covered_until(polls, start)
    return until is not None and until >= end
