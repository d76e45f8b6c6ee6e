"""Which announcements there are: articles of the columns, and posts of the accounts, that the registry designates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pymongo.database import Database

from gzcrawl.items import Announcement, Platform, Post
from gzcrawl.registry import Account, Registry, Site
from gzcrawl.store import announcements as store
from gzcrawl.store import matches, read
from scheduler.versions import superseded

_HEADLINE = re.compile(r"^\s*(?:#[^#\n]{1,30}#\s*)*【([^】\n]{4,80})】")
TITLE = 60


def refresh(db: Database[dict[str, Any]], registry: Registry, since: datetime) -> None:
    """Record what the designated columns and accounts published since then as announcements.

    Their publishers' own versions, as far as they were found to repost them, make other reposts of them known.
    """
    stored = {a.id: a for a in read.announcements(db, since)}
    reposting = matches.reposting(db, _of_publishers(registry, stored.values()))
    made, links = dict(stored), dict[str, list[str]]()
    for post, designated in _designated(db, registry, since, reposting):
        made[post.key] = announcement(designated, post, stored.get(post.key))
        links[post.key] = post.links
    departments = {account.id: account.department for account in registry.accounts}
    for id, item in made.items():
        versions = [p for p in reposting.get(id, ()) if departments.get(p.account_id or "") == item.publisher]
        made[id] = with_versions(item, versions)
    firsts = superseded(made.values(), links)
    for id, item in made.items():
        if item.origin != "operator":
            made[id] = replace(item, supersedes=firsts.get(id))
    store.save(db, (item for id, item in made.items() if item != stored.get(id)))


def _of_publishers(registry: Registry, known: Iterable[Announcement]) -> list[str]:
    """The accounts of all who have published announcements, or may."""
    makers = [site.department for site in registry.sites if site.announcement_lists]
    makers += [account.department for account in registry.accounts if account.announcement_group]
    publishers = {*makers, *(item.publisher for item in known if item.publisher)}
    return [account.id for department in sorted(publishers) for account in registry.accounts_of(department)]


def _designated(
    db: Database[dict[str, Any]], registry: Registry, since: datetime, reposting: Mapping[str, list[Post]]
) -> Iterator[tuple[Post, Site | Account]]:
    """Articles and posts that are announcements. An account's post that reposts another announcement is none."""
    for site in registry.sites:
        for article in store.posts_in_columns(db, site.announcement_lists, since) if site.announcement_lists else ():
            yield article, site
    accounts = {account.id: account for account in registry.accounts if account.announcement_group}
    passed_on = {post.key for id, posts in reposting.items() for post in posts if post.key != id}
    for post in store.compared_posts(db, list(accounts), since) if accounts else ():
        account = accounts[post.account_id or ""]
        said = f"{post.title or ''}\n{post.text}"
        wanted = not account.announcement_words or any(word in said for word in account.announcement_words)
        if wanted and not post.repost_of and post.key not in passed_on:
            yield post, account


def announcement(designated: Site | Account, post: Post, known: Announcement | None = None) -> Announcement:
    """The announcement a post makes; `known`: as it is stored."""
    is_site = isinstance(designated, Site)
    return Announcement(
        id=post.key,
        title=headline(post),
        body=post.text,
        url=post.url,
        published_at=post.published_at,
        precision=post.precision,
        publisher=designated.department,
        obligated=designated.announcement_group or "all",
        native_ids=known.native_ids if known else [post.native_id] if post.platform is Platform.WEIBO else [],
        links=known.links if known else [],
        due=known.due if known else None,
        origin=known.origin if known else "list" if is_site else "account",
    )


def headline(post: Post) -> str:
    """Its title; of a Weibo post what stands in 【】, else its first line."""
    if post.title:
        return post.title
    found = _HEADLINE.search(post.text)
    return found[1] if found else post.text.strip().partition("\n")[0][:TITLE]


def with_versions(item: Announcement, own: Iterable[Post]) -> Announcement:
    """`item` known by its publisher's own posts of it too."""
    own = list(own)
    ids = {post.native_id for post in own if post.platform is Platform.WEIBO}
    return replace(
        item,
        native_ids=sorted({*item.native_ids, *ids}),
        links=sorted({*item.links, *(str(post.url) for post in own if post.url)}),
    )
