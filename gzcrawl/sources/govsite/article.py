"""Article pages of government sites, of any system."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gzcrawl.items import Outcome, Platform, Post, Precision
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.attribution import source_label
from gzcrawl.sources.cleaning import readable
from gzcrawl.sources.govsite.body import main_element
from gzcrawl.sources.govsite.document import Document
from gzcrawl.sources.govsite.flow import Flow, flow_of
from gzcrawl.sources.govsite.instead import instead
from gzcrawl.sources.govsite.labels import labelled_source
from gzcrawl.sources.govsite.scripted import sources
from gzcrawl.sources.govsite.title import read_title
from gzcrawl.sources.govsite.urls import canonical_url
from gzcrawl.sources.govsite.when import gather, weigh
from gzcrawl.sources.outcomes import refusal
from gzcrawl.sources.wechat.body import node_text

SOURCE = "govsite.article"


def parse_article(page: Page, now: datetime) -> Parsed:
    """One post for an article; else why there is none. A post whose time is unknown comes with `layout_changed`."""
    if refused := refusal(page):
        return refused
    doc = Document.of(page)
    flow = flow_of(doc.root.root)
    if other := instead(doc, flow):
        return other
    title, heading = read_title(doc)
    body = main_element(doc, heading)
    text = node_text(body) if body is not None else ""
    moment = weigh(gather(doc, flow, heading, body, now))
    if not readable(title) or not (text or moment):
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="not_an_article", detail=title[:100])
    url = doc.url or page.url
    post = Post(
        platform=Platform.WEBSITE,
        native_id=canonical_url(url),
        source=SOURCE,
        url=url or None,
        author_name=doc.meta("sitename") or None,
        title=title,
        text=text,
        published_at=moment.at if moment else None,
        precision=moment.precision if moment else Precision.UNKNOWN,
        source_label=_source(doc, flow, heading, body) or source_label(text),
        links=_links(doc, body),
    )
    if moment is None:
        return Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="no_publication_time", detail=title[:100], items=[post])
    return Parsed(outcome=Outcome.OK, items=[post])


def _source(doc: Document, flow: Flow, title: Any, body: Any) -> str | None:
    """来源 of the information line nearest to the title, else of the prescribed tag ContentSource, else of a script."""
    begin, end = flow.span(body) or (len(flow.text), len(flow.text))
    after = (flow.span(title) or (0, 0))[1]
    if begin <= after < end:
        begin = after  # a block that holds all
    found = [(abs(place - after), value) for place, value in labelled_source(flow.text) if not begin <= place < end]
    told = min(found, default=(0, ""))[1] or doc.meta("contentsource")
    return told or next(iter(sources(doc.scripts)), None)


def _links(doc: Document, body: Any) -> list[str]:
    hrefs = [] if body is None else [a.get("href", "") for a in body.iter("a")]
    return list(dict.fromkeys(url for href in hrefs if (url := doc.link(href))))
