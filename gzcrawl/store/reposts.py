"""`reposts`: announcement x department, as analysts read it; and what proves that a post is not shown any more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.database import Database

from gzcrawl.items import Announcement, Post
from gzcrawl.store import names
from gzcrawl.store.documents import from_document

Db = Database[dict[str, Any]]
Document = dict[str, Any]

ROW: Document = {
    "announcement_id": "$facts.announcement",
    "department": "$department",
    "scope": "$facts.scope",
    "status": "$facts.status",
    "verdict": "$verdict",
    "reason": "$reason",
    "published_at": "$facts.published_at",
    "due": "$deadline",
    "posted_at": {"$ifNull": ["$facts.posted_at", None]},
    "lag_hours": {"$ifNull": ["$facts.lag_hours", None]},
    "late_hours": {"$ifNull": ["$facts.late_hours", None]},
    "gone_since": {"$ifNull": ["$facts.gone_since", None]},
    "post_key": {"$ifNull": ["$facts.post", None]},
    "account_id": {"$ifNull": ["$facts.account", None]},
    "platform": {"$ifNull": ["$facts.platform", None]},
    "score": {"$ifNull": ["$facts.score", None]},
    "why": {"$ifNull": ["$facts.why", []]},
}
"""Each field from the finding of the rule that judges reposts: nothing is worked out twice."""


def record(db: Db, rule: str, departments: Collection[str]) -> None:
    """Bring the rows of these departments up to date with the findings of `rule`.

    Rows of announcements no longer judged stay as they were.
    """
    of_these = {"department": {"$in": list(departments)}}
    db[names.FINDINGS].aggregate(
        [
            {"$match": {"rule": rule, **of_these}},
            {"$project": {"_id": "$subject", **ROW}},
            {"$merge": {"into": names.REPOSTS, "whenMatched": "replace"}},
        ]
    )
    judged, spoken = set(), set()
    for finding in db[names.FINDINGS].find({"rule": rule, **of_these}, ["subject", "facts.announcement"]):
        judged.add(finding["facts"]["announcement"])
        spoken.add(finding["subject"])
    rows = db[names.REPOSTS].find({"announcement_id": {"$in": sorted(judged)}, **of_these}, ["_id"])
    if unspoken := [row["_id"] for row in rows if row["_id"] not in spoken]:
        db[names.REPOSTS].delete_many({"_id": {"$in": unspoken}})


def rows(db: Db, announcement_ids: Collection[str] | None = None) -> list[Document]:
    query = {} if announcement_ids is None else {"announcement_id": {"$in": list(announcement_ids)}}
    return list(db[names.REPOSTS].find(query).sort([("published_at", 1), ("_id", 1)]))


def announcement(db: Db, id: str) -> Announcement | None:
    document = db[names.ANNOUNCEMENTS].find_one({"_id": id})
    return from_document(Announcement, {**document, "id": id}) if document else None


@dataclass(frozen=True, slots=True)
class Sighting:
    post: Post
    last_seen_at: datetime


def sightings(db: Db, keys: Collection[str], source: str) -> list[Sighting]:
    """When these posts were seen last; those that were ever seen through `source`, without their text."""
    query = {"_id": {"$in": list(keys)}, "sources": source}
    found = db[names.POSTS].find(query, {"text": 0, "edits": 0, "repost_of": 0}).sort("_id", 1)
    return [Sighting(from_document(Post, d), d["last_seen_at"]) for d in found]


def starts(db: Db, round_ids: Collection[str]) -> dict[str, datetime]:
    """When these rounds began."""
    found = db[names.ROUNDS].find({"_id": {"$in": list(round_ids)}}, ["started_at"])
    return {document["_id"]: document["started_at"] for document in found}
