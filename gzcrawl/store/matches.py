"""Which posts repost which announcements, and what is still to be compared.

A post, and an announcement, bears the mark of the comparison it went through (`compared`); a change of what it says takes
the mark away. So there is no clock and no cursor that a kill could put in the wrong place: results are stored first, then
the marks, and what has none is compared again, with the same result.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ReplaceOne, UpdateOne
from pymongo.database import Database

from gzcrawl.items import Post, Precision
from gzcrawl.store import evaluations, names
from gzcrawl.store.documents import from_document

Db = Database[dict[str, Any]]
Document = dict[str, Any]

BATCH = 500


@dataclass(frozen=True, slots=True)
class Stored:
    """A post as it was read: `version` notices that it changed meanwhile."""

    post: Post
    version: int


def new_posts(db: Db, mark: str, since: datetime) -> Iterator[list[Stored]]:
    """In batches, the dated posts since then that do not bear this mark: new, changed, or marked by another matcher."""
    return _in_batches(db, {"published_at": {"$gte": since}, "compared": {"$ne": mark}})


def marked_posts(db: Db, mark: str, since: datetime) -> Iterator[list[Stored]]:
    """In batches, those that bear it and may have been published at or after `since`."""
    month = {"published_at": {"$gte": since - timedelta(days=31)}, "precision": str(Precision.MONTH)}
    recent: list[Document] = [{"published_at": {"$gte": since - timedelta(days=1)}}, month]
    return _in_batches(db, {"$or": recent, "compared": mark})


def _in_batches(db: Db, query: Mapping[str, Any]) -> Iterator[list[Stored]]:
    # The keys first: marks are set while we go on.
    keys = [document["_id"] for document in db[names.POSTS].find(query, ["_id"]).sort("_id", 1)]
    for start in range(0, len(keys), BATCH):
        found = db[names.POSTS].find({"_id": {"$in": keys[start : start + BATCH]}})
        yield [Stored(from_document(Post, document), document["version"]) for document in found]


def replace(db: Db, found: Iterable[Document], posts: Collection[str], announcements: Collection[str]) -> set[str]:
    """Store what was found between these posts and these announcements, in place of what was.

    A document has `announcement_id`, `post_key`, `account_id`, `decision`, `score`, `why`, `made_by`. The ids of the accounts
    and sites for which anything changed.
    """
    fresh = {f"{d['announcement_id']}|{d['post_key']}": d for d in found}
    of_these = {"post_key": {"$in": list(posts)}, "announcement_id": {"$in": list(announcements)}}
    before = {d.pop("_id"): d for d in db[names.MATCHES].find(of_these)}
    gone = before.keys() - fresh.keys()
    changed = [id for id in before.keys() | fresh.keys() if _told(before.get(id)) != _told(fresh.get(id))]
    moved = {str((fresh.get(id) or before[id])["account_id"]) for id in changed}
    evaluations.mark(db, moved)  # before: what is written and not marked would never be judged
    if gone:
        db[names.MATCHES].delete_many({"_id": {"$in": list(gone)}})
    writes = [ReplaceOne({"_id": id}, d, upsert=True) for id, d in fresh.items() if before.get(id) != d]
    if writes:
        db[names.MATCHES].bulk_write(writes, ordered=False)
    return moved


def _told(match: Document | None) -> Document | None:
    return match and {name: value for name, value in match.items() if name != "made_by"}


def mark_posts(db: Db, posts: Iterable[Stored], mark: str) -> None:
    """A post that another process changed meanwhile keeps lacking the mark."""
    writes = [UpdateOne({"_id": s.post.key, "version": s.version}, {"$set": {"compared": mark}}) for s in posts]
    if writes:
        db[names.POSTS].bulk_write(writes, ordered=False)


def announcement_marks(db: Db) -> dict[str, str]:
    found = db[names.ANNOUNCEMENTS].find({"compared": {"$exists": True}}, ["compared"])
    return {document["_id"]: document["compared"] for document in found}


def mark_announcements(db: Db, marks: Mapping[str, str]) -> None:
    """By id. Matches that an earlier text of the announcement made and this one did not are dropped before."""
    for id, mark in marks.items():
        db[names.MATCHES].delete_many({"announcement_id": id, "made_by": {"$ne": mark}})
        db[names.ANNOUNCEMENTS].update_one({"_id": id}, {"$set": {"compared": mark}})


def of_targets(db: Db, targets: Collection[str]) -> list[Document]:
    """What the posts of these accounts and sites repost, or may."""
    return list(db[names.MATCHES].find({"account_id": {"$in": list(targets)}}).sort("_id", 1))


def of_announcement(db: Db, announcement_id: str, decision: str | None = None) -> list[Document]:
    query = {"announcement_id": announcement_id} | ({"decision": decision} if decision else {})
    return list(db[names.MATCHES].find(query).sort("_id", 1))


def reposting(db: Db, targets: Collection[str]) -> dict[str, list[Post]]:
    """The posts of these accounts that repost an announcement for sure, by its id."""
    sure = list(db[names.MATCHES].find({"account_id": {"$in": list(targets)}, "decision": "repost"}).sort("_id", 1))
    found = db[names.POSTS].find({"_id": {"$in": sorted({match["post_key"] for match in sure})}})
    posts = {document["_id"]: from_document(Post, document) for document in found}
    by_announcement: dict[str, list[Post]] = {}
    for match in sure:
        if match["post_key"] in posts:
            by_announcement.setdefault(match["announcement_id"], []).append(posts[match["post_key"]])
    return by_announcement
