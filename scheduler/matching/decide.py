"""The decision, strongest signal first: original, link, declared source, then title and text with their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gzcrawl.items import Announcement, Post, interval
from scheduler.matching.links import article_key
from scheduler.matching.text import grams, normalise, numbers

SURE = 0.6
"""Share of the post's text that stands in the announcement from which on it is a repost."""
DOUBTFUL = 0.3
FOREIGN = 0.34
"""Share of the post's numbers that the announcement lacks from which on it speaks of something else."""
MIN_TITLE = 8
MIN_TEXT = 12


class Decision(StrEnum):
    REPOST = "repost"
    NO = "no"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Match:
    decision: Decision
    score: float  # 0 … 1
    why: tuple[str, ...]


def match(announcement: Announcement, post: Post) -> Match:
    """Whether `post` reposts `announcement`, how surely, and why in Chinese."""
    if _earlier(announcement, post):
        return Match(Decision.NO, 0.0, ("早于公告发布",))
    declared = _declared(announcement, post)
    if declared:
        return Match(Decision.REPOST, 1.0, (declared,))
    return _by_text(announcement, post)


def _earlier(announcement: Announcement, post: Post) -> bool:
    if announcement.published_at is None or post.interval is None:
        return False
    return post.interval[1] <= interval(announcement.published_at, announcement.precision)[0]


def _declared(announcement: Announcement, post: Post) -> str | None:
    """What the platform or a link says outright."""
    original = post.repost_of
    if original and original.native_id and original.native_id in announcement.native_ids:
        return "转发原文"
    known = {article_key(url) for url in (announcement.url, *announcement.links) if url} - {None}
    if original and original.url and article_key(original.url) in known:
        return "转载来源相同"
    if known & {article_key(url) for url in post.links}:
        return "链接相同"
    return None


def _by_text(announcement: Announcement, post: Post) -> Match:
    original = post.repost_of
    parts_said = [post.title, post.text, *((original.title, original.text) if original else ())]
    said = "\n".join(filter(None, parts_said))
    text, title = normalise(said), normalise(announcement.title)
    if len(text) < MIN_TEXT and text != title:
        return Match(Decision.NO, 0.0, ("文字太少",))
    whole = f"{announcement.title}\n{announcement.body}"
    parts = grams(text)
    contained = len(parts & grams(normalise(whole))) / len(parts) if parts else 0.0
    own = numbers(said)
    foreign = len(own - numbers(whole)) / len(own) if own else 0.0
    titled = len(title) >= MIN_TITLE and title in text
    why = [f"正文包含 {contained:.0%}"]
    if titled:
        why.insert(0, "标题相同")
    if foreign > FOREIGN and announcement.body:
        return Match(Decision.NO, contained * (1 - foreign), (*why, "数字或日期不符"))
    if titled or contained >= SURE:
        return Match(Decision.REPOST, max(contained, SURE), tuple(why))
    decision = Decision.UNCERTAIN if contained >= DOUBTFUL else Decision.NO
    return Match(decision, contained, tuple(why))
