"""Sogou's search of WeChat (weixin.sogou.com): accounts (type=1), articles (type=2), and its mobile lists.

The index is late and incomplete: what it shows was published; what it does not show proves nothing. Its links lead
to a captcha, so everything worth keeping is read from the lists themselves.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from urllib.parse import urljoin

from parsel import Selector

from gzcrawl.items import Outcome, Platform, Post, Precision, Profile
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.cleaning import as_dict, as_list, one_line, readable, text_of
from gzcrawl.sources.encoding import decode
from gzcrawl.sources.outcomes import refusal
from gzcrawl.sources.times import Moment, epoch
from gzcrawl.sources.wechat.urls import native_id_of

ACCOUNTS = "sogou.accounts"
ARTICLES = "sogou.articles"
_BASE = "https://weixin.sogou.com/"
_TIME = re.compile(r"timeConvert\(\s*['\"]?(\d{9,13})")
_XML_FIELD = re.compile(r"<(title|url|sourcename|openid|content168|lastModified)>(?:<!\[CDATA\[)?([^<\]]*)")
_XML_HIGHLIGHT = dict.fromkeys(map(ord, "\ue40a\ue40b"))  # around the search word
_NO_RESULT = re.compile(
    r"暂无与.{1,80}相关的官方认证订阅号|没有找到相关的微信公众号文章|<!--resultbarnum:0-->|\"totalItems\":\s*0\b"
)
_LOGIN = re.compile(r"登录后查看")  # the same box is shown after the hundredth result


def parse_accounts(page: Page, now: datetime) -> Parsed:  # noqa: ARG001 -- Sogou gives epochs
    """The accounts found, and for each that shows 最近文章 that article as a post.

    Mandatory is the name. 认证 and 最近文章 stand on some cards only, so rows are found by their label; no 认证 row
    means unknown, not unverified: the index may be older than the verification.
    """
    root = _read(page)
    if isinstance(root, Parsed):
        return root
    cards = _cards(root, "//ul[contains(@class, 'news-list2')]")
    if not cards:
        return _nothing(root, page, "sogou_no_account_cards")
    profiles = [_account(card) for card in cards]
    known = [profile for profile in profiles if profile]
    posts = [post for card, profile in zip(cards, profiles, strict=True) if profile if (post := _recent(card, profile))]
    if len(known) < len(cards):
        detail = f"{len(cards) - len(known)} of {len(cards)} cards have no readable name"
        return Parsed(
            outcome=Outcome.LAYOUT_CHANGED, reason="sogou_card_unreadable", detail=detail, items=[*known, *posts]
        )
    return Parsed(outcome=Outcome.OK, items=[*known, *posts])


def parse_articles(page: Page, now: datetime) -> Parsed:  # noqa: ARG001 -- Sogou gives epochs
    """The articles found: of the search page, of the mobile lists, or of the search in JSON.

    Mandatory are the titles of all, and of the page as a whole some times and some accounts: a single card may lack
    either, all cards only if the layout changed.
    """
    root = _read(page)
    if isinstance(root, Parsed):
        return root
    found = _articles(root, page)
    if not found:
        return _nothing(root, page, "sogou_no_article_cards")
    posts = [post for post in found if post]
    missing = [
        name
        for name, there in (
            ("title", len(posts) == len(found)),
            ("time", any(post.published_at for post in posts)),
            ("account", any(post.author_name for post in posts)),
        )
        if not there
    ]
    if missing:
        detail = f"missing in {len(found)} cards: {', '.join(missing)}"
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="sogou_card_unreadable", detail=detail, items=[*posts])
    return Parsed(outcome=Outcome.OK, items=[*posts])


def _read(page: Page) -> Selector | Parsed:
    return refusal(page) or Selector(text=decode(page) or " ", type="html")


def _cards(root: Selector, path: str) -> list[Selector]:
    """The results of a list: its rows with Sogou's ids, or all rows where ids are missing."""
    rows = root.xpath(f"{path}/li")
    return [*rows.xpath("self::*[starts-with(@id, 'sogou_vr_')]")] or [*rows]


def _nothing(root: Selector, page: Page, reason: str) -> Parsed:
    """No cards: a search without results says so; anything else is a layout that is not known."""
    box = one_line(root.xpath("string(//*[@id='noresult_part1_container'])").get())
    said = _NO_RESULT.search(decode(page))
    if (box and not _LOGIN.search(box)) or said:
        return Parsed(outcome=Outcome.EMPTY, reason="sogou_no_results", detail=box[:200] or (said[0] if said else ""))
    title = one_line(root.xpath("string(//title)").get())
    return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason=reason, detail=box[:200] or title[:100])


def _text(card: Selector, path: str) -> str:
    """Text of the first match: the highlighting of the search word (`<em><!--red_beg-->`) falls away."""
    return one_line(card.xpath(f"string({path})").get())


def _attribute(card: Selector, path: str) -> str:
    return text_of(card.xpath(path).get())


def _absolute(href: str) -> str:
    """The address of a link of the page, "" if it is none."""
    try:
        return urljoin(_BASE, href) if href else ""
    except ValueError:
        return ""


