"""The instant at which a rule judges, as questions: what was asked tells when time alone can change what is said.

A rule compares nothing with the time itself. Until the earliest instant at which an answer would be another, the same
observations give the same findings, sentence by sentence, so that nobody has to remember to say when to look again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gzcrawl.items import SHANGHAI

TICK = timedelta(milliseconds=1)
"""The step of gzcrawl.clock: later than an instant is at least this much later."""

DAY = timedelta(days=1)

Span = tuple[datetime, datetime]


@dataclass(slots=True)
class Now:
    """`changes_at`: the earliest instant (UTC) at which one of the answers given so far will be another; None: never."""

    at: datetime
    changes_at: datetime | None = None

    def reached(self, instant: datetime) -> bool:
        """Whether it is that instant or later."""
        if instant <= self.at:
            return True
        if self.changes_at is None or instant < self.changes_at:
            self.changes_at = instant
        return False

    def passed(self, instant: datetime) -> bool:
        """Whether it is later than that instant."""
        return self.reached(instant + TICK)

    def within(self, age: timedelta, instant: datetime) -> bool:
        """Whether that instant is at most so long ago."""
        return not self.passed(instant + age)

    def days_since(self, instant: datetime) -> int:
        """Full days of 24 hours since then."""
        days = (self.at - instant).days
        self.reached(instant + (days + 1) * DAY)
        return days

    def days_until(self, instant: datetime) -> int:
        """Full days of 24 hours until then."""
        days = (instant - self.at).days
        self.passed(instant - days * DAY)
        return days

    def period(self, of: Callable[[datetime], Span]) -> Span:
        """The period it is in: `of` gives its beginning and end, e.g. gzcrawl.items.quarter."""
        start, end = of(self.at)
        self.reached(end)
        return start, end

    def ended(self, day: date) -> bool:
        """Whether that day is over in Asia/Shanghai."""
        return self.reached(datetime.combine(day + DAY, time(), SHANGHAI))

    @property
    def today(self) -> date:
        """The day in Asia/Shanghai."""
        today = self.at.astimezone(SHANGHAI).date()
        self.ended(today)
        return today

    @property
    def exactly(self) -> datetime:
        """The instant itself, for what no question above asks: judged again at every evaluation."""
        self.changes_at = self.at
        return self.at
