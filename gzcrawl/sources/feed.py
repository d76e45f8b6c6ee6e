"""Feeds an operator runs for an account (RSSHub, we-mp-rss): RSS 0.9-2.0, Atom (RFC 4287), JSON Feed 1.0 and 1.1.

A feed is somebody else's copy: it lists what its maker got hold of, with its own delay, so it proves that something was
published, never that nothing was. How far it looks is told by its own time of building, not by when we fetched it.
"""

from __future__ import annotations

import io
import json
import re
from calendar import timegm
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import feedparser

from gzcrawl.items import Outcome, Platform, Post, Precision
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.cleaning import as_dict, as_list, one_line, text_of
from gzcrawl.sources.encoding import decode
from gzcrawl.sources.outcomes import refusal
from gzcrawl.sources.times import Moment, read_time
from gzcrawl.sources.wechat.body import html_text
from gzcrawl.sources.wechat.urls import clean_url, native_id_of

SOURCE = "feed"
_ZONE = re.compile(r"(?:Z|UTC?|GMT|[ECMP][SD]T|[+-]\d{2}:?\d{2})\s*$", re.I)
_DECLARED = re.compile(r"^(<\?xml\b[^>]{0,100}?)\s+encoding=['\"][^'\"]{0,40}['\"]")
_BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def parse_feed(page: Page, now: datetime) -> Parsed:
    """Hints: `built_at`, when the feed was made by its own account (at most `now`), None where it does not say.

    A feed without an entry is `layout_changed`: its maker failed, or knows nothing.
    """
    if refused := refusal(page):
        return refused
    text = decode(page).lstrip("\ufeff \t\r\n")
    return _from_json(text, now) if text.startswith("{") else _from_xml(text, now)


def _from_xml(text: str, now: datetime) -> Parsed:
    """`text` is decoded already: what the feed and its server say of the encoding is not asked again."""
    text = _DECLARED.sub(r"\1", text, count=1)
    read: Any = feedparser.parse(
        io.BytesIO(text.encode()), response_headers={"content-type": "application/xml; charset=utf-8"}
    )
    if not read.get("version"):
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="feed_not_a_feed", detail=text[:100])
    if read.get("bozo"):
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="feed_torn", detail=str(read.bozo_exception)[:200])
    posts = [_post(_entry(entry), now) for entry in read.entries]
    built = _xml_time(read.feed, "updated", now) or _xml_time(read.feed, "published", now)
    return _parsed(posts, built, now)


def _entry(entry: Any) -> dict[str, Any]:
    contents = [text_of(content.get("value")) for content in entry.get("content", ())]
    when = next((name for name in ("published", "updated") if entry.get(name)), "")
    return {
        "url": text_of(entry.get("link")),
        "title": text_of(entry.get("title")),
        "html": max((*contents, text_of(entry.get("summary"))), key=len),
        "time": text_of(entry.get(when)),
        "parsed": entry.get(f"{when}_parsed"),
        "author": text_of(entry.get("author")),
    }


def _from_json(text: str, now: datetime) -> Parsed:
    try:
        feed = as_dict(json.loads(text))
    except (ValueError, RecursionError) as error:
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="feed_torn", detail=str(error)[:200])
    if "jsonfeed.org/version" not in text_of(feed.get("version")) or not isinstance(feed.get("items"), list):
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="feed_not_a_feed", detail=", ".join(map(str, feed))[:200])
    posts = []
    for item in map(as_dict, feed["items"]):
        authors = [as_dict(author) for author in (*as_list(item.get("authors")), item.get("author"))]
        entry = {
            "url": text_of(item.get("url")) or text_of(item.get("id")),
            "title": text_of(item.get("title")),
            "html": text_of(item.get("content_html")) or text_of(item.get("content_text")),
            "time": text_of(item.get("date_published")) or text_of(item.get("date_modified")),
            "author": next((name for author in authors if (name := text_of(author.get("name")))), ""),
        }
        posts.append(_post(entry, now))
    return _parsed(posts, None, now)


def _xml_time(thing: Any, name: str, now: datetime) -> Moment | None:
    return _moment(text_of(thing.get(name)), thing.get(f"{name}_parsed"), now)


def _moment(written: str, parsed: Any, now: datetime) -> Moment | None:
    """A time without a zone means Asia/Shanghai here, where the feed libraries take UTC."""
    if not written:
        return None
    if parsed is not None and _ZONE.search(written):
        try:
            return Moment(datetime.fromtimestamp(timegm(parsed), UTC), Precision.SECOND)
        except (ValueError, OverflowError):
            return None
    if _ZONE.search(written):
        try:
            at = datetime.fromisoformat(written)
        except ValueError:
            return None
        return Moment(at.astimezone(UTC), Precision.SECOND) if at.tzinfo else None
    return read_time(written.replace("T", " "), now)


def _post(entry: dict[str, Any], now: datetime) -> Post | None:
    """The post, or None where what every entry has is missing: an address or a title, and a time not in the future."""
    url, title = clean_url(entry["url"]), one_line(html_text(entry["title"]))
    moment = _moment(entry["time"], entry.get("parsed"), now)
    if not (url or title) or moment is None or moment.at > now:
        return None
    platform, identity = identity_of(url)
    return Post(
        platform=platform,
        native_id=identity,
        source=SOURCE,
        url=url or None,
        author_name=one_line(entry["author"]) or None,
        title=title or None,
        text=html_text(entry["html"]),
        published_at=moment.at,
        precision=moment.precision,
    )


def identity_of(url: str) -> tuple[Platform, str]:
    """(platform, native id) as the platform's own sources give it; "" where the address does not carry it."""
    host, path = urlsplit(url).hostname or "", urlsplit(url).path
    if host.endswith(("weibo.com", "weibo.cn")):
        last = path.rstrip("/").rpartition("/")[2]
        return Platform.WEIBO, last if re.fullmatch(r"\d{16}", last) else _mid(last)
    if host.endswith("weixin.qq.com"):
        return Platform.WECHAT, native_id_of(url)
    return Platform.WEBSITE, url


def _mid(short: str) -> str:
    """The numeric id of a Weibo post from its short one: from the right, 4 letters of base 62 are 7 digits."""
    if not re.fullmatch(r"[0-9A-Za-z]{9}", short):
        return ""
    parts = (short[0:1], short[1:5], short[5:9])
    numbers = [sum(_BASE62.index(char) * 62**place for place, char in enumerate(reversed(part))) for part in parts]
    return str(numbers[0]) + "".join(f"{number:07d}" for number in numbers[1:])


def _parsed(posts: list[Post | None], built: Moment | None, now: datetime) -> Parsed:
    good = [post for post in posts if post]
    hints = {"built_at": min(built.at, now) if built else None}
    if not posts:
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="feed_empty")
    if len(good) < len(posts):
        detail = f"{len(posts) - len(good)} of {len(posts)} entries"
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="feed_entry_unreadable", detail=detail, items=[*good])
    return Parsed(outcome=Outcome.OK, items=[*good], hints=hints)
