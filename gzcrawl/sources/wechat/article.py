"""Article pages, mp.weixin.qq.com/s/…, of 2017 to 2026 and of all item types.

`item_show_type`: 0 article, 5 video, 6 music, 7 audio, 8 pictures, 10 text, 11 shared article, 17 short. Types other
than 0 and 11 keep their text in scripts only: an empty or missing `#js_content` there is no deletion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parsel import Selector

from gzcrawl.items import Outcome, Platform, Post, RepostKind
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.attribution import source_label
from gzcrawl.sources.cleaning import as_int, one_line, readable, text_of
from gzcrawl.sources.encoding import decode
from gzcrawl.sources.outcomes import refusal
from gzcrawl.sources.times import Moment, absolute_time, epoch
from gzcrawl.sources.wechat.body import html_text, node_links, node_text
from gzcrawl.sources.wechat.gone import absent
from gzcrawl.sources.wechat.repost import copyright_stat, read_repost
from gzcrawl.sources.wechat.script import assignments, cgi_data, first, plain, unescape
from gzcrawl.sources.wechat.urls import clean_url, native_id, native_id_of

SOURCE = "wechat.article"
_RICH_TYPES = ("", "0", "11")
_UNTITLED_TYPES = ("10", "17")
_EPOCHS = (  # `ct` wins; the others say the same where it is missing
    "ct",
    "cgi.ori_create_time",
    "oriCreateTime",
    "create_time",
    "createTimestamp",
    "ori_create_time",
    "cgi.ori_send_time",
    "ori_send_time",
)
_DATES = ("createTime", "cgi.create_time", "publish_time")
_SHOWN_DATES = ("publish_time", "post-date")
_NOTICE = re.compile(r"""innerHTML\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", re.S)


@dataclass(slots=True)
class _Article:
    """A page taken apart: its DOM, the values in its scripts ("cgi.…" for cgiDataNew), and its text."""

    page: Page
    root: Selector
    values: dict[str, str]
    body: Any = None  # the element #js_content

    @property
    def kind(self) -> str:
        return first(self.values, "item_show_type", "cgi.item_show_type")


def parse_article(page: Page, now: datetime) -> Parsed:  # noqa: ARG001 -- an article's own time needs no clock
    """One post for an article; else how it is gone, what stands in the way, or which mandatory value is missing."""
    if refused := refusal(page):
        return refused
    text = decode(page)
    root = Selector(text=text or " ", type="html")
    scripts = root.xpath("//script/text()").getall()
    values = assignments(scripts) | {f"cgi.{name}": value for name, value in cgi_data(scripts).items()}
    content = root.xpath("//*[@id='js_content']")
    if not content and not root.xpath("//*[@id='js_article']") and not first(values, *_EPOCHS):
        return absent(root, text)
    article = _Article(page, root, values, content[0] if content else None)
    post = _post(article)
    missing = [
        name
        for name, there in (
            ("time", post.published_at),
            ("account", readable(post.author_name or post.author_id or "")),
            ("title or text", post.title or post.text),
        )
        if not there
    ]
    if missing:
        instead = absent(root, text)
        if article.body is None and instead.outcome is not Outcome.LAYOUT_CHANGED:
            return instead
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="wechat_fields_missing", detail=", ".join(missing))
    return Parsed(outcome=Outcome.OK, items=[post])


def _post(article: _Article) -> Post:
    values = article.values
    moment = _published(article)
    shown = node_text(article.body.root) if article.body is not None else ""
    repost = read_repost(values, article.root, empty_body=not shown)
    text = _notice(article.root) if repost and repost.kind is RepostKind.SHARE else _text(article, shown)
    declared = copyright_stat(values)
    post = Post(
        platform=Platform.WECHAT,
        native_id=_native_id(article),
        source=SOURCE,
        url=_url(article) or article.page.url or None,
        author_id=first(values, "user_name", "cgi.user_name") or None,
        author_name=_account(article) or None,
        title=_title(article, text) or None,
        text=text,
        original=declared == "1" if declared else None,
        repost_of=repost,
        source_label=one_line(plain(_claimed_source(article))) or source_label(text),
        links=_links(article),
        extra=_extra(article),
    )
    if moment:
        post.published_at, post.precision = moment
    return post


def _published(article: _Article) -> Moment | None:
    """Seconds where any script has them; else the text in Beijing time; else the day old pages show."""
    for name in _EPOCHS:
        if moment := epoch(article.values.get(name, "")):
            return moment
    shown = [article.root.xpath(f"string(//*[@id='{name}'])").get(default="") for name in _SHOWN_DATES]
    for text in (*(article.values.get(name, "") for name in _DATES), *shown):
        if moment := absolute_time(text):
            return moment
    return None


