"""What the platform or a link declares outright, and how little two texts may share before they are worth a look."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from gzcrawl.items import Announcement, Post
from scheduler.matching.links import article_keys, urls_in
from scheduler.matching.text import LONGEST, common, grams, normalise

RARE = 5
"""Runs of four characters that are not common ones which a repost shares at least…"""
SHORT = 60
"""…or, in a post of at most so many characters, which may be a headline in other words,"""
AKIN = 0.3
"""so large a share of its pairs of characters with the announcement's title and beginning…"""
TITLE = 6
"""…or the whole title, if it has so many characters."""
LEAD = 200


@dataclass(frozen=True, slots=True)
class Traces:
    """What an announcement is known by."""

    title: str
    rare: frozenset[str]
    lead: frozenset[str]  # pairs of the title and the beginning


@dataclass(frozen=True, slots=True)
class Spoken:
    """A post's text and what is looked up of it."""

    text: str
    grams: frozenset[str]
    pairs: frozenset[str]  # of a short text only


@lru_cache(maxsize=4096)
def traces(title: str, body: str) -> Traces:
    text = normalise(f"{title}\n{body}")
    return Traces(
        title=normalise(title),
        rare=frozenset(grams(text) - common()),
        lead=frozenset(grams(text[: LEAD + len(normalise(title))], 2)),
    )


def said(post: Post) -> str:
    """Everything a post says, its original's text included; of a huge one the beginning."""
    original = post.repost_of
    parts = [post.title, post.text, *((original.title, original.text) if original else ())]
    return "\n".join(filter(None, parts))[:LONGEST]


@lru_cache(maxsize=256)
def spoken(text: str) -> Spoken:
    normal = normalise(text)
    return Spoken(
        text=normal,
        grams=frozenset(grams(normal)),
        pairs=frozenset(grams(normal, 2)) if len(normal) <= SHORT else frozenset(),
    )


def related(known: Traces, post: Spoken) -> bool:
    """Whether the texts share enough to be compared at all; `Index` finds exactly these."""
    return (
        len(known.rare & post.grams) >= RARE
        or (len(known.title) >= TITLE and known.title in post.text)
        or bool(post.pairs and len(known.lead & post.pairs) >= AKIN * len(post.pairs))
    )


def names_of_announcement(announcement: Announcement) -> set[str]:
    """Its native ids and the articles its addresses name."""
    urls = [url for url in (announcement.url, *announcement.links) if url]
    return (
        article_keys(urls)
        | {f"id:{native}" for native in announcement.native_ids if native}
        | {f"weibo:{native}" for native in announcement.native_ids if native.isdigit()}
    )


def names_in_post(post: Post) -> dict[str, str]:
    """What a post declares to come from, and how it does so, in Chinese."""
    original = post.repost_of
    named = dict.fromkeys(article_keys([*post.links, *urls_in(said(post))]), "链接相同")
    if original and original.url:
        named |= dict.fromkeys(article_keys([original.url]), "转载来源相同")
    if original and original.native_id:
        named[f"id:{original.native_id}"] = "转发原文"
    return named
