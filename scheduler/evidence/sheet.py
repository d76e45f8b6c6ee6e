"""A stored answer as a page that a person can look at. Pure.

An article is the page as it came; what an interface answered (JSON, a list of search results) is set as a plain page of what the
parser read in it: name, times, texts. Both say above what they are, when the answer came, and its SHA-256. Personal data
is masked; where an article has any, it is set as a plain page too, because masking inside foreign markup could miss some.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gzcrawl.items import Outcome, Post
from gzcrawl.messages import reason_text
from gzcrawl.privacy import mask, redact
from gzcrawl.sources import Page
from gzcrawl.sources.encoding import decode
from gzcrawl.sources.registry import PARSERS
from scheduler.evidence.pages import page as page_of
from scheduler.evidence.personal import masked_text
from scheduler.notify.texts import when

ARTICLES = ("wechat.article", "govsite.article")
PLAIN = (
    "weibo.timeline", "weibo.profile", "weibo.desktop", "weibo.longtext", "sogou.accounts", "sogou.articles",
    "wechat.album", "wechat.about", "feed", "official.wechat", "official.weibo",
)  # fmt: skip
FIRST = 8
"""Posts that are shown of an answer below those a finding rests on, in its order."""

# What WeChat's script would do: an article is hidden until it has run.
_VISIBLE = "<style>#js_content,.rich_media_content{visibility:visible!important;opacity:1!important}</style>"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Two pages: ours that says what is seen, and what is seen below it."""

    label: str
    content: str


def can_be_shown(channel: str) -> bool:
    return is_article(channel) or _source(channel) in PLAIN


def is_article(channel: str) -> bool:
    return _source(channel) in ARTICLES


def sheet(page: Page, at: datetime, *, channel: str, target: str, sha256: str, marked: Collection[str]) -> Sheet | None:
    """Of one answer to `channel` for `target` (registry id); `marked`: keys of the posts that a finding rests on.

    None for an answer that says nothing by itself, as Weibo's empty list: beside a finding it would seem to deny it.
    """
    parsed = PARSERS[_source(channel)](page, at)
    if not parsed.outcome.observed:
        return None
    posts = [redact(replace(post, account_id=target)) for post in parsed.posts]
    whole = is_article(channel) and not any(post.private for post in posts)
    told: dict[str, Any] = {"whole": whole, "url": page.url, "at": at, "sha256": sha256, "posts": posts}
    label = page_of("label.html.j2", told, _shown, posted=_posted)
    if whole:
        return Sheet(label, _shown(decode(page)) + _VISIBLE)
    basis = [post for post in posts if post.key in marked]
    others = [post for post in posts if post.key not in marked]
    told |= {
        "profiles": parsed.profiles,
        "basis": basis,
        "others": others[:FIRST],
        "left_out": len(others[FIRST:]),
        "reason": "" if parsed.outcome is Outcome.OK else reason_text(parsed.reason),
        "empty": parsed.outcome is Outcome.EMPTY,
    }
    return Sheet(label, page_of("answer.html.j2", told, _shown, posted=_posted))


def _source(channel: str) -> str:
    return channel.partition(":")[0]


def _posted(post: Post) -> str:
    """No finer than the answer tells it."""
    return when(post.published_at, post.precision) or "这个应答没有写明时间"


def _shown(text: str | None) -> str:
    return masked_text(mask(text or ""))
