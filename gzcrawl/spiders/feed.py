"""Feeds the office runs for its accounts. Their hosts stand in the registry, so they may be on the office's own network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from gzcrawl.items import Platform
from gzcrawl.registry import Account, State
from gzcrawl.sources import Page
from gzcrawl.sources.feed import parse_feed
from gzcrawl.spiders.base import TargetSpider, Visit


class FeedSpider(TargetSpider):
    name = "feed"
    revalidates = True

    def visits(self) -> Iterable[tuple[Visit, str]]:
        for account in self.registry.accounts:
            if account.state is State.CLOSED:
                continue
            for url in account.watch.feeds:
                yield Visit(target=account, channel=f"feed:{url}", handler=self.on_feed), url

    def trusts(self, url: str) -> bool:
        feeds = (feed for account in self.registry.accounts for feed in account.watch.feeds)
        return any(urlsplit(feed).netloc == urlsplit(url).netloc for feed in feeds)

    async def on_feed(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        account = visit.target
        assert isinstance(account, Account)
        parsed = parse_feed(page, page.kept_at or now)
        for post in parsed.posts:
            # A reader such as we-mp-rss links to itself: whose post it is says the registry, not the address.
            if post.platform is not account.platform:
                post.platform, post.native_id = account.platform, ""
            post.account_id = account.id
        posts = [post for post in parsed.posts if post.native_id or account.platform is Platform.WECHAT]
        for post in posts:
            yield post
        visit.count(posts)
        # It shows what it got hold of until it was built: a lower bound, as every copy is.
        visit.covers_from = min((post.published_at for post in posts if post.published_at), default=None)
        poll = self.poll(visit, page, parsed, now)
        poll.covers_to = parsed.hints.get("built_at") if poll.covers_from else None
        yield poll
