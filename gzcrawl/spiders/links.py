"""Links of home pages and of recent posts: do they lead anywhere? A few in each round, each remembered for a week.

A link is dead when the page (404, 410) or the host's name is not there at two looks a day apart, while the rest of its host
answers. Every other refusal says nothing.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from urllib.parse import urldefrag, urlsplit

import scrapy
from scrapy.crawler import Crawler

from gzcrawl import clock
from gzcrawl.items import LinkCheck, Outcome
from gzcrawl.qr.discover import links
from gzcrawl.qr.remembered import FRESH, Links
from gzcrawl.registry import Account, Site, State
from gzcrawl.sources import Page
from gzcrawl.sources.encoding import decode
from gzcrawl.sources.govsite import elsewhere, parse_home
from gzcrawl.sources.outcomes import failure
from gzcrawl.spiders.base import EPOCH, ONCE_A_DAY, REACH, TargetSpider, Visit, page_of
from gzcrawl.spiders.follow import GONE, end_of
from gzcrawl.store import qr, read

HOME = "links.home"
PER_LOOK = 20
"""Links of one page, or of one account's posts, asked in one round."""
TARGETS_AT_ONCE = 500
MOST_HOSTS = 60


@dataclass(slots=True)
class Shown:
    """A link where it stands."""

    url: str
    where: str  # URL of the page, or key of the post
    words: str = ""


@dataclass(slots=True)
class Look:
    visit: Visit
    at: datetime
    chosen: list[str] = field(default_factory=list)  # links this look asked for
    learned: list[Any] = field(default_factory=list)


