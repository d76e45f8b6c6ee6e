"""Declared events with the posts that may speak of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo.database import Database

from gzcrawl.items import Event, Post
from gzcrawl.store import events as store
from scheduler.rules.base import EventSeen


def seen(
    db: Database[dict[str, Any]],
    since: datetime,
    now: datetime,
    targets: Sequence[str],
    declared_by: datetime | None = None,
) -> tuple[EventSeen, ...]:
    """Every event that ended since then, with what these accounts and sites said by `now`."""
    return tuple(_seen(db, event, now, targets) for event in store.events(db, since, declared_by))


def _seen(db: Database[dict[str, Any]], event: Event, now: datetime, targets: Sequence[str]) -> EventSeen:
    posts: dict[str, list[Post]] = defaultdict(list)
    for post in store.posts_about(db, event, now, targets):
        posts[post.account_id or ""].append(post)
    return EventSeen(event=event, posts=posts)
