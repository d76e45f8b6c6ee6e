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

from gzcrawl.items import Poll, Post, Precision, Profile, QrSighting, SiteProbe, VisitClosed
from gzcrawl.store import names
from gzcrawl.store.documents import to_document

Observation = Post | Profile | Poll | QrSighting | SiteProbe | VisitClosed
Operation = UpdateOne | ReplaceOne[dict[str, Any]]

ORDER = {Poll: 1, VisitClosed: 2}

RICHNESS = (
    "sogou.accounts", "sogou.articles", "wechat.album", "weibo.desktop", "weibo.timeline", "govsite.list",
    "weibo.longtext", "wechat.article", "govsite.article",
)  # fmt: skip
"""Sources of posts, the one that knows least first: a list tells less than the page it leads to."""


def richness(source: str) -> int:
    """Sources that are not in the table know more than a search index and less than the platform's own lists."""
    return RICHNESS.index(source) if source in RICHNESS else 2


EMPTY: tuple[Any, ...] = (None, "", [], {})

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
        case VisitClosed():
            return names.POLLS, UpdateOne({"_id": item.key}, {"$set": {"closed": True}})


async def write(db: AsyncDatabase[dict[str, Any]], items: Iterable[tuple[Observation, datetime]]) -> None:
    """Unordered bulk writes: what was seen, then the polls that saw it, then that a visit is done with.

    So a stored poll means that its posts are stored, and a closed visit that all its polls are.
    """
    batches: dict[tuple[int, str], list[Operation]] = defaultdict(list)
    for item, at in items:
        collection, write_one = operation(item, at)
        batches[ORDER.get(type(item), 0), collection].append(write_one)
    for key in sorted(batches):
        await db[key[1]].bulk_write(batches[key], ordered=False)


def _replace(key: str, item: Poll | QrSighting | SiteProbe) -> Operation:
    return ReplaceOne({"_id": key}, to_document(item), upsert=True)


def _post(post: Post, at: datetime) -> UpdateOne:
    """Upsert with history, the same document in whatever order the sources are read.

    Each field is kept from the source that knows best (RICHNESS, remembered in `ranks`), the time at its best
    precision. A text that the same source shows changed is an edit: the old one goes to `edits`. The server decides
    in one atomic update.
    """
    rank, precision = richness(post.source), RANK[post.precision]
    old_precision = {"$ifNull": ["$ranks.precision", 9]}
    better_time = {
        "$or": [
            {"$lt": [precision, old_precision]},
            {"$and": [{"$eq": [precision, old_precision]}, {"$gt": [rank, _rank("published_at")]}]},
        ]
    }
    edited = {"$and": [{"$eq": [_rank("text"), rank]}, {"$ne": ["$text", _literal(post.text)]}]} if post.text else False
    columns = [_literal(post.column)] if post.column else []
    values: dict[str, Any] = {
        "first_seen_at": {"$ifNull": ["$first_seen_at", at]},
        "last_seen_at": {"$max": ["$last_seen_at", at]},
        "sources": {"$setUnion": [{"$ifNull": ["$sources", []]}, [post.source]]},
        "columns": {"$setUnion": [{"$ifNull": ["$columns", []]}, columns]},
        "edits": {
            "$concatArrays": [
                {"$ifNull": ["$edits", []]},
                {"$cond": [edited, [{"text": "$text", "title": "$title", "until": at}], []]},
            ]
        },
        "published_at": {"$cond": [better_time, post.published_at, "$published_at"]},
        "precision": {"$cond": [better_time, str(post.precision), "$precision"]},
        "ranks.precision": {"$min": [precision, old_precision]},
        "ranks.published_at": {"$cond": [better_time, rank, _rank("published_at")]},
    }
    told = to_document(post)
    for name in ("published_at", "precision", "column"):
        del told[name]
    for name, value in told.items():
        # `long_text` belongs to the text; what a source does not tell must not wipe out what another one told.
        decides = bool(post.text) if name == "long_text" else value not in EMPTY
        wins = {"$gte": [rank, _rank(name)]} if decides else False
        values[name] = {"$cond": [wins, _literal(value), {"$ifNull": [f"${name}", _literal(value)]}]}
        values[f"ranks.{name}"] = {"$cond": [wins, rank, _rank(name)]}
    return UpdateOne({"_id": post.key}, [{"$set": values}], upsert=True)


def _rank(name: str) -> dict[str, Any]:
    """How well the source of the stored value knows; -1 when no source has told it."""
    return {"$ifNull": [f"$ranks.{name}", -1]}


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
