"""Which announcement corrects, or publishes again, an earlier one of the same publisher. Pure.

In doubt they are two: a duty too many is seen by the office, a duty that vanished is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from gzcrawl.items import Announcement, Platform, Post, normalise_title
from scheduler.matching import Decision, match

CORRECTED_WITHIN = timedelta(days=30)
AGAIN_WITHIN = timedelta(days=7)
"""The same title and text without a word of correction: the article moved, or stands in two columns. Later it is a new issue."""

_MARK = re.compile(r"(?:更正|勘误|修订|重新发布|重新印发|重发|更新|补正)(?:版|稿|件|后|说明|通知|公告|启事)?")
_NUMBER = re.compile(r"[一-鿿]{1,12}\s?[〔\[（(](?:19|20)\d{2}[〕\]）)]\s?\d{1,4}\s?号")


def superseded(known: Iterable[Announcement], links: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Announcement id -> the first version of it, always one that supersedes nothing. `links`: those in each one's text."""
    firsts: list[Announcement] = []
    found: dict[str, str] = {}
    dated = [item for item in known if item.published_at]
    for item in sorted(dated, key=lambda one: (one.published_at, one.id)):
        first = next((one for one in reversed(firsts) if _supersedes(item, one, set(links.get(item.id, ())))), None)
        if first is None:
            firsts.append(item)
        else:
            found[item.id] = first.id
    return found


def _supersedes(later: Announcement, first: Announcement, links: set[str]) -> bool:
    if not later.publisher or later.publisher != first.publisher or not later.published_at or not first.published_at:
        return False
    age = later.published_at - first.published_at
    if age > CORRECTED_WITHIN:
        return False
    core, old = _core(later.title), _core(first.title)
    if not _MARK.search(later.title):
        return age <= AGAIN_WITHIN and bool(old) and core == old and _same_text(first, later)
    numbers = set(_NUMBER.findall(first.title + first.body)) & set(_NUMBER.findall(later.title + later.body))
    return (len(old) >= 8 and old in core) or bool(numbers) or (first.url is not None and first.url in links)


def _core(title: str) -> str:
    return normalise_title(_MARK.sub("", title))


def _same_text(first: Announcement, later: Announcement) -> bool:
    """By the bodies alone: the titles are equal already, and a series has one title for all its issues."""
    body = Post(
        platform=Platform.WEBSITE, native_id=later.id, source="announcement", text=later.body,
        published_at=later.published_at, precision=later.precision,
    )  # fmt: skip
    return bool(later.body) and match(replace(first, title=""), body).decision is Decision.REPOST
