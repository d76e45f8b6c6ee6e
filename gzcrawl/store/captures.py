"""Captures: which answers were kept, by what a finding refers to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pymongo.database import Database

from gzcrawl.store import names

Db = Database[dict[str, Any]]
Document = dict[str, Any]


def behind(db: Db, kind: str, ref: str) -> list[Document]:
    """The captures that a piece of evidence (scheduler.findings.Evidence) rests on, in the order they were seen."""
    match kind:
        case "poll":
            round_id, _, rest = ref.partition("|")
            target_id, _, channel = rest.partition("|")
            query: Document = {"round_id": round_id, "target_id": target_id, "channel": channel}
        case "post" | "announcement":
            post = db[names.POSTS].find_one({"_id": ref}, ["account_id"]) or {}
            return list(
                db[names.CAPTURES].find({"target_id": post.get("account_id"), "posts": ref}).sort("at", -1).limit(1)
            )
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
