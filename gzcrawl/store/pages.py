"""Bodies of pages whose servers say whether they changed, kept for a day: `_id` is the URL."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta
from typing import Any, TypedDict

from pymongo.database import Database

from gzcrawl.store import names

Db = Database[dict[str, Any]]

KEPT_FOR = timedelta(hours=20)
"""After so long a page is fetched whole again: "not modified" is only the server's word."""
LARGEST = 512 * 1024
"""Bytes; larger bodies are not kept."""


class Kept(TypedDict):
    """A page as it was fetched `at` (UTC); `validators` are the request headers that ask whether it changed."""

    at: datetime
    validators: dict[str, str]
    content_type: str
    body: bytes


def find(db: Db, url: str, now: datetime) -> Kept | None:
    """The page as it was fetched lately."""
    document = db[names.KEPT_PAGES].find_one({"_id": url, "at": {"$gte": now - KEPT_FOR}})
    if document is None:
        return None
    return Kept(
        at=document["at"],
        validators=document["validators"],
        content_type=document["content_type"],
        body=zlib.decompress(document["body"]),
    )


def keep(db: Db, url: str, page: Kept) -> None:
    if len(page["body"]) <= LARGEST:
        db[names.KEPT_PAGES].replace_one({"_id": url}, {**page, "body": zlib.compress(page["body"])}, upsert=True)


def forget_old(db: Db, now: datetime) -> None:
    db[names.KEPT_PAGES].delete_many({"at": {"$lt": now - KEPT_FOR}})
