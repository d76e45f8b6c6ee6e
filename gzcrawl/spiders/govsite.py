"""Government sites: the home page with its QR codes, the columns, and the articles those list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from gzcrawl.items import Outcome, Post, QrSighting
from gzcrawl.qr.candidates import Candidate, candidates, scripted, torn
from gzcrawl.qr.decode import ImageError
from gzcrawl.qr.payload import expected, same_account
from gzcrawl.qr.static import sightings
from gzcrawl.registry import Site, State
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.encoding import decode
from gzcrawl.sources.govsite import parse_article, parse_home, parse_list
from gzcrawl.sources.wechat import parse_article as parse_wechat_article
from gzcrawl.spiders.base import TargetSpider, Visit
from gzcrawl.spiders.rendered import Browser, browser_settings, rendered_result

WECHAT = "mp.weixin.qq.com"
MAX_IMAGES = 40
MAX_ARTICLES = 30
FULL_TEXTS = timedelta(days=31)


@dataclass(slots=True, kw_only=True)
class Look:
    """One look for codes at one page: images still awaited, codes found, and what could not be read."""

    visit: Visit  # of the page
    page: Page
    at: datetime
    torn: bool  # not the whole page
    scripted: bool  # scripts may draw codes that only a browser sees
    awaited: int = 0
    found: list[QrSighting] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)  # address, or a name -> why

    def result(self) -> Parsed:
        """Only a page without scripts whose every image was read proves that a code is not there."""
        if self.torn:
            reason, detail = "page_torn", ""
        elif self.unread:
            reason, detail = (
                "images_unread",
                "；".join(f"{name}（{why}）" for name, why in islice(self.unread.items(), 3)),
            )
        elif self.scripted:
            reason, detail = "script_rendered", ""
        else:
            reason, detail = "static_settled", ""
        return Parsed(outcome=Outcome.OK, reason=reason, detail=detail)


class GovsiteSpider(TargetSpider):
    """Certificates are not verified here: a site with a bad one is still read; its certificate is another matter."""

    name = "govsite"
    revalidates = True
    browser: Browser | None = None  # without one, pages are looked at as they are sent only

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        settings.update(browser_settings(), priority="spider")

    async def start(self) -> AsyncIterator[Any]:
        if self.settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS"):
            self.browser = await Browser().start()
        async for request in super().start():
            yield request

    def closed(self, reason: str) -> None:
        if self.browser:
            self.browser.close()
        super().closed(reason)

    def visits(self) -> Iterable[tuple[Visit, str]]:
        for site in self.registry.sites:
            if site.state is State.CLOSED:
                continue
            yield Visit(target=site, channel="govsite.home", handler=self.on_home), site.home
            for url in dict.fromkeys((*site.announcement_lists, *site.lists)):
                channel = f"govsite.list:{url}"
                yield Visit(target=site, channel=channel, handler=self.on_list, state={"column": url}), url

    async def on_home(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        parsed = parse_home(page, now)
        yield self.poll(visit, page, parsed, now)
        if parsed.outcome is Outcome.OK:
            html = decode(page)
            look = Look(visit=visit, page=page, at=now, torn=torn(html, page.url), scripted=scripted(html))
            for item in self._look_for_codes(look, candidates(html, page.url)[:MAX_IMAGES]):
                yield item

    def _look_for_codes(self, look: Look, images: list[Candidate]) -> Iterable[Any]:
        for image in images:
            if image.data is not None:
                self._read_image(look, image, image.data)
        remote = [image for image in images if image.data is None]
        look.awaited = len(remote)
        for image in remote:
            follow = look.visit.follow(f"qr.image:{image.url}", self.on_image, look=look, image=image)
            follow.failed = self.on_no_image
            yield self.request(follow, str(image.url), revalidate=True)
        if not remote:
            yield from self._codes(look)

    async def on_image(self, visit: Visit, page: Page, _now: datetime) -> AsyncIterator[Any]:
        look: Look = visit.state["look"]
        if page.status == 200:
            self._read_image(look, visit.state["image"], page.body)
        elif page.status not in (404, 410):  # a picture that is not there hides no code
            look.unread[str(visit.state["image"].url)] = f"HTTP {page.status}"
        for item in self._image_done(look):
            yield item

    async def on_no_image(self, visit: Visit, _now: datetime) -> AsyncIterator[Any]:
        look: Look = visit.state["look"]
        look.unread[str(visit.state["image"].url)] = "未取到"
        for item in self._image_done(look):
            yield item

    def _read_image(self, look: Look, image: Candidate, data: bytes) -> None:
        try:
            found = sightings(
                image, data, round_id=self.round_id, site_id=look.visit.target.id, page_url=look.page.url, at=look.at
            )
        except ImageError as error:
            look.unread[image.url or "内嵌图片"] = str(error)
        else:
            look.found.extend(found)

    def _image_done(self, look: Look) -> Iterable[Any]:
        look.awaited -= 1
        if look.awaited == 0:
            yield from self._codes(look)

    def _codes(self, look: Look) -> Iterable[Any]:
        yield from look.found
        of_codes = Visit(target=look.visit.target, channel="qr.static", handler=self.on_home, seen=len(look.found))
        yield self.poll(of_codes, look.page, look.result(), look.at)
        if self.browser and not self._settled(look.visit, {code.payload for code in look.found}):
            follow = look.visit.follow("qr.rendered", self.on_rendered, unread=[*look.unread], torn=look.torn)
            follow.failed = self.on_not_rendered
            request = self.request(follow, look.page.url)
            request.meta.update(self.browser.meta(follow.state))
            yield request

    def _settled(self, visit: Visit, payloads: Collection[str]) -> bool:
        """Whether the code of every account that must be there was seen."""
        accounts = expected(self.registry, _site(visit))
        return all(any(same_account(payload, account) for payload in payloads) for account in accounts)

    async def on_rendered(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        assert self.browser is not None
        seen = await self.browser.look(visit.state, lambda payloads: self._settled(visit, payloads))
        parsed = parse_home(page, now)
        if parsed.outcome is Outcome.OK:
            for sighting in await self.browser.sightings(seen, self.round_id, visit.target.id, page.url, now):
                visit.seen += 1
                yield sighting
            # What stands there when the scripts are done; the page as it came depends on when it was looked at.
            # A browser mends what is torn, so what came before counts too.
            if visit.state["torn"] or torn(decode(page), page.url):
                seen.unseen.append("页面不完整")
            unread = [url for url in visit.state["unread"] if url.startswith("http")]
            page, parsed = replace(page, body=seen.html.encode()), rendered_result(seen, unread)
        yield self.poll(visit, page, parsed, now)

    async def on_not_rendered(self, visit: Visit, _now: datetime) -> AsyncIterator[Any]:
        assert self.browser is not None
        await self.browser.leave(visit.state)
        return
        yield  # an asynchronous generator, as every handler

    async def on_list(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        parsed = parse_list(page, page.kept_at or now)
        articles = [post for post in parsed.posts if readable(post, _site(visit))]
        visit.count(articles)
        for post in articles:
            post.account_id, post.column = visit.target.id, visit.state["column"]
            yield post
        visit.covers_from = parsed.hints.get("covers_from")
        # "Not modified" is the server's word; once a day the page is read anew, and only that proves an absence.
        complete = visit.covers_from is not None and page.kept_at is None
        yield self.poll(visit, page, parsed, now, complete=complete)
        for request in self._article_requests(visit, articles, now):
            yield request

    def _article_requests(self, visit: Visit, posts: list[Post], now: datetime) -> Iterable[Any]:
        recent = [p for p in posts if p.published_at is None or p.published_at > now - FULL_TEXTS]
        for post in [p for p in recent if p.key not in self.whole][:MAX_ARTICLES]:
            channel = f"govsite.article:{post.native_id}"
            follow = visit.follow(channel, self.on_article, post=post)
            yield self.request(follow, str(post.url))

    async def on_article(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        listed: Post = visit.state["post"]
        parsed = (parse_wechat_article if host_of(page.url) == WECHAT else parse_article)(page, now)
        for post in parsed.posts:
            post.platform = listed.platform
            # The list named the article; a redirect or a canonical link must not make a second one of it.
            post.native_id, post.account_id, post.column = listed.native_id, listed.account_id, listed.column
            yield post
        visit.count(parsed.posts)
        yield self.poll(visit, page, parsed, now)


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def readable(post: Post, site: Site) -> bool:
    """Articles of the site itself, of its sister hosts, and of WeChat; other links of a list are not its articles."""
    host, home = host_of(post.url or ""), host_of(site.home)
    return host == WECHAT or host.split(".")[-3:] == home.split(".")[-3:]


def _site(visit: Visit) -> Site:
    assert isinstance(visit.target, Site)
    return visit.target