def _time(card: Selector, *paths: str) -> Moment | None:
    """The first epoch: an attribute, or the argument of the script that would have written the time."""
    for path in paths:
        for value in card.xpath(path).getall():
            found = _TIME.search(value)
            if moment := epoch(found[1] if found else value):
                return moment
    return None


def _account(card: Selector) -> Profile | None:
    name = _text(card, ".//p[contains(@class, 'tit')]//a")
    if not readable(name):
        return None
    rows = {_label(row): row for row in card.xpath(".//dl")}
    verified_body = _text(rows["认证"], "./dd") if "认证" in rows else ""
    wechat_id = _text(card, ".//label[@name='em_weixinhao']") or None
    return Profile(
        platform=Platform.WECHAT,
        source=ACCOUNTS,
        native_id=wechat_id if wechat_id and wechat_id.startswith("gh_") else None,
        name=name,
        wechat_id=wechat_id,
        verified=True if verified_body else None,
        verification=verified_body or None,
        description=(_text(rows["功能介绍"], "./dd") or None) if "功能介绍" in rows else None,
        extra={"openid": _attribute(card, "./@d")},
    )


def _label(row: Selector) -> str:
    """`认证` of `<dt><script>document.write(authname('2'))</script>认证：</dt>`."""
    words = "".join(row.xpath("./dt//text()[not(parent::script)]").getall())
    return re.sub(r"[\s:：]+", "", words)


def _recent(card: Selector, profile: Profile) -> Post | None:
    """The row 最近文章; it may be years old. Without a readable time it is no observation."""
    link = ".//dd//a[starts-with(@uigs, 'account_article')]"
    title = _text(card, link)
    moment = _time(card, ".//dd//script/text()")
    if not title or not moment:
        return None
    url = _absolute(_attribute(card, f"{link}/@href"))
    profile.extra["last_article"] = {"title": title, "published_at": moment.at, "url": url}
    return _post(
        ACCOUNTS, title=title, url=url, moment=moment, author=profile.name or "", openid=profile.extra["openid"]
    )


def _articles(root: Selector, page: Page) -> list[Post | None]:
    """One entry for each result, None for one that cannot be read."""
    if documents := _json_documents(page):
        return [_article_of_xml(document) for document in documents]
    if cards := _cards(root, "//ul[contains(@class, 'news-list') and not(contains(@class, 'news-list2'))]"):
        return [_article(card) for card in cards]
    return [_article_of_wap(card) for card in root.xpath("//li[@d and (.//h4//a or .//span[@data-lastmodified])]")]


def _article(card: Selector) -> Post | None:
    """The page header has an `all-time-y2` too, so the account is looked for in the card's own line only."""
    line = ".//div[contains(concat(' ', @class, ' '), ' s-p ')]"
    account = f"({line}//a[contains(@class, 'account')] | {line}//span[contains(@class, 'all-time-y2')])[1]"
    return _post(
        ARTICLES,
        title=_text(card, ".//h3"),
        url=_absolute(_attribute(card, "(.//h3//a/@href)[1]")),
        moment=_time(card, f"{line}/@t", f"{line}//script/text()", ".//script/text()"),
        author=_text(card, account),
        openid=_attribute(card, f"({line}//a/@i)[1]"),
        summary=_text(card, ".//p[contains(@class, 'txt-info')]"),
    )


def _article_of_wap(card: Selector) -> Post | None:
    """A row of the mobile list (wapindex), where attribute names arrive in lower case."""
    return _post(
        ARTICLES,
        title=_text(card, ".//h4"),
        url=_absolute(_attribute(card, "(.//h4//a/@href)[1]")),
        moment=_time(card, ".//@data-lastmodified", ".//@t"),
        author=_attribute(card, "(.//@data-sourcename)[1]") or _text(card, ".//p[@class='time']/span"),
        openid=_attribute(card, "(.//@data-openid)[1]"),
        summary=_text(card, ".//p[@data-type='article_summary']"),
    )


def _json_documents(page: Page) -> list[str]:
    """The mobile search in JSON: `items` are XML documents as strings."""
    text = decode(page).lstrip()
    if not text.startswith("{"):
        return []
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [text_of(item) for item in as_list(as_dict(answer).get("items"))]


def _article_of_xml(document: str) -> Post | None:
    """`<display>` of one document; it names the permanent address, and so the identity, of the article."""
    fields = dict(_XML_FIELD.findall(document.translate(_XML_HIGHLIGHT)))
    moment = epoch(fields.get("lastModified", ""))
    return _post(
        ARTICLES,
        title=one_line(fields.get("title")),
        url=text_of(fields.get("url")),
        moment=moment,
        author=one_line(fields.get("sourcename")),
        openid=text_of(fields.get("openid")),
        summary=one_line(fields.get("content168")),
    )


def _post(
    source: str, *, title: str, url: str, moment: Moment | None, author: str, openid: str, summary: str = ""
) -> Post | None:
    if not title:
        return None
    return Post(
        platform=Platform.WECHAT,
        native_id=native_id_of(url),
        source=source,
        url=url or None,
        author_name=author or None,
        title=title,
        text=summary,
        published_at=moment.at if moment else None,
        precision=moment.precision if moment else Precision.UNKNOWN,
        extra={"openid": openid} if openid else {},
    )
