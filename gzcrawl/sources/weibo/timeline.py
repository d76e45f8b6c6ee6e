"""Timelines: m.weibo.cn/api/container/getIndex (mobile) and weibo.com/ajax/statuses/mymblog (desktop)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gzcrawl.items import Outcome, Post, Precision, Profile, RepostKind, interval
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.cleaning import as_dict, as_int, as_list, text_of
from gzcrawl.sources.weibo.answer import NO_CONTENT, data_of, error, message, read_answer
from gzcrawl.sources.weibo.mblog import read_post

MOBILE = "weibo.timeline"
DESKTOP = "weibo.desktop"
MAYBE_THROTTLED = "weibo_maybe_throttled"
_OWNER = re.compile(r"(?:107603|230413)(\d+)")
Pair = tuple[dict[str, Any], dict[str, Any]]  # (mblog, the card that carries it)


def parse_timeline(page: Page, now: datetime) -> Parsed:
    """The posts of one page of `data.cards`.

    Hints: `since_id` and `page` of the next page, `end` (there is none), `covers_from` (had anything been published
    since, this page would show it; None if unknown), `ambiguous_empty` (see `settle_empty`).
    """
    answer = read_answer(page)
    if isinstance(answer, Parsed):
        return answer
    data = data_of(answer)
    cards = data.get("cards")
    if not isinstance(cards, list):
        return _maybe_empty(answer) if NO_CONTENT in message(answer) else error(answer, "weibo_no_cards")
    if not cards or as_dict(cards[0]).get("mod_type") == "mod/empty":
        return _maybe_empty(answer)
    info = as_dict(data.get("cardlistInfo"))
    owner = _OWNER.match(text_of(info.get("containerid")))
    parsed = _read(list(_mblogs(cards)), MOBILE, now, owner[1] if owner else None)
    shown = len(parsed.posts)
    total = as_int(info.get("total"))
    following = as_int(info.get("page"))
    since = text_of(info.get("since_id"))
    complete = following in (None, 2) and total is not None and 0 < total <= shown
    parsed.hints |= {"since_id": since or None, "page": following, "end": complete or not (since or following)}
    return parsed


def parse_desktop(page: Page, now: datetime) -> Parsed:
    """`data.list` of a desktop timeline, or a single status (statuses/show); hints as for `parse_timeline`."""
    answer = read_answer(page)
    if isinstance(answer, Parsed):
        return answer
    data = as_dict(answer.get("data"))
    for status in (answer, data):
        if "created_at" in status:
            return _read([(status, {})], DESKTOP, now, None)
    posts = data.get("list")
    if not isinstance(posts, list):
        return error(answer, "weibo_no_list")
    since = text_of(data.get("since_id"))
    end = not since or data.get("bottom_tips_visible") is True
    if not posts:
        return _maybe_empty(answer)
    uid = re.search(r"[?&]uid=(\d+)", page.url)
    parsed = _read([(as_dict(post), {}) for post in posts], DESKTOP, now, uid[1] if uid else None)
    following = re.search(r"kp(\d+)$", since)
    parsed.hints |= {"since_id": since or None, "page": int(following[1]) if following else None, "end": end}
    return parsed


def parse_statuses(statuses: list[dict[str, Any]], source: str, now: datetime) -> Parsed:
    """Bare posts, as the Open API lists them; hints as for `parse_timeline`."""
    return _read([(status, {}) for status in statuses], source, now, None)


def settle_empty(parsed: Parsed, profile: Profile | None) -> Parsed:
    """Decide what an answer without posts means: 这里还没有内容 is said of an empty timeline and to fast pagers alike.

    Only a profile that answered and counts no posts proves the timeline empty.
    """
    if not parsed.hints.get("ambiguous_empty"):
        return parsed
    if profile is not None and profile.statuses_count == 0:
        return Parsed(outcome=Outcome.EMPTY, detail=parsed.detail, hints={**parsed.hints, "end": True})
    return parsed


def _maybe_empty(answer: dict[str, Any]) -> Parsed:
    return Parsed(
        outcome=Outcome.BLOCKED,
        reason=MAYBE_THROTTLED,
        detail=message(answer) or "no posts in the answer",
        hints={"ambiguous_empty": True},
    )


def _mblogs(cards: list[Any]) -> Iterator[Pair]:
    """Posts of cards (card_type 9) and of groups of cards (card_type 11); all other cards carry none."""
    queue = [as_dict(card) for card in reversed(cards)]
    while queue:
        card = queue.pop()
        if isinstance(card.get("mblog"), dict) or as_int(card.get("card_type")) == 9:
            yield as_dict(card.get("mblog")), card
        queue.extend(as_dict(inner) for inner in reversed(as_list(card.get("card_group"))))


def _read(pairs: list[Pair], source: str, now: datetime, owner: str | None) -> Parsed:
    posts: list[Post] = []
    broken = []
    for mblog, card in pairs:
        post = read_post(mblog, source, now, card)
        if post is None:
            broken.append(f"id {mblog.get('id')!r:.40}, created_at {mblog.get('created_at')!r:.60}")
        else:
            posts.append(post)
    own = _own(posts, owner)
    hints: dict[str, Any] = {"covers_from": _covers_from(own), "foreign": len(posts) - len(own)}
    if broken or not own:
        reason = "weibo_post_unreadable" if broken else "weibo_no_posts"
        detail = f"{len(broken)} of {len(pairs)} posts: {'; '.join(broken[:3])}" if broken else f"{len(pairs)} cards"
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason=reason, detail=detail, items=[*own], hints=hints)
    return Parsed(outcome=Outcome.OK, items=[*own], hints=hints)


def _own(posts: list[Post], owner: str | None) -> list[Post]:
    """Without the posts of others that a timeline shows (liked ones, promoted ones): they are no activity of the owner.

    The owner is believed only if one post at least is the owner's.
    """
    if owner is None or all(post.author_id != owner for post in posts):
        return posts
    return [post for post in posts if post.author_id in (owner, None) or _is_quick(post)]


def _is_quick(post: Post) -> bool:
    return post.repost_of is not None and post.repost_of.kind is RepostKind.QUICK


def _covers_from(posts: list[Post]) -> datetime | None:
    """The latest instant the last post of the page can stand for: everything newer than it is on the page.

    Pinned posts say nothing. Not the minimum of all times: an old post that stands before newer ones (pinned by a mark
    not known yet) would claim years that were never seen.
    """
    last = next((post for post in reversed(posts) if not post.pinned), None)
    if last is None or last.published_at is None:
        return None
    if last.precision is Precision.SECOND:
        return last.published_at
    return interval(last.published_at, last.precision)[1]
