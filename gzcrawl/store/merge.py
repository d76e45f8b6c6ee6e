"""One post seen through several sources is one document. Pure: what is stored and what was seen in, what to store out.

Each field is kept from the source that knows best, remembered in `ranks`, and the time at its best precision, so the
document is the same in whatever order the sources are read. A text that the same source shows changed is an edit: the
old one goes to `edits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gzcrawl.items import LINK_ONLY, Post, Precision, RepostOf, interval
from gzcrawl.store.documents import to_document

RICHNESS = (
    "manual", "sogou.accounts", "sogou.articles", "feed", "wechat.album", "official.wechat", "weibo.desktop",
    "weibo.timeline", "govsite.list", "official.weibo", "weibo.longtext", "wechat.article", "govsite.article",
)  # fmt: skip
"""Sources of posts, the one that knows least first: a list tells less than the page it leads to."""

FINENESS = (Precision.UNKNOWN, Precision.MONTH, Precision.DAY, Precision.HOUR, Precision.MINUTE, Precision.SECOND)

SAID = (
    "account_id", "author_name", "title", "text", "published_at", "precision", "repost_of", "source_label", "links",
)  # fmt: skip
"""What decides whether it is a repost, and its wording: a change is compared and checked again (gzcrawl.store.matches, words)."""

EMPTY: tuple[Any, ...] = (None, "", [], {})

Document = dict[str, Any]


def richness(source: str) -> int:
    """Sources that are not in the table know more than a search index and less than the platform's own lists."""
    return RICHNESS.index(source) if source in RICHNESS else RICHNESS.index("sogou.articles") + 1


def merge(stored: Mapping[str, Any] | None, post: Post, at: datetime) -> Document:
    """The document after `post` was seen at `at`; equal to `stored` when that told nothing new."""
    rank, seen = richness(post.source), to_document(post)
    column = seen.pop("column")
    seen["long_text"] = bool(post.text) and post.long_text
    if stored is None:
        ranks = {name: rank if _told(name, value, post) else -1 for name, value in seen.items() if name != "precision"}
        columns = [column] if column else []
        times = {"first_seen_at": at, "last_seen_at": at}
        return found_by(seen) | {
            **seen,
            **times,
            "sources": [post.source],
            "columns": columns,
            "edits": [],
            "ranks": ranks,
            "version": 1,
        }
    merged = dict(stored)
    merged["ranks"] = dict(stored["ranks"])
    merged["last_seen_at"] = max(stored["last_seen_at"], at)
    merged["sources"] = sorted({*stored["sources"], post.source})
    merged["columns"] = sorted({*stored["columns"], column} - {None})
    _keep_edit(merged, post, rank, at)
    _take_time(merged, post, rank)
    for name, value in seen.items():
        timed = name in ("published_at", "precision")
        if not timed and _told(name, value, post) and rank >= merged["ranks"].get(name, -1):
            merged[name], merged["ranks"][name] = value, rank
    if any(merged[name] != stored[name] for name in SAID):
        merged["wording"] = []
        for name in ("compared", "words"):
            merged.pop(name, None)
    merged |= found_by(merged)
    if merged != stored:
        merged["version"] = stored["version"] + 1
    return merged


def found_by(document: Mapping[str, Any]) -> Document:
    """What rules find a post by: when it was published at the latest, and why one may want to read it.

    `partial` posts may hide something; rules look closer. The few posts with a mark have an index of their own.
    """
    at, precision = document["published_at"], Precision(document["precision"])
    original = document["repost_of"]
    hidden = original and RepostOf(**original).hidden(document["text"])
    link_only = document["links"] and len(document["text"]) <= LINK_ONLY
    partial = hidden or link_only or document["long_text"] or "\ufffd" in document["text"]
    reasons = {"partial": partial, "private": document["private"], "wording": document["wording"]}
    return {
        "latest_at": interval(at, precision)[1] if at and precision is not Precision.UNKNOWN else None,
        "marks": [name for name, holds in reasons.items() if holds],
    }


def _told(name: str, value: Any, post: Post) -> bool:
    """What a source does not tell never wipes out what another one told. Two fields belong to the text."""
    return bool(post.text) if name in ("long_text", "private") else value not in EMPTY


def _keep_edit(merged: Document, post: Post, rank: int, at: datetime) -> None:
    if post.text and merged["ranks"]["text"] == rank and merged["text"] != post.text:
        earlier = {"text": merged["text"], "title": merged["title"], "until": at}
        merged["edits"] = [*merged["edits"], earlier]


def _take_time(merged: Document, post: Post, rank: int) -> None:
    """The finer time; of two equally fine ones that of the richer source; of one source the first it told."""
    if post.published_at is None:
        return
    old, new = FINENESS.index(merged["precision"]), FINENESS.index(post.precision)
    if (new, rank) > (old, merged["ranks"]["published_at"]):
        merged["published_at"], merged["precision"] = post.published_at, str(post.precision)
        merged["ranks"]["published_at"] = rank
