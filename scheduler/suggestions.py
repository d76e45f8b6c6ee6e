"""Texts that many departments carry within hours and that nobody announced: suggested to the operator, who alone decides.

A suggestion accuses nobody. It is found by whole sentences that posts share, and confirmed by the matcher.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from gzcrawl.items import Announcement, Post
from gzcrawl.registry import Account, Registry, Site
from gzcrawl.store import suggestions as store
from scheduler.announcements import headline
from scheduler.matching import Decision, match
from scheduler.matching.text import normalise, sentences
from scheduler.profile import Profile

LOOK_BACK = timedelta(days=3)
SENTENCE = 18
"""Characters of a sentence, decoration apart, that is not said by chance."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    first: Post  # the earliest
    posts: tuple[Post, ...]
    departments: frozenset[str]


def refresh(db: Database[dict[str, Any]], registry: Registry, profile: Profile, now: datetime) -> None:
    """Find texts that many departments carried lately and keep them for the operator."""
    settings = profile.values["announcements"]
    departments = {account.id: account.department for account in registry.accounts}
    departments |= {site.id: site.department for site in registry.sites}
    posts = store.unmatched_posts(db, now - LOOK_BACK)
    found = suggest(
        posts,
        departments,
        least=int(settings["suggest_departments"]),
        within=timedelta(hours=settings["suggest_hours"]),
    )
    for one in found:
        title, ids = headline(one.first), sorted(one.departments)
        keys = [post.key for post in one.posts]
        store.keep(db, one.first, title=title, departments=ids, posts=keys, at=now)


def suggest(
    posts: Iterable[Post], departments: Mapping[str, str], *, least: int, within: timedelta
) -> list[Suggestion]:
    """`departments`: of each account and site. Pure; linear in the sentences of the posts, but for what is shared."""
    ordered = sorted((p for p in posts if p.published_at and p.account_id in departments), key=_order)
    saying: dict[str, list[Post]] = defaultdict(list)
    for post in ordered:
        for sentence in _said(post):
            saying[sentence].append(post)
    found: list[Suggestion] = []
    taken: set[str] = set()
    for group in sorted(saying.values(), key=lambda one: (_order(one[0]), -len(one))):
        near = [p for p in group if p.key not in taken and _near(group[0], p, within)]
        if len({departments[str(p.account_id)] for p in near}) >= least:
            same = _confirmed(near)
            carriers = frozenset(departments[str(p.account_id)] for p in same)
            if len(carriers) >= least:
                found.append(Suggestion(same[0], tuple(same), carriers))
                taken.update(p.key for p in same)
    return found


def _said(post: Post) -> set[str]:
    """Its sentences, without what each department puts before them (提醒：…, 【…】)."""
    text = f"{post.title or ''}\n{post.text}".translate(dict.fromkeys(map(ord, "：:】"), "\n"))
    return {said for one in sentences(text) if len(said := normalise(one)) >= SENTENCE}


def _order(post: Post) -> tuple[datetime, str]:
    assert post.published_at is not None
    return post.published_at, post.key


def _near(first: Post, post: Post, within: timedelta) -> bool:
    assert first.published_at is not None
    assert post.published_at is not None
    return post.published_at - first.published_at <= within


def _confirmed(posts: Sequence[Post]) -> list[Post]:
    """The first, and those that repost it."""
    item = announcement_of(posts[0], None, "all")
    return [posts[0], *(p for p in posts[1:] if match(item, p).decision is Decision.REPOST)]


def announcement_of(post: Post, by: Account | Site | None, obligated: str, due: datetime | None = None) -> Announcement:
    """The announcement that a suggestion becomes when it is accepted."""
    return Announcement(
        id=post.key, title=headline(post), body=post.text, url=post.url, published_at=post.published_at,
        precision=post.precision, publisher=by.department if by else None, obligated=obligated, due=due, origin="suggested",
        native_ids=[post.native_id] if post.platform.value == "weibo" else [],
    )  # fmt: skip
