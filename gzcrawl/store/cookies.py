"""Guest cookies of a platform, kept over crawls. They identify a browser that looked at a public page, nobody else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pymongo.database import Database

from gzcrawl.store import names

Db = Database[dict[str, Any]]


def find(db: Db, platform: str, *, since: datetime) -> dict[str, str]:
    """Cookies by name, as got since then; {} if there are none."""
    document = db[names.COOKIES].find_one({"_id": platform, "at": {"$gte": since}})
    return dict(document["cookies"]) if document else {}


def save(db: Db, platform: str, cookies: dict[str, str], at: datetime) -> None:
    db[names.COOKIES].replace_one({"_id": platform}, {"cookies": cookies, "at": at}, upsert=True)
