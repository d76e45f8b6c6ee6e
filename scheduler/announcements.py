"""Which announcements there are: articles of the columns the registry designates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from pymongo.database import Database

from gzcrawl.items import Announcement, Platform, Post
from gzcrawl.registry import Registry, Site
from gzcrawl.store import announcements as store
from gzcrawl.store import matches, read


def refresh(db: Database[dict[str, Any]], registry: Registry, since: datetime) -> None:
    """Record every article of the designated columns published since then as an announcement.

    Its publisher's own versions, as far as they were found to repost it, make other reposts of it known.
    """
    stored = {a.id: a for a in read.announcements(db, since)}
    made = dict(stored)
    for site in registry.sites:
        for article in store.posts_in_columns(db, site.announcement_lists, since) if site.announcement_lists else ():
            made[article.key] = announcement(site, article, stored.get(article.key))
    publishers = {a.publisher for a in made.values()} & {d.id for d in registry.departments}
    accounts = [account.id for id in publishers if id for account in registry.accounts_of(id)]
    own = matches.reposting(db, accounts)
    departments = {account.id: account.department for account in registry.accounts}
    for id, item in made.items():
        versions = [p for p in own.get(id, ()) if departments.get(p.account_id or "") == item.publisher]
        made[id] = with_versions(item, versions)
    store.save(db, (item for id, item in made.items() if item != stored.get(id)))


def announcement(site: Site, article: Post, known: Announcement | None = None) -> Announcement:
    """The announcement an article makes; `known`: as it is stored."""
    return Announcement(
        id=article.key,
        title=article.title or "",
        body=article.text,
        url=article.url,
        published_at=article.published_at,
        precision=article.precision,
        publisher=site.department,
        obligated=site.announcement_group,
        native_ids=known.native_ids if known else [],
        links=known.links if known else [],
        due=known.due if known else None,
    )


def with_versions(item: Announcement, own: Iterable[Post]) -> Announcement:
    """`item` known by its publisher's own posts of it too."""
    own = list(own)
    ids = {post.native_id for post in own if post.platform is Platform.WEIBO}
    return replace(
        item,
        native_ids=sorted({*item.native_ids, *ids}),
        links=sorted({*item.links, *(str(post.url) for post in own if post.url)}),
    )
