"""Announcements: derived from designated lists, added by the operator; and a person's decisions about reposts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from gzcrawl import clock
from gzcrawl.items import Announcement, Post
from gzcrawl.store import evaluations, names
from gzcrawl.store.documents import from_document, to_document

Db = Database[dict[str, Any]]


def posts_in_columns(db: Db, columns: Iterable[str], since: datetime) -> list[Post]:
    """Posts that stood in any of these site columns, newest first."""
    query = {"columns": {"$in": list(columns)}, "published_at": {"$gte": since}}
    return [
        from_document(Post, document)
        for document in db[names.POSTS].find(query).sort([("published_at", -1), ("_id", 1)])
    ]


def compared_posts(db: Db, accounts: Iterable[str], since: datetime) -> list[Post]:
    """Posts of these accounts since then that were compared with the announcements there are, oldest first."""
    query = {"account_id": {"$in": list(accounts)}, "published_at": {"$gte": since}, "compared": {"$exists": True}}
    found = db[names.POSTS].find(query).sort([("published_at", 1), ("_id", 1)])
    return [from_document(Post, document) for document in found]


def find_post(db: Db, key: str) -> Post | None:
    document = db[names.POSTS].find_one({"_id": key})
    return from_document(Post, document) if document else None


def save(db: Db, announcements: Iterable[Announcement]) -> None:
    """Upsert by id; saving the same announcement twice changes nothing."""
    writes = []
    for announcement in announcements:
        document = to_document(announcement)
        del document["id"]
        known = {"$set": document, "$setOnInsert": {"known_at": clock.now()}}
        writes.append(UpdateOne({"_id": announcement.id}, known, upsert=True))
    if writes:
        db[names.ANNOUNCEMENTS].bulk_write(writes, ordered=False)
        evaluations.mark(db, [evaluations.EVERYTHING])


def post_at(db: Db, url: str) -> Post | None:
    """The post with that address, as it was seen."""
    document = db[names.POSTS].find_one({"url": url})
    return from_document(Post, document) if document else None


def exists(db: Db, announcement_id: str) -> bool:
    return db[names.ANNOUNCEMENTS].find_one({"_id": announcement_id}, ["_id"]) is not None


def remove(db: Db, announcement_id: str) -> bool:
    """Take it back with all that was found to repost it; whether there was such an announcement."""
    for name in (names.MATCHES, names.REPOSTS):
        db[name].delete_many({"announcement_id": announcement_id})
    found = db[names.ANNOUNCEMENTS].delete_one({"_id": announcement_id}).deleted_count == 1
    evaluations.mark(db, [evaluations.EVERYTHING])
    return found


def decide(db: Db, announcement_id: str, post_key: str, *, is_repost: bool, by: str, at: datetime) -> None:
    """Keep a person's answer; the last one counts."""
    decision = {"announcement_id": announcement_id, "post_key": post_key, "is_repost": is_repost, "by": by, "at": at}
    db[names.DECISIONS].replace_one({"_id": f"{announcement_id}|{post_key}"}, decision, upsert=True)
    post = db[names.POSTS].find_one({"_id": post_key}, ["account_id"]) or {}
    evaluations.mark(db, [post.get("account_id")])
