"""Looking for QR codes: the home page as it is sent, its style sheets, 关于我们 and the like, then the page in a browser.

Each step is taken only when those before have not found every code that must be there; the browser looks by interval too.
What a look needs is fetched inside its own callback, through Scrapy's downloader: robots.txt, delays and the egress guard apply.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Self
from urllib.parse import urlsplit

import scrapy
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from gzcrawl import clock
from gzcrawl.items import Outcome, QrPicture, QrSighting
from gzcrawl.qr import vector
from gzcrawl.qr.candidates import Candidate, about_pages, candidates, imports, in_sheet, scripted, sheets, torn
from gzcrawl.qr.decode import ImageError
from gzcrawl.qr.discover import linked, shown
from gzcrawl.qr.over import over
from gzcrawl.qr.payload import expected, same_account
from gzcrawl.qr.remembered import Links, Pictures
from gzcrawl.qr.render import Look as Shown
from gzcrawl.qr.static import sightings
from gzcrawl.registry import Site
from gzcrawl.sources import Page
from gzcrawl.sources.encoding import decode
from gzcrawl.sources.govsite import parse_home
from gzcrawl.sources.outcomes import failure
from gzcrawl.spiders.base import TargetSpider, Visit, page_of
from gzcrawl.spiders.follow import GONE, end_of
from gzcrawl.spiders.looks import Look
from gzcrawl.spiders.rendered import Browser, browser_settings, checks, rendered_result
from gzcrawl.store import qr, read

MAX_IMAGES, MAX_IMAGES_ELSEWHERE = 40, 15
MAX_SHEETS, MAX_ABOUT, MAX_LINKS = 6, 3, 10
KEPT = timedelta(days=90)
"""For how long what was learned of pictures and links that no site shows any more is remembered."""


class CodeSpider(TargetSpider):
    """Subclasses fetch the home page and call `look_for_codes`."""

    browser: Browser | None = None  # without one, pages are looked at as they are sent only
    pictures: Pictures
    links: Links
    rendered_at: dict[str, datetime]  # site id -> the browser's last look that found all, before this round

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        settings.update(browser_settings(), priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        qr.forget(spider.db, clock.now() - KEPT)
        spider.pictures = Pictures(qr.pictures(spider.db))
        spider.links = Links(qr.links(spider.db))
        spider.rendered_at = read.last_looks(spider.db, "qr.rendered", spider.round_id, reason="rendered_found")
        return spider

    async def start(self) -> AsyncIterator[Any]:
        if self.settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS"):
            self.browser = await Browser().start()
        async for request in super().start():
            yield request

    def closed(self, reason: str) -> None:
        if self.browser:
            self.browser.close()
        super().closed(reason)

    async def look_for_codes(self, visit: Visit, page: Page, at: datetime) -> AsyncIterator[Any]:
        """The items of one look: codes, accounts nobody knows, polls `qr.static` and `qr.rendered`."""
        html = decode(page)
        look = Look(visit=visit, page=page, html=html, at=at, scripted=scripted(html))
        look.learned += linked(html, page.url, visit.target.id, self.registry)
        await self._read(look, candidates(html, page.url), page.url)
        look.ended = self._settled(visit, look.payloads())
        for step in (self._read_sheets, self._follow_links, self._read_about, self._follow_links):
            if not self._settled(visit, look.payloads()):
                await step(look)
        found = [code for one in look.pictures for code in self._sightings(look, *one)]
        for item in (*look.learned, *self._seen(found)):
            yield item
        seen = replace(visit.follow("qr.static", visit.handler), seen=len(found))
        yield self.poll(seen, page, look.result(), at)
        if self.browser and self._to_be_rendered(look):
            async for item in self._render(self.browser, look):
                yield item

    # As it is sent.

    async def _read(self, look: Look, images: list[Candidate], page_url: str, words: str = "") -> None:
        """Look at pictures; `words`: of the link that led to the page they stand on."""
        new = [image for image in images if image.data is not None or image.url not in look.asked]
        most = MAX_IMAGES_ELSEWHERE if words else MAX_IMAGES
        if len(new) > most:
            look.miss(words, "其余图片", f"图片过多，只看了{most}张")
        look.asked.update(str(image.url) for image in new)
        await asyncio.gather(*(self._read_image(look, image, page_url, words) for image in new[:most]))

    async def _read_image(self, look: Look, image: Candidate, page_url: str, words: str) -> None:
        data = image.data if image.url is None else await self._fetch_picture(look, image.url, words)
        if data is None:
            return
        try:
            picture = await self.pictures.read(data, look.at)
        except ImageError as error:
            if image.url and not vector.whole(data):
                look.illegible.add(image.url)
            look.miss(words, image.url or "内嵌图片", str(error))
        else:
            look.pictures.append((image, picture, page_url, words))
            look.learned.append(picture)

    async def _fetch_picture(self, look: Look, url: str, words: str) -> bytes | None:
        """Its bytes; None when it is not there, or, which is noted, could not be fetched."""
        page = await self._fetch(look, url, "qr.image")
        if page is not None and page.status == 200:
            return page.body
        # What is not there hides no code.
        if page is None or page.status not in GONE:
            look.miss(words, url, f"HTTP {page.status}" if page else "未取到")
        return None

    async def _read_sheets(self, look: Look) -> None:
        """Style sheets of the site's own, and what they import; others' are left to the browser."""
        waiting, asked = sheets(look.html, look.page.url), 0
        while waiting:
            url = waiting.pop(0)
            if urlsplit(url).hostname != urlsplit(look.page.url).hostname or asked == MAX_SHEETS:
                look.scripted = True
            elif url not in look.asked:
                look.asked.add(url)
                asked += 1
                page = await self._fetch(look, url, "qr.sheet")
                if page is not None and page.status == 200:
                    css = decode(page)
                    waiting += imports(css, page.url)
                    await self._read(look, in_sheet(css, page.url), look.page.url)
                elif page is None or page.status not in GONE:
                    look.scripted = True

    async def _read_about(self, look: Look) -> None:
        """Pages such as 关于我们: a code that only they show is there, but not in a prominent place."""
        for url, words in islice(about_pages(look.html, look.page.url).items(), MAX_ABOUT):
            page = await self._fetch(look, url, "qr.page")
            if page is not None and parse_home(page, look.at).outcome is Outcome.OK:
                html = decode(page)
                if scripted(html):
                    look.drawn_elsewhere[page.url] = words
                look.learned += linked(html, page.url, look.visit.target.id, self.registry)
                await self._read(look, candidates(html, page.url), page.url, words)
            elif page is None or page.status not in GONE:
                look.miss(words, url, "未能查看")

    async def _follow_links(self, look: Look) -> None:
        await self._follow(look, look.payloads())

    async def _follow(self, look: Look, payloads: Iterable[str]) -> None:
        """Where short links, and links to elsewhere, lead; at most MAX_LINKS."""
        own = _family(look.page.url)
        wanted = [p for p in sorted(payloads) if self.links.wanted(p, look.at) and _family(p) != own]
        for payload in wanted[:MAX_LINKS]:
            url, status, answer = await end_of(
                payload, lambda url: self._fetch(look, url, "qr.link", dont_redirect=True, revalidate=False)
            )
            if status is not None and (status < 400 or status in GONE):
                said = over(decode(answer)) if status == 200 and answer else ""
                dead = bool(said) or status in GONE
                look.learned.append(self.links.learn(payload, url, look.at, dead=dead, said=said))

    async def _fetch(self, look: Look, url: str, kind: str, **meta: bool) -> Page | None:
        """The answer, whatever its status; None, and a poll that says why, when there is none."""
        meta = {**self.manners, "revalidate": True, **meta}
        visit = look.visit.follow(f"{kind}:{url}", look.visit.handler)
        try:
            page = page_of(await self.download(scrapy.Request(url, headers=self.headers, meta=meta, dont_filter=True)))
        except Exception as error:  # noqa: BLE001 -- however a download fails, that is its outcome
            look.learned.append(self.poll(visit, Page(url=url, body=b"", status=0), failure(error), look.at))
            return None
        look.learned += self._kept(visit, page, look.at, [])
        return page

    def _sightings(self, look: Look, image: Candidate, picture: QrPicture, url: str, words: str) -> list[QrSighting]:
        return sightings(
            image,
            picture,
            self.links,
            round_id=self.round_id,
            site_id=look.visit.target.id,
            page_url=url,
            page=words,
            at=look.at,
        )

    def _seen(self, codes: Iterable[QrSighting]) -> Iterable[Any]:
        """The codes, and accounts among them that the registry does not know."""
        for code in codes:
            yield code
            candidate = shown(code, self.registry)
            if candidate:
                yield candidate

    def _settled(self, visit: Visit, payloads: Collection[str]) -> bool:
        """Whether the code of every account that must be there was seen."""
        accounts = expected(self.registry, _site(visit))
        ends = [(payload, self.links.end(payload)) for payload in payloads]
        return all(any(same_account(payload, account, end) for payload, end in ends) for account in accounts)

    # As a browser shows it.

    def _to_be_rendered(self, look: Look) -> bool:
        last = self.rendered_at.get(look.visit.target.id)
        due = last is None or look.at - last >= timedelta(days=self.settings.getfloat("GZCRAWL_RENDER_DAYS"))
        return due or not self._settled(look.visit, look.payloads(home=True))

    async def _render(self, browser: Browser, look: Look) -> AsyncIterator[Any]:
        visit = look.visit.follow("qr.rendered", look.visit.handler)
        try:
            page, seen = await self._show(browser, look, look.page.url)
        except Exception as error:  # noqa: BLE001 -- however a download fails, that is its outcome
            yield self.poll(visit, Page(url=look.page.url, body=b"", status=0), failure(error), clock.now())
            return
        now = clock.now()
        parsed = parse_home(page, now)
        poll = self.poll(visit, page, parsed, now)
        if parsed.outcome is Outcome.OK:
            look.learned.clear()
            picture, codes = await self._kept_codes(browser, look, seen, page.url, "", now)
            visit.seen = len(codes)
            if not self._settled(visit, seen.payloads | look.payloads()):
                codes += await self._render_elsewhere(browser, look)
            for item in (*look.learned, *self._seen(codes)):
                yield item
            # What stands there when the scripts are done; the page as it came depends on when it was looked at.
            # A browser mends what is torn, so what came before counts too.
            if torn(look.html, look.page.url) or torn(decode(page), page.url):
                seen.unseen.append("页面不完整")
                seen.whole = False
            seen.unseen += [f"{name}（{why}）" for name, why in look.unread_elsewhere.items()]
            unread = [url for url in look.unread if url.startswith("http")]
            seen.settled -= look.illegible
            result = rendered_result(seen, unread, ended=self._settled(visit, seen.payloads))
            poll = self.poll(visit, replace(page, body=seen.html.encode()), result, now)
            poll.picture = picture
            for probe in checks(_site(visit), page.url, seen, self.round_id, now):
                yield probe
        for item in (*self._kept(visit, page, now, []), poll):
            yield item

    async def _show(self, browser: Browser, look: Look, url: str) -> tuple[Page, Shown]:
        """The page as it came, and what a browser showed of it."""
        state = dict[str, Any]()
        request = scrapy.Request(url, meta={**self.manners, **browser.meta(state)}, dont_filter=True)
        try:
            page = page_of(await self.download(request))
            return page, await browser.look(state, lambda payloads: self._settled(look.visit, payloads))
        finally:
            await browser.leave(state)

    async def _render_elsewhere(self, browser: Browser, look: Look) -> list[QrSighting]:
        """What scripts draw on pages such as 关于我们; one that was not seen whole is noted."""
        codes = list[QrSighting]()
        for url, words in look.drawn_elsewhere.items():
            try:
                page, seen = await self._show(browser, look, url)
            except Exception:  # noqa: BLE001 -- however a download fails, that is its outcome
                look.miss(words, url, "未能查看")
                continue
            if parse_home(page, look.at).outcome is Outcome.OK:
                codes += (await self._kept_codes(browser, look, seen, page.url, words, clock.now()))[1]
            if seen.unseen and not self._settled(look.visit, seen.payloads):
                look.miss(words, url, seen.unseen[0])
        return codes

    async def _kept_codes(
        self, browser: Browser, look: Look, seen: Shown, url: str, words: str, at: datetime
    ) -> tuple[str | None, list[QrSighting]]:
        """The picture of the page, and its codes; `words`: of the link that led to it."""
        await self._follow(look, seen.payloads)
        kept = await browser.keep(seen, look.visit.target.id)
        codes = [
            replace(code, page=words)
            for code in browser.sightings(kept, self.links, self.round_id, look.visit.target.id, url, at)
        ]
        return kept.picture, codes


def _family(url: str) -> list[str]:
    """The last labels of its host: pages of the same body."""
    return (urlsplit(url).hostname or "").split(".")[-3:]


def _site(visit: Visit) -> Site:
    assert isinstance(visit.target, Site)
    return visit.target
