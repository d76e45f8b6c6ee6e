"""How well each source can be seen: figures of single crawls, and what the polls of the last day add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from gzcrawl.items import Outcome
from gzcrawl.store import names

Db = Database[dict[str, Any]]

DAY = timedelta(days=1)
OBSERVED = [str(outcome) for outcome in Outcome if outcome.observed]


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """One source: what its polls since `since` came to (UTC), and when it last worked at all."""

    name: str  # first part of the channel: "weibo", "sogou", "wechat", "govsite", "qr", "feed", "official"
    first_tried: datetime | None = None
    last_tried: datetime | None = None
    last_seen: datetime | None = None
    outcomes: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)  # of what was not seen, most frequent first

    @property
    def observed_share(self) -> float | None:
        polls = sum(self.outcomes.values())
        return sum(self.outcomes.get(name, 0) for name in OBSERVED) / polls if polls else None


def sources(db: Db, now: datetime, within: timedelta = DAY) -> list[SourceHealth]:
    """Every source that was ever polled, by name."""
    source = {"$arrayElemAt": [{"$split": [{"$arrayElemAt": [{"$split": ["$channel", ":"]}, 0]}, "."]}, 0]}
    seen = {"$cond": [{"$in": ["$outcome", OBSERVED]}, "$at", None]}
    ever: list[dict[str, Any]] = [
        {"$match": {"at": {"$lte": now}}},
        {"$group": {"_id": source, "first": {"$min": "$at"}, "tried": {"$max": "$at"}, "seen": {"$max": seen}}},
        {"$sort": {"_id": 1}},
    ]
    lately: list[dict[str, Any]] = [
        {"$match": {"at": {"$gt": now - within, "$lte": now}}},
        {"$group": {"_id": {"source": source, "outcome": "$outcome", "reason": "$reason"}, "polls": {"$sum": 1}}},
        {"$sort": {"polls": -1, "_id.reason": 1}},
    ]
    outcomes: dict[str, dict[str, int]] = {}
    reasons: dict[str, dict[str, int]] = {}
    for row in db[names.POLLS].aggregate(lately):
        key = row["_id"]
        counts = outcomes.setdefault(key["source"], {})
        counts[key["outcome"]] = counts.get(key["outcome"], 0) + row["polls"]
        if key["outcome"] not in OBSERVED:
            reasons.setdefault(key["source"], {})[key["reason"]] = row["polls"]
    return [
        SourceHealth(
            name=row["_id"],
            first_tried=row["first"],
            last_tried=row["tried"],
            last_seen=row["seen"],
            outcomes=outcomes.get(row["_id"], {}),
            reasons=reasons.get(row["_id"], {}),
        )
        for row in db[names.POLLS].aggregate(ever)
    ]


def note_crawl(db: Db, round_id: str, figures: Mapping[str, Mapping[str, Any]]) -> None:
    """Add the figures of a crawl to its round: spider -> {finish, problems, coverage}."""
    db[names.ROUNDS].update_one(
        {"_id": round_id}, {"$set": {f"sources.{name}": told for name, told in figures.items()}}
    )


def figures_of(db: Db, round_id: str) -> dict[str, dict[str, Any]]:
    """Spider -> the figures of its crawl in that round."""
    return (db[names.ROUNDS].find_one({"_id": round_id}) or {}).get("sources", {})  # type: ignore[no-any-return]


def last_figures(db: Db) -> dict[str, dict[str, Any]]:
    """Spider -> the figures of its last crawl, with the id of its round as `round`."""
    found: dict[str, dict[str, Any]] = {}
    for document in db[names.ROUNDS].find({"sources": {"$exists": True}}).sort("started_at", -1).limit(50):
        for name, told in document["sources"].items():
            found.setdefault(name, {**told, "round": document["_id"]})
    return found
