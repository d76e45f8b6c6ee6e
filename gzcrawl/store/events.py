"""Major public-opinion events declared by the operator, and the posts that speak of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from gzcrawl import clock
from gzcrawl.items import SHANGHAI, Event, Post, keyword_pattern
from gzcrawl.store import evaluations, names
from gzcrawl.store.documents import from_document, to_document

Db = Database[dict[str, Any]]


def save(db: Db, event: Event) -> None:
    """Upsert by id."""
    document = to_document(event)
    del document["id"]
    declared = {"$set": document, "$setOnInsert": {"declared_at": clock.now()}}
    db[names.EVENTS].update_one({"_id": event.id}, declared, upsert=True)
    evaluations.mark(db, [evaluations.EVERYTHING])


def remove(db: Db, event_id: str) -> bool:
    """Whether there was such an event."""
    found = db[names.EVENTS].delete_one({"_id": event_id}).deleted_count == 1
    evaluations.mark(db, [evaluations.EVERYTHING])
    return found


def events(db: Db, since: datetime | None = None, declared_by: datetime | None = None) -> list[Event]:
    """Events that ended since then (None: all) and were declared by then (None: whenever), the newest first."""
    query: dict[str, Any] = {"ends_at": {"$gte": since}} if since else {}
    if declared_by:
        query["declared_at"] = {"$not": {"$gt": declared_by}}
    found = db[names.EVENTS].find(query).sort([("starts_at", -1), ("_id", 1)])
    return [from_document(Event, {**document, "id": document["_id"]}) for document in found]


def posts_about(db: Db, event: Event, until: datetime, targets: Sequence[str]) -> list[Post]:
    """Posts of these accounts and sites and of the event's time, known at `until`, that contain a keyword or whose text is
    not known whole."""
    keyword = {"$regex": "|".join(map(keyword_pattern, event.keywords)), "$options": "i"}
    places = ("title", "text", "repost_of.title", "repost_of.text")
    hidden = {"repost_of": {"$ne": None}, "repost_of.text": {"$in": [None, ""]}, "repost_of.title": {"$in": [None, ""]}}
    # A time may stand for up to an hour before, a day's for all of that day, a month's for all of that month.
    start = event.starts_at.astimezone(SHANGHAI)
    month = start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    times = [{"$gte": start - timedelta(days=1), "$lt": event.ends_at + timedelta(hours=1)}, month]
    query = {
        "$or": [{"published_at": time} for time in times],
        "account_id": {"$in": list(targets)},
        "first_seen_at": {"$lte": until},
        "$and": [
            {
                "$or": [
                    *({place: keyword} for place in places),
                    {"long_text": True},
                    {"text": {"$regex": "\ufffd"}},
                    hidden,
                ]
            }
        ],
    }
    found = db[names.POSTS].find(query).sort([("published_at", 1), ("_id", 1)])
    return [from_document(Post, document) for document in found]
