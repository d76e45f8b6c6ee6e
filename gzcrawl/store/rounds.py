"""Rounds: one document per patrol, so that a killed one is taken up again and a finished one is known."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from gzcrawl.store import names

Db = Database[dict[str, Any]]

STATES = ("crawling", "judging", "done")
RESUME_WITHIN = timedelta(hours=6)
"""An older unfinished round is not taken up: what it saw is stale, a new one sees it anew."""


def begin(db: Db, now: datetime) -> str:
    """The id of the round to run: the unfinished one if it is recent, else a new one named after `now` (UTC)."""
    unfinished = db[names.ROUNDS].find_one(
        {"state": {"$ne": "done"}, "started_at": {"$gte": now - RESUME_WITHIN, "$lte": now}}, sort=[("started_at", -1)]
    )
    if unfinished:
        return str(unfinished["_id"])
    round_id = now.strftime("%Y%m%dT%H%M%SZ")
    db[names.ROUNDS].update_one(
        {"_id": round_id}, {"$setOnInsert": {"started_at": now, "state": "crawling"}}, upsert=True
    )
    return round_id


def advance(db: Db, round_id: str, state: str, **facts: Any) -> None:
    """Record that the round has reached `state` (one of STATES), with whatever is worth keeping."""
    db[names.ROUNDS].update_one({"_id": round_id}, {"$set": {"state": state, **facts}})


def last_finished(db: Db) -> datetime | None:
    """When a patrol last came to its end, its crawl whole or not."""
    found = db[names.ROUNDS].find_one({"finished_at": {"$ne": None}}, sort=[("finished_at", -1)])
    return found["finished_at"] if found else None


def find(db: Db, round_id: str) -> dict[str, Any]:
    return db[names.ROUNDS].find_one({"_id": round_id}) or {}