class LinkSpider(TargetSpider):
    name = "links"
    revalidates = True

    memory: Links
    before: Links  # as it was before this round: a round that was killed does the same again
    left: int  # links that may still be asked in this round
    _hosts: dict[str, bool]  # whether the host answered something in this round
    _silent: set[str]  # hosts that did not answer in time in this round
    _turns: defaultdict[str, asyncio.Lock]  # by host
    _proxied: bool

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        known = qr.links(spider.db)
        spider.memory = Links(known)
        spider.before = Links({url: link for url, link in known.items() if link.at < spider.started})
        spider.left = crawler.settings.getint("GZCRAWL_LINKS_PER_ROUND")
        spider._hosts, spider._silent = {}, set()
        spider._turns = defaultdict(asyncio.Lock)
        spider._proxied = bool(os.environ.get("https_proxy") or os.environ.get("http_proxy"))
        return spider

    def visits(self) -> Iterable[tuple[Visit, str]]:
        """Home pages whose links were not looked at lately."""
        lately = read.last_looks(self.db, HOME, self.round_id)
        for site in self.registry.sites:
            last = lately.get(site.id)
            if site.state is not State.CLOSED and (last is None or self.started - last >= ONCE_A_DAY):
                yield Visit(target=site, channel=HOME, handler=self.on_home), site.home

    async def start(self) -> AsyncIterator[Any]:
        async for request in super().start():
            yield request
        targets: list[Account | Site] = [*self.registry.accounts, *self.registry.sites]
        wanted = [t for t in targets if t.state is not State.CLOSED and self.wanted(t)]
        for first in range(0, len(wanted), TARGETS_AT_ONCE):
            batch = wanted[first : first + TARGETS_AT_ONCE]
            posted = read.posted_links(self.db, [t.id for t in batch], clock.now() - REACH)
            for target in batch:
                async for item in self._check_posts(target, posted.get(target.id, [])):
                    yield item

    async def on_home(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        parsed = parse_home(page, now)
        if parsed.outcome is Outcome.OK:
            self._hosts[_host(page.url)] = True
            found = {urldefrag(url)[0]: words for url, words in links(decode(page), page.url) if _is_web(url)}
            shown = [Shown(url, page.url, words) for url, words in found.items()]
            look = Look(visit, now)
            await self._follow(look, shown)
            for item in look.learned:
                yield item
            yield self._told(look, "home", shown, [*_elsewhere(shown), *_outside(shown, page.url)])
        yield self.poll(visit, page, parsed, now)

    async def _check_posts(self, target: Account | Site, posted: list[tuple[str, str]]) -> AsyncIterator[Any]:
        shown = [Shown(url, key) for url, key in dict(reversed(posted)).items() if _is_web(url)]
        if not shown:
            return
        look = Look(Visit(target=target, channel="links.posts", handler=self.on_home), clock.now())
        await self._follow(look, shown)
        for item in look.learned:
            yield item
        yield self._told(look, "posts", shown, [])

    async def _follow(self, look: Look, shown: list[Shown]) -> None:
        """Ask for what was missing last time, what is not known, what was looked at longest ago; at most PER_LOOK."""
        wanted = [link.url for link in shown if self.before.wanted(link.url, look.at)]
        wanted.sort(key=lambda url: (not self.before.suspect(url), self.before.looked_at(url) or EPOCH, url))
        look.chosen = wanted[: min(PER_LOOK, self.left)]
        self.left -= len(look.chosen)
        await asyncio.gather(*(self._ask(look, url) for url in look.chosen if not self._asked(url)))

    def _asked(self, url: str) -> bool:
        looked = self.memory.looked_at(url)
        return looked is not None and looked >= self.started

    async def _ask(self, look: Look, url: str) -> None:
        failed: list[str] = []
        end, status, answer = await end_of(url, lambda address: self._head_or_get(address, failed))
        if status is not None and status < 400:
            self._hosts[_host(end)] = True
        dead = (status in GONE and await self._answers_otherwise(end)) or (
            status is None and await self._has_no_name(end, failed)
        )
        if dead or (status is not None and status < 400):
            look.learned.append(self.memory.learn(url, end, look.at, dead=dead))
        if dead and answer:
            look.learned += self._kept(look.visit.follow(f"links.dead:{url}", self.on_home), answer, look.at, [])

    async def _head_or_get(self, url: str, failed: list[str]) -> Page | None:
        """One link of a host after the other: when one got no answer in time, the others would wait as long for nothing."""
        async with self._turns[_host(url)]:
            if _host(url) in self._silent:
                failed.append("timeout")
                return None
            return await self._ask_both_ways(url, failed)

    async def _ask_both_ways(self, url: str, failed: list[str]) -> Page | None:
        """What HEAD says, if it is good; else what GET says: many servers do not know HEAD."""
        for method in ("HEAD", "GET"):
            meta = {**self.manners, "dont_redirect": True, "download_maxsize": 2_000_000}
            try:
                page = page_of(await self.download(scrapy.Request(url, method=method, meta=meta, dont_filter=True)))
            except Exception as error:  # noqa: BLE001 -- however a download fails, that is its outcome
                failed.append(failure(error).reason)
                if method == "GET":
                    if failed[-1] == "timeout":
                        self._silent.add(_host(url))
                    return None
            else:
                if method == "GET" or page.status < 400:
                    return page
        return None

    async def _answers_otherwise(self, url: str) -> bool:
        """Whether something else of the host is there: a wall that has banned us answers 404 to everything."""
        host, parts = _host(url), urlsplit(url)
        if host not in self._hosts:
            page = await self._head_or_get(f"{parts.scheme}://{parts.netloc}/", [])
            self._hosts[host] = page is not None and page.status < 400
        return self._hosts[host]

    async def _has_no_name(self, url: str, failed: list[str]) -> bool:
        """Whether the resolver says that there is no such name, which is more than saying nothing."""
        if self._proxied or "dns" not in failed:
            return False
        try:
            await asyncio.get_running_loop().getaddrinfo(_host(url), None, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            return error.errno == socket.EAI_NONAME
        return False

    def _told(self, look: Look, place: str, shown: list[Shown], more: list[dict[str, Any]]) -> LinkCheck:
        since, known = dict[str, datetime](), 0
        for link in shown:
            told = self.memory if link.url in look.chosen else self.before
            looked, dead = told.looked_at(link.url), told.dead_since(link.url)
            # What could not be asked for a week may be back.
            if looked and dead and look.at - looked < FRESH:
                since[link.url] = dead
            known += link.url in since or told.end(link.url) is not None
        dead_links = [_as_told(link, "dead", since[link.url]) for link in shown if link.url in since]
        return LinkCheck(
            target_id=look.visit.target.id, place=place, at=look.at, shown=len(shown), known=known,
            notable=[*dead_links, *more],
        )  # fmt: skip


def _elsewhere(shown: list[Shown]) -> Iterator[dict[str, Any]]:
    """Links whose words name another address than theirs."""
    for link in shown:
        if elsewhere(link.words, link.url):
            yield _as_told(link, "elsewhere")


def _outside(shown: list[Shown], page_url: str) -> list[dict[str, Any]]:
    """One link for each other host: the operator may have a list of hosts that nobody should link to."""
    hosts = {_host(link.url): link for link in reversed(shown) if _host(link.url) != _host(page_url)}
    return [_as_told(link, "outside") for _host_name, link in sorted(hosts.items())[:MOST_HOSTS]]


def _as_told(link: Shown, kind: str, since: datetime | None = None) -> dict[str, Any]:
    return {"url": link.url, "words": link.words, "where": link.where, "kind": kind, "since": since}


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://")) and bool(_host(url))


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").casefold()
    except ValueError:
        return ""
