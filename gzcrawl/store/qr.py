"""What is remembered of pictures and links between rounds, and the accounts that sites show and the registry does not know."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pymongo.database import Database

from gzcrawl.items import QrLink, QrPicture, QrSighting
from gzcrawl.store import names
from gzcrawl.store.documents import from_document, to_document

Db = Database[dict[str, Any]]

STATES = ("open", "accepted", "dismissed")
"""Of a candidate: nobody has said anything yet; it is in the registry now; it is nobody's the office cares about."""


def pictures(db: Db) -> dict[str, QrPicture]:
    """By the hash of their bytes."""
    return {document["_id"]: from_document(QrPicture, document) for document in db[names.QR_PICTURES].find()}


def links(db: Db) -> dict[str, QrLink]:
    """By address."""
    return {document["_id"]: from_document(QrLink, document) for document in db[names.QR_LINKS].find()}


def remember(db: Db, links: Iterable[QrLink]) -> None:
    """As if they had been looked at."""
    for link in links:
        db[names.QR_LINKS].replace_one({"_id": link.key}, to_document(link), upsert=True)


def sightings(db: Db, keys: Iterable[str]) -> list[QrSighting]:
    """Those that are still there, as they were seen last, by key."""
    found = db[names.QR_SIGHTINGS].find({"_id": {"$in": list(keys)}}).sort("_id", 1)
    return [from_document(QrSighting, document) for document in found]


def pictures_of_polls(db: Db, keys: Iterable[str]) -> list[str]:
    """Names of the files that show what these polls saw, newest first."""
    found = db[names.POLLS].find({"_id": {"$in": list(keys)}, "picture": {"$ne": None}}, ["picture"]).sort("at", -1)
    return [document["picture"] for document in found]


def pictures_of_round(db: Db, round_id: str) -> list[str]:
    """Names of the files that show what a round saw on pages: pages and codes, each once."""
    pages = db[names.POLLS].find({"round_id": round_id, "picture": {"$ne": None}}, ["picture"])
    crops = db[names.QR_SIGHTINGS].find({"round_id": round_id, "extra.crop": {"$exists": True}}, ["extra.crop"])
    return sorted({d["picture"] for d in pages if "picture" in d} | {d["extra"]["crop"] for d in crops})


def pictures_behind(db: Db, kind: str, ref: str) -> list[str]:
    """Names of the files that show a piece of evidence (scheduler.findings.Evidence)."""
    if kind == "poll":
        return pictures_of_polls(db, [ref])
    if kind == "qr":
        return [str(s.extra[part]) for s in sightings(db, [ref]) for part in ("picture", "crop") if s.extra.get(part)]
    return []


def forget(db: Db, before: datetime) -> None:
    """Drop pictures and links that no site has shown since then: sites change their pictures daily."""
    for name in (names.QR_PICTURES, names.QR_LINKS):
        db[name].delete_many({"at": {"$lt": before}})


def candidates(db: Db, state: str | None = "open") -> list[dict[str, Any]]:
    """Candidates in that state (None: all), oldest first."""
    return list(db[names.CANDIDATES].find({"state": state} if state else {}).sort([("first_seen_at", 1), ("_id", 1)]))


def candidate(db: Db, id: str) -> dict[str, Any] | None:
    return db[names.CANDIDATES].find_one({"_id": id})


def settle(db: Db, id: str, state: str, **facts: Any) -> None:
    """Record what the operator said of a candidate."""
    db[names.CANDIDATES].update_one({"_id": id}, {"$set": {"state": state, **facts}})
