"""`reposts`: announcement x department, as analysts read it; and what proves that a post is not shown any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import decode
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from gzcrawl.items import Announcement, Post
from gzcrawl.store import names
from gzcrawl.store.bulk import Written, put
from gzcrawl.store.connect import CODEC
from gzcrawl.store.documents import from_document

Db = Database[dict[str, Any]]
Document = dict[str, Any]

RULE = "repost_lag"
"""The rule whose findings the rows are made of."""


def row(finding: Mapping[str, Any]) -> Document:
    """Each field from the finding: nothing is worked out twice.

    It is written when the finding changes: rows of another make need the findings written again (`evaluations`).
    """
    facts = finding["facts"]
    return {
        "_id": finding["subject"],
        "announcement_id": facts["announcement"],
        "department": finding["department"],
        "scope": facts["scope"],
        "status": facts["status"],
        "verdict": finding["verdict"],
        "reason": finding["reason"],
        "published_at": facts["published_at"],
        "due": finding["deadline"],
        "posted_at": facts.get("posted_at"),
        "lag_hours": facts.get("lag_hours"),
        "late_hours": facts.get("late_hours"),
        "gone_since": facts.get("gone_since"),
        "post_key": facts.get("post"),
        "account_id": facts.get("account"),
        "platform": facts.get("platform"),
        "score": facts.get("score"),
        "why": facts.get("why", []),
    }


def record(
    db: Db, fresh: Mapping[str, Written], changed: Mapping[str, Written], gone: Iterable[str], standing: Iterable[str]
) -> None:
    """Follow the findings of all rules, by key, as they are stored. `standing`: keys of all there are.

    Rows of announcements of which nothing stands stay as they were: they are judged no longer.
    """
    put(db[names.REPOSTS], _rows(fresh), _rows(changed))
    if released := list(_subjects(gone)):
        judged = {subject.rpartition("@")[0] for subject in _subjects(standing)}
        db[names.REPOSTS].delete_many({"_id": {"$in": released}, "announcement_id": {"$in": sorted(judged)}})


def _rows(findings: Mapping[str, Written]) -> dict[str, Written]:
    return {subject: row(_plain(findings[f"{RULE}|{subject}"])) for subject in _subjects(findings)}


def _plain(written: Written) -> Document:
    """All fields are read: decoded at once, which takes a fraction of one after another."""
    return decode(written.raw, CODEC) if isinstance(written, RawBSONDocument) else written


def _subjects(keys: Iterable[str]) -> Iterator[str]:
    return (key.removeprefix(f"{RULE}|") for key in keys if key.startswith(f"{RULE}|"))


def rows(db: Db, announcement_ids: Collection[str] | None = None) -> list[Document]:
    query = {} if announcement_ids is None else {"announcement_id": {"$in": list(announcement_ids)}}
    return list(db[names.REPOSTS].find(query).sort([("published_at", 1), ("_id", 1)]))


def announcement(db: Db, id: str) -> Announcement | None:
    document = db[names.ANNOUNCEMENTS].find_one({"_id": id})
    return from_document(Announcement, {**document, "id": id}) if document else None


IDENTITY = ("platform", "native_id", "source", "account_id", "published_at", "precision", "last_seen_at")


@dataclass(frozen=True, slots=True)
class Sighting:
    post: Post
    last_seen_at: datetime


def sightings(db: Db, keys: Collection[str], source: str) -> list[Sighting]:
    """When these posts were seen last; those that were ever seen through `source`, without what they say."""
    query = {"_id": {"$in": list(keys)}, "sources": source}
    found = db[names.POSTS].find(query, IDENTITY).sort("_id", 1)
    return [Sighting(from_document(Post, d), d["last_seen_at"]) for d in found]


def starts(db: Db, round_ids: Collection[str]) -> dict[str, datetime]:
    """When these rounds began."""
    found = db[names.ROUNDS].find({"_id": {"$in": list(round_ids)}}, ["started_at"])
    return {document["_id"]: document["started_at"] for document in found}
