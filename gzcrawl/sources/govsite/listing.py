"""List pages of government sites: rows in HTML, in comments, in data, or filled in by a script."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import pairwise
from typing import Any

from parsel import Selector

from gzcrawl.items import Outcome, Platform, Post, Precision, normalise_title
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.govsite import data
from gzcrawl.sources.govsite.body import main_element
from gzcrawl.sources.govsite.document import Document
from gzcrawl.sources.govsite.flow import flow_of
from gzcrawl.sources.govsite.instead import instead
from gzcrawl.sources.govsite.rowdates import row_date, with_address
from gzcrawl.sources.govsite.rows import Row, find_rows, undated_rows
from gzcrawl.sources.govsite.scripted import written
from gzcrawl.sources.govsite.urls import canonical_url, url_date
from gzcrawl.sources.outcomes import refusal
from gzcrawl.sources.times import Moment
from gzcrawl.sources.wechat.body import node_text

SOURCE = "govsite.list"
_NOTHING = re.compile(r"暂无(?:信息|数据|内容|相关|记录|文章|资料)|没有(?:找到)?相关(?:信息|内容|数据)")
_PINNED_ROWS = 3
"""So many old rows may stand in front of a list that is newest first otherwise."""
_FEW_ROWS, _LONG_TEXT = 3, 150
"""Fewer rows beside so many characters of text are the attachments of an article."""
_ENOUGH_ROWS = 5
"""On a page whose main list may be filled by a script, fewer dated rows are a side box."""


def parse_list(page: Page, now: datetime) -> Parsed:
    """One post per row: title, absolute URL, date from the row or else from its URL; rows to WeChat articles too.

    Hints: `ordered` (newest first, pinned rows apart), `covers_from` (had an article been published since, this page
    would show it; None if that cannot be said), `next`, `pages`, `page` (from 0), and `data_call` where a script fetches the rows.
    """
    if refused := refusal(page):
        return refused
    doc = Document.of(page)
    start = doc.text.lstrip("\ufeff \t\r\n")
    if start[:1] in ("{", "[") or re.match(r"[\w$.]{1,60}\(\s*[\[{]", start):
        return _from_json(doc, start, now)
    return _from_html(doc, now)


def _from_json(doc: Document, text: str, now: datetime) -> Parsed:
    answer = data.json_records(text)
    if answer is None:
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="bad_data", detail=text[:100])
    records, total = answer
    if not records and (html := data.html_in(text)):
        rows = find_rows(
            Selector(text=html, type="html").root, doc.link, lambda row: row_date(row.around, now) is not None
        )
        if rows:
            return _outcome([_row_post(doc, row, now) for row in rows], now, {})
    if not records:
        outcome = Outcome.EMPTY if total == 0 else Outcome.LAYOUT_CHANGED
        return Parsed(outcome=outcome, reason="list_empty" if total == 0 else "list_not_readable")
    return _outcome(_posts(doc, records, now), now, {"total": total} if total else {})


def _posts(doc: Document, records: list[data.Record], now: datetime) -> list[Post]:
    posts = []
    for record in records:
        url = doc.link(record.href)
        moment = record.moment if record.moment and record.moment.at <= now else None
        posts.append(_post(doc, record.title, url, moment or (url_date(url) if url else None)))
    return posts


def _from_html(doc: Document, now: datetime) -> Parsed:
    flow = flow_of(doc.root.root)
    if other := instead(doc, flow):
        return other
    scripted = data.filled_by_script(doc.text)
    hints = _paging(doc)
    if scripted and (call := data.data_call(doc.text)):
        hints["data_call"] = call | {"url": doc.link(call["url"]) or call["url"]}
    rows = _rows(doc, now)
    if (
        rows
        and not (scripted and data.dated_template(doc.text) and len(rows) < _ENOUGH_ROWS)
        and not _is_article(doc, rows)
    ):
        posts = [_row_post(doc, row, now) for row in rows]
        main = not scripted or "<record" in doc.text
        return _outcome(posts, now, hints, certain=main and not hints.get("page"))
    if scripted:
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="list_filled_by_script", hints=hints)
    if records := data.script_records(doc.scripts):
        return _outcome(_posts(doc, records, now), now, hints, certain=False)
    undated = [_row_post(doc, row, now) for row in undated_rows(doc.root.root, doc.link)]
    if data.xml_total(doc.text) == 0 or (_NOTHING.search(flow.text) and not undated):
        return Parsed(outcome=Outcome.EMPTY, reason="list_empty", hints=hints)
    reason = "list_undated" if undated else "list_not_readable"
    return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason=reason, items=[*undated], hints=hints)


def _is_article(doc: Document, rows: list[Row]) -> bool:
    """Whether what stands there is an article, and its "rows" are its attachments."""
    body = main_element(doc, None) if len(rows) < _FEW_ROWS else None
    return body is not None and len(node_text(body)) > _LONG_TEXT and not any(True for _ in body.iter("ul", "table"))


def _rows(doc: Document, now: datetime) -> list[Row]:
    """Rows of the page, else of the data JCMS puts into it, else of what stands in comments."""

    def dated(row: Row) -> bool:
        return row_date(row.around, now) is not None

    def dated_by_address(row: Row) -> bool:
        return dated(row) or bool(row.url and url_date(row.url))

    shown = find_rows(doc.root.root, doc.link, dated)
    hidden = [data.cdata_html(doc.text)]
    hidden += [html for html in ("".join(map(written, doc.scripts)),) if "<a" in html]
    if not shown and not any(hidden):
        hidden = [str(node.root.text) for node in doc.root.xpath("//comment()") if "<a" in str(node.root.text)]
    found = [find_rows(Selector(text=html, type="html").root, doc.link, dated) for html in hidden if html.strip()]
    best = max(found, key=len, default=[])
    return max(shown, best, key=len) or find_rows(doc.root.root, doc.link, dated_by_address)


def _row_post(doc: Document, row: Row, now: datetime) -> Post:
    moment = with_address(row_date(row.around, now), row.around, row.url or "", now)
    post = _post(doc, row.title, row.url, moment)
    post.pinned = row.pinned
    return post


def _post(doc: Document, title: str, url: str | None, moment: Moment | None) -> Post:
    # A row that only a script can open is known by the list and its title.
    native_id = canonical_url(url) if url else f"{canonical_url(doc.url)}#{normalise_title(title)}"
    return Post(
        platform=Platform.WEBSITE,
        native_id=native_id,
        source=SOURCE,
        url=url,
        author_name=doc.meta("sitename") or None,
        title=title,
        published_at=moment.at if moment else None,
        precision=moment.precision if moment else Precision.UNKNOWN,
        column=doc.url or None,
    )


def _outcome(posts: list[Post], now: datetime, hints: dict[str, Any], *, certain: bool = True) -> Parsed:
    """`certain`: these rows are the list itself, so that they can prove what is not there."""
    ordered = newest_first(posts)
    hints |= {"ordered": ordered, "covers_from": covers_from(posts, now) if ordered and certain else None}
    if not any(post.published_at for post in posts):
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="list_undated", items=[*posts], hints=hints)
    return Parsed(outcome=Outcome.OK, items=[*posts], hints=hints)


def newest_first(posts: list[Post]) -> bool:
    """Whether times never rise, some pinned rows at the beginning apart."""
    times = [post.published_at for post in posts if post.published_at and not post.pinned]
    if len(times) < len(posts) / 2 or len(times) < 2:
        return False
    for skipped in range(min(_PINNED_ROWS, len(times) - 2) + 1):
        rest = times[skipped:]
        if all(later >= earlier for later, earlier in pairwise(rest)):
            return rest[0] > rest[-1] or skipped == 0
    return False


def covers_from(posts: list[Post], now: datetime) -> datetime | None:
    """The latest instant the last row of a list that is newest first may stand for: later ones are on the page."""
    span = next(post.interval for post in reversed(posts) if post.interval and not post.pinned)
    return span[1] if span[1] < now else None


def _paging(doc: Document) -> dict[str, Any]:
    hints = data.page_number(doc.text)
    following = hints.get("next") or doc.root.xpath(
        "string(//a[contains(normalize-space(.), '下一页') or normalize-space(.)='下页']/@href)"
    ).get("")
    if url := doc.link(following) if following else None:
        hints["next"] = url
    return hints
