"""Texts that many departments carry and that nobody announced, and what the operator said of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pymongo.database import Database

from gzcrawl.items import Post
from gzcrawl.store import names
from gzcrawl.store.documents import from_document

Db = Database[dict[str, Any]]
Document = dict[str, Any]


def unmatched_posts(db: Db, since: datetime) -> list[Post]:
    """Posts published since then that repost no announcement, for all we know, and are none."""
    documents = list(db[names.POSTS].find({"published_at": {"$gte": since}}).sort("_id", 1))
    keys = [document["_id"] for document in documents]
    known = {m["post_key"] for m in db[names.MATCHES].find({"post_key": {"$in": keys}}, ["post_key"])}
    known |= {a["_id"] for a in db[names.ANNOUNCEMENTS].find({"_id": {"$in": keys}}, ["_id"])}
    return [from_document(Post, document) for document in documents if document["_id"] not in known]


def keep(db: Db, first: Post, *, title: str, departments: list[str], posts: list[str], at: datetime) -> None:
    """Under the first post's key, or with the suggestion that has any of the posts already: what was dismissed stays so."""
    known = db[names.SUGGESTIONS].find_one({"posts": {"$in": posts}}, sort=[("_id", 1)])
    if known is None:
        db[names.SUGGESTIONS].insert_one(
            {
                "_id": first.key,
                "title": title,
                "account_id": first.account_id,
                "published_at": first.published_at,
                "departments": departments,
                "posts": posts,
                "state": "open",
                "first_seen_at": at,
            }
        )
    elif not {*posts} <= {*known["posts"]}:
        more = {
            "posts": sorted({*known["posts"], *posts}),
            "departments": sorted({*known["departments"], *departments}),
        }
        db[names.SUGGESTIONS].update_one({"_id": known["_id"]}, {"$set": more})


def listed(db: Db, state: str | None = "open") -> list[Document]:
    return list(db[names.SUGGESTIONS].find({"state": state} if state else {}).sort([("published_at", -1), ("_id", 1)]))


def find(db: Db, id: str) -> Document | None:
    return db[names.SUGGESTIONS].find_one({"_id": id})


def settle(db: Db, id: str, state: str, *, by: str, at: datetime) -> None:
    """`accepted` or `dismissed`, by whom and when."""
    db[names.SUGGESTIONS].update_one({"_id": id}, {"$set": {"state": state, "by": by, "at": at}})
