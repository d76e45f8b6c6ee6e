"""One post (`mblog`) of the mobile or the desktop JSON as a `Post`."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from gzcrawl.items import Platform, Post, RepostKind, RepostOf
from gzcrawl.sources.attribution import source_label
from gzcrawl.sources.cleaning import as_dict, as_int, as_list, one_line, text_of
from gzcrawl.sources.times import read_time
from gzcrawl.sources.weibo.text import Text, read_html, unwrap

_UNITS = {"": 1, "万": 10_000, "亿": 100_000_000}
_ARTICLE_PAGES = ("article", "webpage")


def read_post(mblog: dict[str, Any], source: str, now: datetime, card: dict[str, Any] | None = None) -> Post | None:
    """The post, or None if it lacks what every post has: its id and its time.

    `card` is the card of the mobile timeline that carries it: a mark of pinning and, where `bid` is empty, the short
    id stand there.
    """
    mid = mid_of(mblog)
    moment = read_time(text_of(mblog.get("created_at")), now)
    if not mid or not moment:
        return None
    user = as_dict(mblog.get("user"))
    text = read_text(mblog)
    short = short_id(mblog, card or {})
    return Post(
        platform=Platform.WEIBO,
        native_id=mid,
        source=source,
        url=_url(user_id(user), short, mid),
        author_id=user_id(user),
        author_name=one_line(user.get("screen_name")) or None,
        text=text.plain,
        published_at=moment.at,
        precision=moment.precision,
        pinned=is_pinned(mblog, card or {}),
        repost_of=read_repost(mblog),
        source_label=source_label(text.plain),
        links=text.links,
        edit_count=_edits(mblog),
        long_text=text.cut,
        extra=_extra(mblog, short),
    )


def mid_of(mblog: dict[str, Any]) -> str | None:
    """The numeric id; `id` is a string in the mobile answers and a number in the desktop ones."""
    for name in ("mid", "idstr", "id"):
        if (number := as_int(mblog.get(name))) and number > 0:
            return str(number)
    return None


def user_id(user: dict[str, Any]) -> str | None:
    number = as_int(user.get("idstr")) or as_int(user.get("id"))
    return str(number) if number and number > 0 else None


def short_id(mblog: dict[str, Any], card: dict[str, Any]) -> str | None:
    """`bid` (mobile), `mblogid` (desktop), or the one in the scheme of the card when `bid` is empty."""
    for value in (mblog.get("bid"), mblog.get("mblogid")):
        if short := text_of(value):
            return short
    found = re.search(r"[?&]mblogid=(\w+)|/status/(\w+)", text_of(card.get("scheme")))
    return found[1] or found[2] if found else None


def is_pinned(mblog: dict[str, Any], card: dict[str, Any]) -> bool:
    """Any of the four marks. `mblogtype` 1 stands on ordinary posts: only 2 means pinned."""
    title = mblog.get("title")
    title_text = text_of(title.get("text") if isinstance(title, dict) else title)
    return (
        text_of(card.get("profile_type_id")).startswith("proweibotop")
        or mblog.get("isTop") in (1, "1", True)
        or as_int(mblog.get("mblogtype")) == 2
        or title_text == "置顶"
    )


def read_text(mblog: dict[str, Any]) -> Text:
    """The text as far as the answer has it. `text_raw` (desktop) is already plain; else the HTML of `text`."""
    whole = text_of(as_dict(mblog.get("longText")).get("longTextContent"))
    text = read_html(whole or text_of(mblog.get("text")))
    raw = text_of(mblog.get("text_raw"))
    if raw and not whole:
        text.plain = raw
    cut = text.cut or mblog.get("isLongText") in (True, 1, "1")
    text.cut = cut and not whole
    text.links = list(dict.fromkeys([*text.links, *_structured_links(mblog, raw)]))
    return text


def read_repost(mblog: dict[str, Any]) -> RepostOf | None:
    """What the post repeats: a retweet with its original attached, or a quick repost (快转) that tells only an id.

    An original that was deleted or hidden keeps its id and a sentence for text, and has no user.
    """
    original = as_dict(mblog.get("retweeted_status"))
    if original:
        user = as_dict(original.get("user"))
        author = user_id(user)
        mid = mid_of(original)
        return RepostOf(
            kind=RepostKind.RETWEET,
            native_id=mid,
            author_id=author,
            author_name=one_line(user.get("screen_name")) or None,
            url=_url(author, short_id(original, {}), mid) if mid else None,
            text=read_text(original).plain or None,
            deleted=not user or original.get("deleted") in (1, "1", True),
        )
    if origin := as_int(mblog.get("ori_mid")):
        return RepostOf(
            kind=RepostKind.QUICK,
            native_id=str(origin),
            author_id=user_id({"id": mblog.get("ori_uid")}),
            text=read_text(mblog).plain or None,
        )
    return None


def count(value: Any) -> int | None:
    """Counts are numbers, or texts such as "43.4万", "100万+", "1.2亿"; None for anything else (转发, 赞)."""
    if (number := as_int(value)) is not None:
        return number
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,4})?)(万|亿|)\+?", text_of(value).replace(",", ""))
    return round(float(found[1]) * _UNITS[found[2]]) if found else None


def _url(author: str | None, short: str | None, mid: str) -> str:
    return f"https://weibo.com/{author}/{short}" if author and short else f"https://m.weibo.cn/detail/{mid}"


def _edits(mblog: dict[str, Any]) -> int | None:
    """How often it was edited. The answers of 2019 say only whether: 1 then means "at least once"."""
    edits = as_int(mblog.get("edit_count"))
    if edits is not None:
        return edits
    edited = as_dict(mblog.get("edit_config")).get("edited")
    return int(edited) if isinstance(edited, bool) else None


def _structured_links(mblog: dict[str, Any], raw: str) -> list[str]:
    """Links told beside the text: `url_struct` (desktop, for short links in `text_raw`) and a linked article."""
    links = []
    for entry in map(as_dict, as_list(mblog.get("url_struct"))):
        short = text_of(entry.get("short_url"))
        if short and short in raw:
            target = unwrap(text_of(entry.get("long_url"))) or unwrap(text_of(entry.get("ori_url")))
            links += [link for link in (target, short) if link]
    page = as_dict(mblog.get("page_info"))
    if text_of(page.get("type")) in _ARTICLE_PAGES or text_of(page.get("object_type")) in _ARTICLE_PAGES:
        page_url = text_of(page.get("page_url"))
        target = unwrap(page_url) or page_url
        links += [target] if target.startswith("http") else []
    return links


def _extra(mblog: dict[str, Any], short: str | None) -> dict[str, Any]:
    """Facts nobody is judged by; absent where the answer has none."""
    client = read_html(text_of(mblog.get("source"))).plain
    facts = {
        "mblogid": short,
        "client": client or None,  # or the name of a super topic
        "region": text_of(mblog.get("region_name")).removeprefix("发布于").strip() or None,
        "pictures": len(as_list(mblog.get("pics")) or as_list(mblog.get("pic_ids"))),
        "reposts": count(mblog.get("reposts_count")),
        "comments": count(mblog.get("comments_count")),
        "likes": count(mblog.get("attitudes_count")),
        "edited_at": text_of(mblog.get("edit_at")) or None,
    }
    return {name: value for name, value in facts.items() if value is not None}
