"""Which posts were checked with which word list, and what was found in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from gzcrawl.items import Post
from gzcrawl.store import evaluations, names
from gzcrawl.store.documents import from_document

Db = Database[dict[str, Any]]


def unchecked(db: Db, version: str, since: datetime) -> Iterator[Post]:
    """Posts published since then that were not checked with the list of that version, or have changed since."""
    query = {"words": {"$ne": version}, "published_at": {"$gte": since}}
    for document in db[names.POSTS].find(query, {"edits": False, "extra": False, "ranks": False}, batch_size=1000):
        yield from_document(Post, document)


def record(db: Db, version: str, found: Mapping[str, list[dict[str, str]]], moved: Iterable[str]) -> None:
    """By post key, what the list of that version finds in the post. Repeating it changes nothing.

    `moved`: the accounts and sites for which that is something else than before.
    """
    evaluations.mark(db, moved)  # before: what is written and not marked would never be judged
    writes = [
        UpdateOne(
            {"_id": key},
            {"$set": {"words": version, "wording": hits}, ("$addToSet" if hits else "$pull"): {"marks": "wording"}},
        )
        for key, hits in found.items()
    ]
    if writes:
        db[names.POSTS].bulk_write(writes, ordered=False)