def _account(article: _Article) -> str:
    """The account's name; never a loose `nick_name`, which is the advertising account's on ordinary pages."""
    if name := first(article.values, "nickname", "nick_name", "cgi.nick_name"):
        return one_line(plain(name))
    shown = _first_text(
        article.root,
        "//*[@id='js_name']",
        "//*[contains(@class, 'wx_follow_nickname')]",
        "//*[@id='post-user']",
        "//*[contains(@class, 'profile_nickname')]",
    )
    # Where a page was cut inside the name, or inside the tag behind it, half a name would pass for another account's.
    torn = b"</html>" not in article.page.body[-2000:].lower()
    closed = re.search(re.escape(shown).encode() + rb"\s*</", article.page.body)
    return shown if closed or not torn else ""


def _title(article: _Article, text: str) -> str:
    """The title; none for a text post without one, whose `msg_title` is its whole text."""
    value = first(article.values, "msg_title", "cgi.title", "title")
    title = one_line(plain(value or article.root.xpath("//meta[@property='og:title']/@content").get(default="")))
    title = title or _first_text(article.root, "//*[@id='activity-name']", "//h1")
    if article.kind in _UNTITLED_TYPES and article.values.get("cgi.text_page_info.is_user_title") != "1":
        return "" if one_line(text).startswith(title) else title
    return title


def _text(article: _Article, shown: str) -> str:
    """The body: what `#js_content` shows, or what the scripts hold for pages that are filled in the browser."""
    values = article.values
    if article.kind in _RICH_TYPES:
        return shown or html_text(values.get("cgi.content_noencode", ""))
    held = first(
        values,
        "cgi.text_page_info.content_noencode",
        "cgi.content_noencode",
        "TextContentNoEncode",
        "ContentNoEncode",
        "videoContentNoEncode",
        "desc",
        "cgi.desc",
    )
    held = held or article.root.xpath("//meta[@name='description']/@content").get(default="")
    return html_text(held, line_breaks=True) or shown


def _notice(root: Selector) -> str:
    """What an account wrote over an article it shares: set by a script inside `#js_share_notice`."""
    notice = root.xpath("//*[@id='js_share_notice']")
    if not notice:
        return ""
    if found := _NOTICE.search("".join(notice[0].xpath(".//script/text()").getall())):
        return html_text(unescape(found[1][1:-1]), line_breaks=True)
    return node_text(notice[0].root)


def _native_id(article: _Article) -> str:
    """`biz:mid:idx` from the scripts, else from an address of the page."""
    values = article.values
    biz = first(values, "cgi.bizuin", "appuin", "biz")
    mid = first(values, "cgi.mid", "mid", "appmsgid")
    found = native_id(biz, mid, first(values, "cgi.idx", "idx"))
    addresses = (article.page.url, first(values, "msg_link", "cgi.link"), _meta(article.root, "og:url"))
    return found or next((id for id in map(native_id_of, addresses) if id), "")


def _url(article: _Article) -> str:
    """The page's own lasting address (short where it has one)."""
    named = first(article.values, "msg_link", "cgi.link") or _meta(article.root, "og:url")
    return clean_url(named)


def _claimed_source(article: _Article) -> str:
    """创作来源, declared by the author: `window.claim_source = { claim_source: '…' }`."""
    for script in article.root.xpath("//script[contains(text(), 'claim_source')]/text()").getall():
        if found := re.search(r"\bclaim_source\s*:\s*'([^'\\\n]{1,200})'", script):
            return found[1]
    return ""


def _links(article: _Article) -> list[str]:
    """阅读原文 first, then the links of the body."""
    source = clean_url(plain(first(article.values, "msg_source_url", "cgi.source_url")))
    inside = node_links(article.body) if article.body is not None else []
    return list(dict.fromkeys([*([source] if source else []), *inside]))


def _extra(article: _Article) -> dict[str, Any]:
    values = article.values
    modified = epoch(values.get("modify_time", ""))
    facts = {
        "item_show_type": as_int(article.kind),
        "wechat_id": first(values, "alias", "cgi.alias")
        or _first_text(article.root, "//*[@class='profile_meta_value']"),
        "byline": one_line(plain(first(values, "author", "cgi.author"))) or _meta(article.root, "og:article:author"),
        "modified_at": modified.at if modified else None,
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _meta(root: Selector, name: str) -> str:
    return text_of(root.xpath(f"//meta[@property='{name}']/@content").get())


def _first_text(root: Selector, *paths: str) -> str:
    return next((text for path in paths if (text := one_line(root.xpath(f"string({path})").get()))), "")
