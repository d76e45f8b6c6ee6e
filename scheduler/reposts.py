"""Posts compared with announcements after a crawl: only what is new or changed, each pair once (gzcrawl.store.matches).

Rules ask for the result through `matches_of`; nothing else in the product decides whether a post is a repost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from pymongo.database import Database

from gzcrawl.items import SHANGHAI, Announcement
from gzcrawl.registry import Registry
from gzcrawl.store import matches as store
from gzcrawl.store import read
from gzcrawl.store.documents import to_document
from scheduler import announcements
from scheduler.matching import Decision, Index, Match, match
from scheduler.rules.base import Matches

Db = Database[dict[str, Any]]

PASSES = 4
"""An announcement's own versions are found by matching and make other reposts known: two passes, seldom three."""

NOT_TEXT = ("obligated", "due", "origin")
"""Fields of an announcement that do not decide what reposts it."""

BY_A_PERSON = ("人工认定",)


def refresh(db: Db, registry: Registry, since: datetime) -> frozenset[str]:
    """Bring announcements published since then, and what reposts them, up to date with what was seen.

    The ids of the accounts and sites for which a match came, went or changed.
    """
    moved: set[str] = set()
    for _pass in range(PASSES):
        announcements.refresh(db, registry, since)
        done, of_these = compare(db, read.announcements(db, since), since)
        moved |= of_these
        if not done:
            break
    return frozenset(moved)


def compare(db: Db, known: Sequence[Announcement], since: datetime) -> tuple[bool, set[str]]:
    """Compare new posts with all announcements, and all posts with new announcements.

    Whether there was anything to compare, and the accounts and sites whose matches moved.
    """
    before, marks = store.announcement_marks(db), {a.id: mark_of(a) for a in known}
    changed = [a for a in known if before.get(a.id) != marks[a.id]]
    moved: set[str] = set()
    any_post = False
    everything = Index(known)
    for batch in store.new_posts(db, matcher(), since):
        any_post = True
        moved |= store.replace(db, _matches(batch, everything, marks), [s.post.key for s in batch], marks)
        store.mark_posts(db, batch, matcher())
    if changed:
        fresh, ids = Index(changed), [a.id for a in changed]
        start = min((a.published_at for a in changed if a.published_at), default=since)
        for batch in store.marked_posts(db, matcher(), start):
            moved |= store.replace(db, _matches(batch, fresh, marks), [s.post.key for s in batch], ids)
        store.mark_announcements(db, {id: marks[id] for id in ids})
    return any_post or bool(changed), moved


def _matches(batch: Iterable[store.Stored], index: Index, marks: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    for stored in batch:
        post = stored.post
        for announcement in index.candidates(post) if post.account_id else ():
            found = match(announcement, post)
            if found.decision is not Decision.NO:
                yield {
                    "announcement_id": announcement.id,
                    "post_key": post.key,
                    "account_id": post.account_id,
                    "decision": str(found.decision),
                    "score": round(found.score, 4),
                    "why": list(found.why),
                    "made_by": marks[announcement.id],
                }


def matches_of(db: Db, targets: Collection[str], decisions: Mapping[tuple[str, str], bool]) -> Matches:
    """Announcement id -> post key -> what the posts of these accounts and sites repost, or may.

    What a person decided goes before what was computed.
    """
    found: dict[str, dict[str, Match]] = {}
    for m in store.of_targets(db, targets):
        made = Match(Decision(m["decision"]), m["score"], tuple(m["why"]))
        found.setdefault(m["announcement_id"], {})[m["post_key"]] = made
    for (announcement_id, post_key), is_repost in decisions.items():
        by_post = found.setdefault(announcement_id, {})
        if is_repost:
            by_post[post_key] = Match(Decision.REPOST, 1.0, BY_A_PERSON)
        else:
            by_post.pop(post_key, None)
    return found


@cache
def matcher() -> str:
    """Names the matcher by its code and model: another one decides everything again."""
    digest = hashlib.sha256()
    for file in sorted(resources.files("scheduler.matching").iterdir(), key=lambda file: file.name):
        if file.is_file():
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def mark_of(announcement: Announcement) -> str:
    """Names what `announcement` is matched by, and by which matcher."""
    said = {name: value for name, value in to_document(announcement).items() if name not in NOT_TEXT}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, default=lambda at: at.astimezone(SHANGHAI).isoformat())
    return hashlib.sha256(f"{matcher()}{text}".encode()).hexdigest()[:16]
