"""A page taken apart once: text, tree, meta tags, and its own address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from parsel import Selector

from gzcrawl.sources import Page
from gzcrawl.sources.cleaning import one_line
from gzcrawl.sources.encoding import decode
from gzcrawl.sources.govsite.urls import resolve

_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(https?://\S+)\s*-->", re.I)
_HEAD = 20_000  # characters in which a browser writes where a page was saved from


@dataclass
class Document:
    page: Page
    text: str
    root: Selector

    @classmethod
    def of(cls, page: Page) -> Document:
        text = decode(page)
        return cls(page, text, Selector(text=text.replace("\x00", "") or " ", type="html"))

    @cached_property
    def metas(self) -> list[tuple[str, str]]:
        """(name in lower case, content) of every meta tag that has a content, in their order.

        The prescribed tags (国办发〔2017〕47号) come in any case and order of attributes, doubled, or empty; one site
        has a no-break space in front of the attribute's name.
        """
        found = []
        for meta in self.root.xpath("//meta"):
            # Not by `attrib`: lxml finds names there that it then refuses to look up.
            given = {str(name).strip("\xa0 ").lower(): str(value) for name, value in meta.root.items()}
            name = given.get("name") or given.get("property") or given.get("itemprop") or ""
            if value := one_line(given.get("content", "")):
                found.append((name.strip().lower(), value))
        return found

    def meta(self, *names: str) -> str:
        """The first content of the first of these names (lower case) that has one, else ""."""
        return next((value for wanted in names for name, value in self.metas if name == wanted), "")

    @cached_property
    def elements(self) -> list[Any]:
        """All lxml elements in the order of the page, without comments."""
        return [element for element in self.root.root.iter() if isinstance(element.tag, str)]

    @cached_property
    def scripts(self) -> list[str]:
        return self.root.xpath("//script[not(@type) or contains(@type, 'javascript')]/text()").getall()

    @cached_property
    def linked_data(self) -> list[str]:
        """JSON-LD of the page (schema.org, Baidu's), unparsed: it is broken as often as not."""
        return self.root.xpath("//script[@type='application/ld+json']/text()").getall()

    @cached_property
    def addresses(self) -> list[str]:
        """Where the page says it lives, the most trusted first: fetched from, then what it names itself."""
        saved = _SAVED_FROM.search(self.text[:_HEAD])
        canonical = self.root.xpath("//link[translate(@rel, 'CANOIL', 'canoil')='canonical']/@href").get("")
        named = (self.page.url, saved[1] if saved else "", canonical, self.meta("og:url"), self.meta("url"))
        return [address.strip() for address in named if address.strip()]

    @cached_property
    def url(self) -> str:
        """The page's absolute address, "" where a saved page does not tell."""
        return next((address for address in self.addresses if re.match(r"https?://", address)), "")

    def link(self, href: str) -> str | None:
        """Where a link of this page leads (see `resolve`); relative on a saved page that does not tell its address."""
        base = self.root.xpath("//base/@href").get("").strip()
        try:
            base = urljoin(self.url, base)
        except ValueError:
            base = self.url
        if not base and href.startswith("/") and not href.startswith("//"):
            base = self._site
        return resolve(base, href)

    @cached_property
    def _site(self) -> str:
        """The root of the site, for a saved page that names its site but not its address."""
        domain = re.sub(r"^https?://|[/,，;\s].*$", "", self.meta("sitedomain"))
        return f"http://{domain}/" if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", domain) else ""
