"""Captures: which answers were kept, by what a finding refers to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from gzcrawl.store import names

Db = Database[dict[str, Any]]
Document = dict[str, Any]


WRITTEN = timedelta(minutes=1)
"""At most so long after an answer what it said of an account is stored."""


def behind(db: Db, kind: str, ref: str, at: datetime | None = None) -> list[Document]:
    """The captures that a piece of evidence (scheduler.findings.Evidence) rests on, in the order they were seen."""
    match kind:
        case "poll":
            round_id, _, rest = ref.partition("|")
            target_id, _, channel = rest.partition("|")
            query: Document = {"round_id": round_id, "target_id": target_id, "channel": channel}
        case "post" | "announcement":
            post = db[names.POSTS].find_one({"_id": ref}, ["account_id"]) or {}
            return _of_post(db, ref, post.get("account_id"))
        case "profile" if at is not None:
            return _of_profile(db, ref, at)
        case "qr":
            code = db[names.QR_SIGHTINGS].find_one({"_id": ref}) or {}
            urls = [code.get("page_url"), code.get("image_url")]
            query = {"round_id": code.get("round_id"), "target_id": code.get("site_id"), "url": {"$in": urls}}
        case "probe":
            round_id, site_id, check = ref.split("|")
            channel = "qr.rendered" if check.startswith("rendered.") else "website.home"
            query = {"round_id": round_id, "target_id": site_id, "channel": channel}
        case _:
            return []
    return list(db[names.CAPTURES].find(query).sort([("at", 1), ("_id", 1)]))


def _of_post(db: Db, ref: str, target_id: str | None) -> list[Document]:
    """The newest answer of each source that showed the post: a list may show its title, the article its text."""
    newest: dict[str, Document] = {}
    for capture in db[names.CAPTURES].find({"target_id": target_id, "posts": ref}).sort([("at", -1), ("_id", 1)]):
        newest.setdefault(capture["channel"].partition(":")[0], capture)
    return list(reversed(newest.values()))


def _of_profile(db: Db, ref: str, at: datetime) -> list[Document]:
    """The answer in which this state of an account was first seen, else one soon after."""
    account, _, source = ref.partition("|")
    looks = {"target_id": account, "channel": {"$regex": f"^{re.escape(source)}(:|$)"}}
    for moment, order in (({"$lte": at + WRITTEN}, -1), ({"$gt": at + WRITTEN}, 1)):
        if found := list(db[names.CAPTURES].find(looks | {"at": moment}).sort([("at", order), ("_id", 1)]).limit(1)):
            return found
    return []


def rounds(db: Db) -> list[tuple[str, datetime]]:
    """(round, its newest capture's time) of every round that has captures, the oldest first."""
    pipeline: list[Document] = [{"$group": {"_id": "$round_id", "at": {"$max": "$at"}}}, {"$sort": {"at": 1, "_id": 1}}]
    return [(row["_id"], row["at"]) for row in db[names.CAPTURES].aggregate(pipeline)]


def manifest(db: Db, round_id: str) -> tuple[int, str]:
    """(captures of the round, SHA-256 over what they say), in the order of their keys."""
    digest, count = hashlib.sha256(), 0
    for one in db[names.CAPTURES].find({"round_id": round_id}).sort("_id", 1):
        digest.update(_line(one).encode())
        count += 1
    return count, digest.hexdigest()


def _line(one: Mapping[str, Any]) -> str:
    return f"{one['_id']}|{one['at'].isoformat()}|{one['url']}|{one['status']}|{one['headers']}|{one['sha256']}\n"


def forget_round(db: Db, round_id: str) -> int:
    return db[names.CAPTURES].delete_many({"round_id": round_id}).deleted_count


def since(db: Db, sha256s: Iterable[str], at: datetime) -> set[str]:
    """Those of the hashes that a capture of `at` or later has."""
    return set(db[names.CAPTURES].distinct("sha256", {"sha256": {"$in": list(sha256s)}, "at": {"$gte": at}}))
