"""Reposts that are not shown any more, where that is proven: by two complete looks of two rounds after they were seen last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.database import Database

from gzcrawl.items import Outcome, Poll
from gzcrawl.store import reposts as store
from scheduler.rules.base import Matches, Unit

LOOKS = 2
"""One answer may come from an old cache."""

CHANNEL = "weibo.timeline"
"""The only source that lists every post of an account, newest first: what it skips is gone."""


def withdrawn(db: Database[dict[str, Any]], units: Sequence[Unit], matches: Matches) -> dict[str, datetime]:
    """Post key -> when the first complete look that missed it was, of the units' matched posts."""
    accounts = [seen for unit in units for seen in unit.accounts]
    polls = {seen.account.id: [p for p in seen.polls if p.channel == CHANNEL] for seen in accounts}
    keys = {key for by_post in matches.values() for key in by_post}
    seen = store.sightings(db, keys, CHANNEL) if keys and any(polls.values()) else []
    starts = store.starts(db, {p.round_id for s in seen for p in polls.get(s.post.account_id or "", ())})
    found = {one.post.key: missed_since(one, polls.get(one.post.account_id or "", ()), starts) for one in seen}
    return {key: at for key, at in found.items() if at is not None}


def missed_since(seen: store.Sighting, polls: Sequence[Poll], starts: Mapping[str, datetime]) -> datetime | None:
    """When it was missed first, if LOOKS rounds that began after its last sight looked over its time without seeing it."""
    if seen.post.interval is None:
        return None
    earliest = seen.post.interval[0]
    missed = sorted(
        poll.at
        for poll in polls
        if poll.complete
        and poll.outcome is Outcome.OK
        and poll.covers_from is not None
        and poll.covers_from < earliest
        and starts.get(poll.round_id, seen.last_seen_at) > seen.last_seen_at
    )
    return missed[0] if len(missed) >= LOOKS else None
