"""Which posts are read of an account or site: the few that rules need, each kind by an index of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.database import Database

from gzcrawl.store import names

Db = Database[dict[str, Any]]
Document = dict[str, Any]
Documents = dict[str, Document]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is read beside the newest post, those that may be newer, and those marked `private` or `wording`."""

    partial_since: datetime | None = None  # those that may hide something, published since then
    keys: Collection[str] = ()  # and these


def read(db: Db, ids: list[str], since: datetime, until: datetime, wanted: Wanted | None) -> list[Document]:
    """What was known at `until`, newest first, as it was shown then. Without `wanted` all published since then."""
    newest = _newest(db, ids, until)
    found = newest | _undated(db, ids, until, newest.values())
    if wanted is None:
        query = {"account_id": {"$in": ids}, "published_at": {"$gte": since}, "first_seen_at": {"$lte": until}}
        found |= _by_key(db, query)
    else:
        found |= _wanted(db, ids, since, until, wanted)
    return sorted((as_shown(document, until) for document in found.values()), key=_newest_first)


def _newest(db: Db, ids: list[str], until: datetime) -> Documents:
    """The post of each that was published last, by the latest time it may have been published."""
    newest = _first_of_each(db, {"account_id": {"$in": ids}})
    unknown_then = [post["account_id"] for post in newest if post["first_seen_at"] > until]
    if unknown_then:  # a past instant: no index knows what was the newest then
        newest += _first_of_each(db, {"account_id": {"$in": unknown_then}, "first_seen_at": {"$lte": until}})
    return {post["_id"]: post for post in newest if post["latest_at"] and post["first_seen_at"] <= until}


def _first_of_each(db: Db, query: Mapping[str, Any]) -> list[Document]:
    # As the index is ordered, so that one entry of each account is looked at.
    pipeline: list[dict[str, Any]] = [
        {"$match": query},
        {"$sort": {"account_id": 1, "latest_at": -1, "_id": 1}},
        {"$group": {"_id": "$account_id", "post": {"$first": "$$ROOT"}}},
    ]
    return [row["post"] for row in db[names.POSTS].aggregate(pipeline)]


def _undated(db: Db, ids: list[str], until: datetime, newest: Collection[Document]) -> Documents:
    """A post without a time may be the newest, but not when it was known before that was published."""
    latest = {post["account_id"]: post["latest_at"] for post in newest}
    found = _by_key(db, {"account_id": {"$in": ids}, "latest_at": None, "first_seen_at": {"$lte": until}})
    return {
        key: post
        for key, post in found.items()
        if post["account_id"] not in latest or post["first_seen_at"] > latest[post["account_id"]]
    }


def _wanted(db: Db, ids: list[str], since: datetime, until: datetime, wanted: Wanted) -> Documents:
    known = {"account_id": {"$in": ids}, "first_seen_at": {"$lte": until}}
    marked = known | {"marks.0": {"$exists": True}}
    telling = {"latest_at": {"$gt": since}, "marks": {"$in": ["private", "wording"]}}
    found = _by_key(db, marked | telling, names.MARKED)
    if wanted.partial_since:
        found |= _by_key(db, marked | {"latest_at": {"$gt": wanted.partial_since}, "marks": "partial"}, names.MARKED)
    if wanted.keys:
        found |= _by_key(db, known | {"_id": {"$in": list(wanted.keys)}})
    return found


def _by_key(db: Db, query: Mapping[str, Any], hint: str | None = None) -> Documents:
    return {document["_id"]: document for document in db[names.POSTS].find(query, hint=hint)}


def as_shown(document: Document, at: datetime) -> Document:
    """The post with the text it showed at that instant, where it was edited later."""
    edit = next((edit for edit in document.get("edits", ()) if edit["until"] > at), None)
    return document | {"text": edit["text"], "title": edit["title"]} if edit else document


def _newest_first(document: Mapping[str, Any]) -> tuple[float, str]:
    at = document["published_at"]
    return (-at.timestamp() if at else 0.0, document["_id"])
