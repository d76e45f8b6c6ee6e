"""Recent posts checked with the operator's word list: each once, and again when it or the list changed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any

from pymongo.database import Database

from gzcrawl.items import Post, RepostKind
from gzcrawl.store import words as store
from scheduler.words import Hit, WordList

AT_ONCE = 1000


def refresh(db: Database[dict[str, Any]], words: WordList, since: datetime) -> None:
    """Record the hits of every post published since then that this list has not seen yet."""
    waiting = store.unchecked(db, words.version, since)
    while posts := list(islice(waiting, AT_ONCE)):
        found = {post.key: [asdict(hit) for hit in check(words, post)] for post in posts}
        moved = {post.account_id for post in posts if post.account_id and found[post.key] != post.wording}
        store.record(db, words.version, found, moved)


def check(words: WordList, post: Post) -> list[Hit]:
    """Hits in what the account says itself: not in an original it passes on, nor in what it quotes of others (//@…)."""
    if post.repost_of and post.repost_of.kind is not RepostKind.RETWEET:
        return []
    return [hit for text in (post.title or "", post.text.partition("//@")[0]) for hit in words.find(text)]
