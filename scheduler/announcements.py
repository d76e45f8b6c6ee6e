"""Which announcements there are: articles of the columns the registry designates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from pymongo.database import Database

from gzcrawl.items import Announcement, Platform, Post
from gzcrawl.registry import Registry, Site
from gzcrawl.store import announcements as store
from gzcrawl.store import read
from scheduler.matching import Decision, match


def refresh(db: Database[dict[str, Any]], registry: Registry, since: datetime, now: datetime) -> None:
    """Record every article of the designated columns published since then as an announcement."""
    for site in registry.sites:
        if not site.announcement_lists:
            continue
        accounts = [a.id for a in registry.accounts_of(site.department)]
        own = read.seen(db, accounts, since, now).posts
        found = store.posts_in_columns(db, site.announcement_lists, since)
        store.save(db, (announcement(site, post, _flatten(own.values())) for post in found))


def announcement(site: Site, article: Post, own_posts: Iterable[Post]) -> Announcement:
    """The announcement an article makes. `own_posts`: the publisher's, among which its own versions are found."""
    made = Announcement(
        id=article.key,
        title=article.title or "",
        body=article.text,
        url=article.url,
        published_at=article.published_at,
        precision=article.precision,
        publisher=site.department,
        obligated=site.announcement_group,
    )
    versions = [post for post in own_posts if match(made, post).decision is Decision.REPOST]
    made.native_ids = sorted(p.native_id for p in versions if p.platform is Platform.WEIBO)
    made.links = sorted({str(p.url) for p in versions if p.url})
    return made


def _flatten(groups: Iterable[Iterable[Post]]) -> Iterator[Post]:
    for group in groups:
        yield from group
