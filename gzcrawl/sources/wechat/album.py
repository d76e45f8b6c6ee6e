"""Albums (合集), mp/appmsgalbum: the articles an account filed there. A lower bound of its activity, not all of it."""

from __future__ import annotations

import html
import json
from datetime import datetime
from typing import Any

from parsel import Selector

from gzcrawl.items import Outcome, Platform, Post
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.cleaning import as_dict, as_int, as_list, json_in, one_line, text_of
from gzcrawl.sources.encoding import decode
from gzcrawl.sources.outcomes import refusal
from gzcrawl.sources.times import epoch
from gzcrawl.sources.wechat.gone import absent
from gzcrawl.sources.wechat.urls import clean_url, native_id, native_id_of

SOURCE = "wechat.album"


def parse_album(page: Page, now: datetime) -> Parsed:  # noqa: ARG001 -- albums give epochs
    """One page of an album, as JSON (`f=json`) or as HTML.

    Hints: `begin_msgid` and `begin_itemidx` of the next page, only if there is one. `ret` 0 without `article_list` is
    the answer after the last page: `empty`. Order is by position in the album, not always by time.
    """
    if refused := refusal(page):
        return refused
    text = json_in(decode(page))
    if text.startswith("<"):
        return _from_html(text)
    try:
        answer = as_dict(json.loads(text))
    except (ValueError, RecursionError) as error:
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="wechat_bad_json", detail=str(error)[:200])
    ret = as_int(as_dict(answer.get("base_resp")).get("ret"))
    if ret:
        return Parsed(outcome=Outcome.BLOCKED, reason="wechat_album_refused", detail=f"ret {ret}")
    album = answer.get("getalbum_resp")
    if ret is None or not isinstance(album, dict):
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="wechat_no_album", detail=f"ret {ret}")
    return _from_json(album)


def _from_json(album: dict[str, Any]) -> Parsed:
    """All values are strings; a single article is an object, not a list; names stand on the first screen only."""
    info = as_dict(album.get("base_info"))
    articles = [as_dict(article) for article in as_list(album.get("article_list"))]
    goes_on = text_of(album.get("continue_flag")) == "1"
    if not articles and (
        goes_on or as_int(info.get("article_count")) or any(isinstance(v, list) for v in album.values())
    ):
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="wechat_no_album", detail=", ".join(album)[:200])
    if not articles:
        return Parsed(outcome=Outcome.EMPTY, reason="wechat_album_end", detail=one_line(info.get("title")))
    posts = [post for article in articles if (post := _post(article, info))]
    hints = {}
    if goes_on:
        last = articles[-1]
        hints = {"begin_msgid": text_of(last.get("msgid")), "begin_itemidx": text_of(last.get("itemidx"))}
    return _parsed(posts, len(articles), hints)


def _post(article: dict[str, Any], info: dict[str, Any]) -> Post | None:
    title = one_line(html.unescape(text_of(article.get("title"))))
    moment = epoch(text_of(article.get("create_time")))
    if not title or not moment:
        return None
    url = clean_url(text_of(article.get("url")))
    biz = text_of(article.get("key")).partition("_")[0]
    identity = native_id_of(url) or native_id(biz, text_of(article.get("msgid")), text_of(article.get("itemidx")))
    kind = as_int(article.get("item_show_type"))
    return Post(
        platform=Platform.WECHAT,
        native_id=identity,
        source=SOURCE,
        url=url or None,
        author_id=text_of(info.get("username")) or None,
        author_name=one_line(info.get("nickname")) or None,
        title=title,
        published_at=moment.at,
        precision=moment.precision,
        extra={} if kind is None else {"item_show_type": kind},
    )


def _from_html(text: str) -> Parsed:
    """The page a browser gets, with the same values in attributes."""
    root = Selector(text=text, type="html")
    rows = root.xpath("//li[@data-link and @data-title]")
    if not rows:
        return absent(root, text)
    info = {"nickname": root.xpath("string(//*[contains(@class, 'album__author-name')])").get()}
    articles = [
        {
            "title": row.xpath("@data-title").get(),
            "url": row.xpath("@data-link").get(),
            "msgid": row.xpath("@data-msgid").get(),
            "itemidx": row.xpath("@data-itemidx").get(),
            "create_time": row.xpath("string(.//*[contains(@class, 'js_article_create_time')])").get(),
        }
        for row in rows
    ]
    return _parsed([post for article in articles if (post := _post(article, info))], len(articles), {})


def _parsed(posts: list[Post], expected: int, hints: dict[str, Any]) -> Parsed:
    if len(posts) < expected:
        detail = f"{expected - len(posts)} of {expected} articles lack a title or a time"
        return Parsed(
            outcome=Outcome.LAYOUT_CHANGED, reason="wechat_fields_missing", detail=detail, items=[*posts], hints=hints
        )
    return Parsed(outcome=Outcome.OK, items=[*posts], hints=hints)
