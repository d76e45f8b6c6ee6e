"""What is known of the questions under Weibo posts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from pymongo.database import Database

from gzcrawl.items import CommentCheck, Platform
from gzcrawl.registry import Account, State
from gzcrawl.store import names

Db = Database[dict[str, Any]]


def to_be_read(
    db: Db, accounts: Collection[str], since: datetime, before: datetime
) -> dict[str, list[tuple[str, str]]]:
    """By account, (post key, mid) of posts since then that have comments and were not looked at after `before`.

    Those with an unanswered question first, then the newest.
    """
    checks = {d["_id"]: d for d in db[names.COMMENT_CHECKS].find({"account_id": {"$in": list(accounts)}})}
    query = {"account_id": {"$in": list(accounts)}, "published_at": {"$gte": since}, "extra.comments": {"$gt": 0}}
    found: dict[str, list[tuple[bool, str, str]]] = defaultdict(list)
    for post in db[names.POSTS].find(query, ["account_id", "native_id"]).sort([("published_at", -1), ("_id", 1)]):
        check = checks.get(post["_id"])
        if check is None or check["at"] < before:
            is_open = check is not None and any(q["answered_at"] is None for q in check["questions"])
            found[post["account_id"]].append((not is_open, post["_id"], post["native_id"]))
    return {
        id: [(key, mid) for _settled, key, mid in sorted(posts, key=lambda p: p[0])]
        for id, posts in sorted(found.items())
    }


def without(db: Db, accounts: Iterable[Account], since: datetime, now: datetime) -> Iterator[CommentCheck]:
    """For accounts of which posts were seen since then, none of them with comments: there is nothing to answer."""
    ids = [a.id for a in accounts if a.platform is Platform.WEIBO and a.state is not State.CLOSED]
    commented = {"$max": {"$cond": [{"$eq": ["$extra.comments", 0]}, 0, 1]}}
    pipeline: list[dict[str, Any]] = [
        {"$match": {"account_id": {"$in": ids}, "published_at": {"$gte": since}}},
        {"$group": {"_id": "$account_id", "commented": commented}},
        {"$match": {"commented": 0}},
        {"$sort": {"_id": 1}},
    ]
    for row in db[names.POSTS].aggregate(pipeline):
        yield CommentCheck(
            account_id=row["_id"], post_key=f"{row['_id']}|none", url="", at=now, complete=True, questions=[]
        )


def posts_since(db: Db, account_id: str, since: datetime) -> list[tuple[datetime, str]]:
    """(time, text) of the account's posts since then."""
    query = {"account_id": account_id, "published_at": {"$gte": since}}
    return [
        (d["published_at"], d["text"]) for d in db[names.POSTS].find(query, ["published_at", "text"]).sort("_id", 1)
    ]
