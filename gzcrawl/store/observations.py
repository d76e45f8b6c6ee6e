"""Writing what was seen: one idempotent upsert per item, keyed by what it is about.

Writing the same observation twice changes nothing; a killed crawl is simply run again.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pymongo import ReplaceOne, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from gzcrawl.items import Poll, Post, Precision, Profile, QrSighting, SiteProbe
from gzcrawl.store import names
from gzcrawl.store.documents import to_document

Observation = Post | Profile | Poll | QrSighting | SiteProbe
Operation = UpdateOne | ReplaceOne[dict[str, Any]]

RANK = {
    Precision.SECOND: 0,
    Precision.MINUTE: 1,
    Precision.HOUR: 2,
    Precision.DAY: 3,
    Precision.MONTH: 4,
    Precision.UNKNOWN: 5,
}


def operation(item: Observation, at: datetime) -> tuple[str, Operation]:
    """(collection, write) for one item seen at `at`."""
    match item:
        case Post():
            return names.POSTS, _post(item, at)
        case Profile():
            return names.PROFILES, _profile(item, at)
        case Poll():
            return names.POLLS, _replace(item.key, item)
        case QrSighting():
            return names.QR_SIGHTINGS, _replace(item.key, item)
        case SiteProbe():
            return names.SITE_PROBES, _replace(item.key, item)


async def write(db: AsyncDatabase[dict[str, Any]], items: Iterable[tuple[Observation, datetime]]) -> None:
    """One unordered bulk write per collection; polls last, so that a stored poll means its posts are stored."""
    batches: dict[str, list[Operation]] = defaultdict(list)
    for item, at in items:
        collection, write_one = operation(item, at)
        batches[collection].append(write_one)
    for collection in sorted(batches, key=lambda name: name == names.POLLS):
        await db[collection].bulk_write(batches[collection], ordered=False)


def _replace(key: str, item: Poll | QrSighting | SiteProbe) -> Operation:
    return ReplaceOne({"_id": key}, to_document(item), upsert=True)


def _post(post: Post, at: datetime) -> UpdateOne:
    """Upsert with history.

    The time is kept at its best precision, the text at its fullest; a text that the same source shows changed is an
    edit, and the old one goes to `edits`. Everything is decided by the server in one atomic update.
    """
    new = to_document(post)
    rank, text, source = RANK[post.precision], post.text, post.source
    for name in ("published_at", "precision", "text", "title", "source", "long_text", "column"):
        del new[name]
    better_time = {"$lt": [rank, {"$ifNull": ["$precision_rank", 9]}]}
    same_source = {"$eq": ["$text_source", source]}
    longer = {"$gt": [len(text), {"$strLenCP": {"$ifNull": ["$text", ""]}}]}
    # A list shows only the beginning of a long text: it never replaces the whole.
    new_text = {"$or": [same_source, longer]} if text else False
    changed = {"$and": [same_source, {"$ne": ["$text", _literal(text)]}]}
    edit = {"text": "$text", "title": "$title", "until": at}
    first = {
        "first_seen_at": {"$ifNull": ["$first_seen_at", at]},
        "last_seen_at": {"$max": ["$last_seen_at", at]},
        "sources": {"$setUnion": [{"$ifNull": ["$sources", []]}, [source]]},
        "columns": {"$setUnion": [{"$ifNull": ["$columns", []]}, [_literal(post.column)] if post.column else []]},
        "edits": {
            "$concatArrays": [
                {"$ifNull": ["$edits", []]},
                {"$cond": [changed, [edit], []]},
            ]
        },
        "published_at": {"$cond": [better_time, post.published_at, "$published_at"]},
        "precision": {"$cond": [better_time, str(post.precision), "$precision"]},
        "precision_rank": {"$cond": [better_time, rank, "$precision_rank"]},
        "text": {"$cond": [new_text, _literal(text), {"$ifNull": ["$text", _literal(text)]}]},
        "title": {"$ifNull": [_literal(post.title), "$title", None]},
        "text_source": {"$cond": [new_text, source, {"$ifNull": ["$text_source", source]}]},
        "source": {"$ifNull": ["$source", source]},
        "long_text": {"$cond": [new_text, post.long_text, {"$ifNull": ["$long_text", post.long_text]}]},
    }
    # What a poorer source does not tell must not wipe out what a richer one told.
    told = {name: _literal(value) for name, value in new.items() if value not in (None, [], {})}
    untold = {
        name: {"$ifNull": [f"${name}", _literal(value)]} for name, value in new.items() if value in (None, [], {})
    }
    return UpdateOne({"_id": post.key}, [{"$set": first | told | untold}], upsert=True)


def _literal(value: Any) -> Any:
    """Outside text may begin with `$`: to the server it is a value, never an expression."""
    return {"$literal": value}


def _profile(profile: Profile, at: datetime) -> UpdateOne:
    """A document for each state the profile was in; an unchanged profile only moves `last_seen_at`."""
    document = to_document(profile)
    state = "|".join(str(document[name]) for name in ("name", "verified", "verified_type", "verification", "wechat_id"))
    counts = {name: document.pop(name) for name in ("statuses_count", "extra", "description")}
    return UpdateOne(
        {"_id": f"{profile.account_id}|{profile.source}|{_digest(state)}"},
        {"$set": counts, "$setOnInsert": {**document, "first_seen_at": at}, "$max": {"last_seen_at": at}},
        upsert=True,
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
