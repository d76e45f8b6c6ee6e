"""The tallies of own content brought up to date."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pymongo.database import Database

from gzcrawl.items import Announcement
from gzcrawl.registry import Account, Registry
from gzcrawl.store import matches, tallies

Db = Database[dict[str, Any]]


def refresh(
    db: Db, registry: Registry, announcements: Collection[Announcement], moved: Collection[str], now: datetime
) -> None:
    """Count what is stale. `moved`: accounts of which a match with an announcement came or went."""
    tallies.mark(db, [id for id in moved if isinstance(registry.by_id.get(id), Account)], now)
    publishers = {announcement.id: announcement.publisher for announcement in announcements}
    for start, accounts in tallies.stale(db):
        tallies.count(db, start, accounts, _copies(db, registry, publishers, accounts))


def _copies(db: Db, registry: Registry, publishers: dict[str, str | None], accounts: list[str]) -> set[str]:
    """Posts that are another department's announcement for sure; a publisher's own versions are its own content."""
    return {
        found["post_key"]
        for found in matches.of_targets(db, accounts)
        if found["decision"] == "repost"
        and publishers.get(found["announcement_id"])
        != getattr(registry.by_id.get(found["account_id"]), "department", "")
    }
