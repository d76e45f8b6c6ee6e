"""Declared events with the posts that may speak of them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from pymongo.database import Database

from gzcrawl.items import Event, Post
from gzcrawl.store import events as store
from scheduler.rules.base import EventSeen


def seen(db: Database[dict[str, Any]], since: datetime, now: datetime) -> tuple[EventSeen, ...]:
    """Every event that began by `now` and ended since then, as it is known at `now`."""
    return tuple(_seen(db, event, now) for event in store.events(db, since) if event.starts_at <= now)


def _seen(db: Database[dict[str, Any]], event: Event, now: datetime) -> EventSeen:
    posts: dict[str, list[Post]] = defaultdict(list)
    for post in store.posts_about(db, event, now):
        posts[post.account_id or ""].append(post)
    return EventSeen(event=event, posts=posts)
