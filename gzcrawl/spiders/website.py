"""Technical checks of sites, once a day: the home page, and what only a connection of one's own tells (gzcrawl.reach)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from scrapy.crawler import Crawler

from gzcrawl import clock, probes
from gzcrawl.handshake import trusted_roots
from gzcrawl.items import Host, Outcome, Poll
from gzcrawl.probes.address import address, host_of, port_of
from gzcrawl.probes.fetched import Fetched, Roots
from gzcrawl.reach import Reach
from gzcrawl.registry import Account, Site, State
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.govsite import parse_home
from gzcrawl.spiders.base import TargetSpider, Visit
from gzcrawl.store import read

CHANNEL = "website.home"


class WebsiteSpider(TargetSpider):
    """Every look ends in one poll of the home page and one probe for each check."""

    name = "website"
    reach: Reach
    trust: Roots | None
    looked_at: dict[str, datetime]  # site id -> the last good look, before this round

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings = crawler.settings
        spider.reach = Reach(dns=settings.get("GZCRAWL_DNS") or "", agent=str(settings.get("USER_AGENT")))
        spider.looked_at = read.last_looks(spider.db, CHANNEL, spider.round_id)
        spider.trust = trusted_roots()
        return spider

    def visits(self) -> Iterable[tuple[Visit, str]]:
        for site in self.registry.sites:
            if site.state is not State.CLOSED:
                yield Visit(target=site, channel=CHANNEL, handler=self.on_home, failed=self.on_failed), site.home

    def wanted(self, target: Account | Site) -> bool:
        """When the site is due anyway, and its last good look is long enough ago."""
        last = self.looked_at.get(target.id) if self._only_due else None
        hours = self.settings.getfloat("GZCRAWL_PROBE_HOURS")
        return super().wanted(target) and (last is None or clock.now() - last >= timedelta(hours=hours))

    def _note(self, _url: str, _poll: Poll, _wait: timedelta | None) -> Host | None:
        """Hosts that refuse are noted by the spider that asks them all day."""
        return None

    async def on_home(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        parsed = parse_home(page, now)
        for probe in await self._look(visit, parsed, now, page):
            yield probe
        yield self.poll(visit, page, parsed, now)

    async def on_failed(self, visit: Visit, now: datetime) -> AsyncIterator[Any]:
        """A site that did not answer: why, as far as it can be seen."""
        assert visit.ended is not None
        for probe in await self._look(visit, visit.ended, now, None):
            yield probe

    async def _look(self, visit: Visit, parsed: Parsed, now: datetime, page: Page | None) -> Iterable[Any]:
        """Who refuses us, or forbids it (robots.txt), is asked for no more pages; to shake hands is no request."""
        site = visit.target
        assert isinstance(site, Site)
        if parsed.reason in ("left_alone", "address_refused"):
            return ()
        asked = parsed.outcome not in (Outcome.BLOCKED, Outcome.DISALLOWED)
        reach, host = self.reach, host_of(site)
        http, https = (address(site, scheme, reach.ports) for scheme in ("http", "https"))
        fetched = Fetched(
            site=site,
            at=now,
            page=page if parsed.outcome is Outcome.OK else None,
            unread=parsed.reason,
            seconds=visit.seconds if page else None,
            tls=await reach.handshake(host, port_of(site, "https", reach.ports)),
            http=await reach.hops(http) if asked else (),
            https=await reach.hops(https) if asked else (),
            six=await reach.six(host, https if site.home.startswith("https") else http, asked=asked),
            trust=self.trust,
            proxied=reach.proxied,
        )
        return probes.run(fetched, self.round_id)
