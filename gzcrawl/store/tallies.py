"""How many posts of each account and quarter are its own: counted again when a post came or changed.

A tally is `stale` before the posts are written that make it so, `counting` while it is counted, then `counted`: whatever is
killed, what is not `counted` is counted again, with the same result.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from gzcrawl.items import Platform, Tally, quarter
from gzcrawl.store import names
from gzcrawl.store.documents import from_document

Db = Database[dict[str, Any]]

AT_ONCE = 500


def marking(posts: Iterable[Mapping[str, Any]]) -> list[UpdateOne]:
    """The writes that make the tallies of these documents stale. A site's articles are not counted."""
    told = {
        (post["account_id"], quarter(post["published_at"])[0])
        for post in posts
        if post["account_id"] and post["published_at"] and post["platform"] != Platform.WEBSITE
    }
    return [_stale(account_id, start) for account_id, start in sorted(told)]


def mark(db: Db, accounts: Collection[str], at: datetime) -> None:
    """The tallies of that time's quarter are stale: a match came or went."""
    if writes := [_stale(account_id, quarter(at)[0]) for account_id in sorted(accounts)]:
        db[names.TALLIES].bulk_write(writes, ordered=False)


def _stale(account_id: str, start: datetime) -> UpdateOne:
    fields = {"account_id": account_id, "quarter": start, "state": "stale"}
    return UpdateOne({"_id": f"{account_id}|{start:%Y%m%d}"}, {"$set": fields}, upsert=True)


def stale(db: Db) -> Iterator[tuple[datetime, list[str]]]:
    """(beginning of the quarter, accounts) of what is to be counted, in batches, and now `counting`."""
    query = {"state": {"$in": ["stale", "counting"]}}
    waiting = list(db[names.TALLIES].find(query, ["quarter", "account_id"]).sort([("quarter", 1), ("_id", 1)]))
    for start, group in groupby(waiting, key=lambda document: document["quarter"]):
        accounts = [document["account_id"] for document in group]
        for first in range(0, len(accounts), AT_ONCE):
            batch = accounts[first : first + AT_ONCE]
            query = {"quarter": start, "account_id": {"$in": batch}}
            db[names.TALLIES].update_many(query, {"$set": {"state": "counting"}})
            yield start, batch


def count(db: Db, start: datetime, accounts: Collection[str], copies: Collection[str]) -> None:
    """Count the posts of these accounts and that quarter. `copies`: keys of posts that are another's announcement."""
    kind = {"$ifNull": ["$repost_of.kind", None]}
    copied = {"$and": [{"$eq": [kind, None]}, {"$in": ["$_id", list(copies)]}]}
    first, last = quarter(start)
    pipeline: list[dict[str, Any]] = [
        {"$match": {"account_id": {"$in": list(accounts)}, "published_at": {"$gte": first, "$lt": last}}},
        {
            "$group": {
                "_id": "$account_id",
                "posts": {"$sum": 1},
                "passed_on": {"$sum": {"$cond": [{"$eq": [kind, None]}, 0, 1]}},
                "copies": {"$sum": {"$cond": [copied, 1, 0]}},
            }
        },
    ]
    rows = {row.pop("_id"): row for row in db[names.POSTS].aggregate(pipeline)}
    none = {"posts": 0, "passed_on": 0, "copies": 0}
    writes = [
        UpdateOne(
            {"account_id": account, "quarter": start, "state": "counting"},
            {"$set": {**rows.get(account, none), "state": "counted"}},
        )
        for account in accounts
    ]
    db[names.TALLIES].bulk_write(writes, ordered=False)


def of(db: Db, accounts: Collection[str], at: datetime) -> dict[str, Tally]:
    """By account, the tally of that time's quarter."""
    query = {"account_id": {"$in": list(accounts)}, "quarter": quarter(at)[0], "state": "counted"}
    return {document["account_id"]: from_document(Tally, document) for document in db[names.TALLIES].find(query)}
