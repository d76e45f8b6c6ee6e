"""How far the columns of a department's sites were read: what was published there counts as what its accounts publish."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import Enum

from gzcrawl.coverage import covered
from gzcrawl.items import Outcome
from gzcrawl.registry import State
from scheduler.rules.base import SiteSeen


class Sight(Enum):
    """How far a column was read between two instants."""

    WHOLE = "whole"
    PARTLY = "partly"  # at other times, not back to the first, or not newest first: something may have been there
    NEVER = "never"  # refused, down, or not legible


def sites(seen: Iterable[SiteSeen], start: datetime, end: datetime, sight: Sight) -> list[str]:
    """The sites with a column that was read so far, as they are named in a sentence."""
    return [f"网站“{one.site.name}”" for one in seen if sight in _columns(one, start, end)]


def _columns(seen: SiteSeen, start: datetime, end: datetime) -> Iterator[Sight]:
    if seen.site.state is State.CLOSED:
        return
    for url in dict.fromkeys((*seen.site.announcement_lists, *seen.site.lists)):
        polls = [poll for poll in seen.polls if poll.channel == f"govsite.list:{url}"]
        read = any(poll.outcome is Outcome.OK for poll in polls)
        yield Sight.WHOLE if covered(polls, start, end) else Sight.PARTLY if read else Sight.NEVER
