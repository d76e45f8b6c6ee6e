"""Writing what was seen: idempotent upserts keyed by what each item is about.

Writing the same observation twice changes nothing; a killed crawl is simply run again.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ReplaceOne, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from gzcrawl.items import (
    AccountCandidate,
    Capture,
    CommentCheck,
    Host,
    LinkCheck,
    Poll,
    Post,
    Profile,
    QrLink,
    QrPicture,
    QrSighting,
    SiteProbe,
    VisitClosed,
)
from gzcrawl.privacy import redact
from gzcrawl.store import names, tallies
from gzcrawl.store.documents import to_document
from gzcrawl.store.evaluations import marking
from gzcrawl.store.merge import merge

Observation = (
    Post
    | Profile
    | Poll
    | QrSighting
    | QrPicture
    | QrLink
    | LinkCheck
    | CommentCheck
    | AccountCandidate
    | SiteProbe
    | Capture
    | VisitClosed
    | Host
)
Db = AsyncDatabase[dict[str, Any]]
Documents = Mapping[str, Mapping[str, Any]]
Operation = UpdateOne | ReplaceOne[dict[str, Any]]

ORDER = {Poll: 1, VisitClosed: 2, Host: 2}

TRIES = 5
"""Of a write that another process was quicker with."""

DUPLICATE_KEY = 11000


async def write(db: Db, items: Sequence[tuple[Observation, datetime]]) -> None:
    """Unordered bulk writes: what was seen, then the polls that saw it, what is to be judged again, and that a visit is
    done with.

    So a stored poll means that its posts are stored, and a closed visit that all its polls are, and are marked.
    """
    posts: list[tuple[Post, datetime]] = []
    batches: dict[tuple[int, str], list[Operation]] = defaultdict(list)
    for item, at in items:
        if isinstance(item, Post):
            posts.append((redact(item), at))
        else:
            collection, operation = _operation(item, at)
            batches[ORDER.get(type(item), 0), collection].append(operation)
    if posts:
        await _write_posts(db, posts)
    batches[ORDER[Poll], names.STALE] += marking(_about(item) for item, _at in items)
    for key in sorted(batches):
        if batches[key]:
            await db[key[1]].bulk_write(batches[key], ordered=False)


def _about(item: Observation) -> str | None:
    """The account or site that is to be judged again, where rules look at such an item."""
    match item:
        case Post() | Profile() | CommentCheck():
            return item.account_id
        case Poll() | LinkCheck():
            return item.target_id
        case QrSighting() | SiteProbe():
            return item.site_id
        case _:
            return None


def _operation(item: Observation, at: datetime) -> tuple[str, Operation]:
    match item:
        case Profile():
            return names.PROFILES, _profile(item, at)
        case Poll():
            return names.POLLS, _replace(item.key, item)
        case QrSighting():
            sighting = {"$set": to_document(item), "$setOnInsert": {"first_seen_at": at}}
            return names.QR_SIGHTINGS, UpdateOne({"_id": item.key}, sighting, upsert=True)
        case QrPicture():
            return names.QR_PICTURES, _replace(item.key, item)
        case QrLink():
            return names.QR_LINKS, _replace(item.key, item)
        case LinkCheck():
            return names.LINK_CHECKS, _replace(item.key, item)
        case CommentCheck():
            return names.COMMENT_CHECKS, _replace(item.key, item)
        case AccountCandidate():
            return names.CANDIDATES, _candidate(item, at)
        case SiteProbe():
            return names.SITE_PROBES, _replace(item.key, item)
        case Capture():
            return names.CAPTURES, _replace(item.key, item)
        case Host():
            return names.HOSTS, _replace(item.name, item)
        case VisitClosed():
            return names.POLLS, UpdateOne({"_id": item.key}, {"$set": {"closed": True}})
        case Post():
            raise TypeError("posts are merged, see _write_posts")


def _replace(
    key: str, item: Poll | QrPicture | QrLink | LinkCheck | CommentCheck | SiteProbe | Capture | Host
) -> Operation:
    return ReplaceOne({"_id": key}, to_document(item), upsert=True)


async def _write_posts(db: Db, posts: Sequence[tuple[Post, datetime]]) -> None:
    """Merge with what is stored. `version` notices another writer: then what it stored is merged again."""
    for attempt in range(TRIES):
        keys = list({post.key for post, _at in posts})
        stored = {d["_id"]: d async for d in db[names.POSTS].find({"_id": {"$in": keys}}, batch_size=len(keys))}
        merged = dict(stored)
        for post, at in posts:
            merged[post.key] = merge(merged.get(post.key), post, at)
        writes = [
            ReplaceOne({"_id": key, "version": stored[key]["version"] if key in stored else 0}, document, upsert=True)
            for key, document in merged.items()
            if document != stored.get(key)
        ]
        if marks := tallies.marking(_counted_otherwise(stored, merged)):
            await db[names.TALLIES].bulk_write(marks, ordered=False)
        try:
            if writes:
                await db[names.POSTS].bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            codes = {failure["code"] for failure in error.details["writeErrors"]}
            if codes != {DUPLICATE_KEY} or attempt == TRIES - 1:
                raise
        else:
            return


def _counted_otherwise(stored: Documents, merged: Documents) -> Iterator[Mapping[str, Any]]:
    """Posts that are new, and those that belong to another tally now, before and after."""
    for key, after in merged.items():
        before = stored.get(key)
        if before is None:
            yield after
        elif any(before[name] != after[name] for name in ("account_id", "published_at", "repost_of")):
            yield from (before, after)


def _candidate(candidate: AccountCandidate, at: datetime) -> UpdateOne:
    """As it was seen first; what the operator said of it stays."""
    first = {**to_document(candidate), "state": "open", "first_seen_at": at}
    return UpdateOne({"_id": candidate.key}, {"$setOnInsert": first, "$max": {"last_seen_at": at}}, upsert=True)


def _profile(profile: Profile, at: datetime) -> UpdateOne:
    """A document for each state the profile was in; an unchanged profile only moves `last_seen_at`."""
    document = to_document(profile)
    told = ["name", "verified", "verified_type", "verification", "wechat_id"]
    state = "|".join(str(document[name]) for name in (*told, *(["biz"] if profile.biz else [])))
    counts = {name: document.pop(name) for name in ("statuses_count", "extra", "description")}
    return UpdateOne(
        {"_id": f"{profile.account_id}|{profile.source}|{hashlib.sha256(state.encode()).hexdigest()[:16]}"},
        {"$set": counts, "$setOnInsert": {**document, "first_seen_at": at}, "$max": {"last_seen_at": at}},
        upsert=True,
    )
