"""Government sites: the home page with its QR codes, the columns, and the articles those list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from gzcrawl.items import Outcome, Post
from gzcrawl.registry import Site, State
from gzcrawl.sources import Page
from gzcrawl.sources.govsite import parse_article, parse_home, parse_list
from gzcrawl.sources.wechat import parse_article as parse_wechat_article
from gzcrawl.spiders.base import Visit
from gzcrawl.spiders.codes import CodeSpider

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "X-Requested-With": "XMLHttpRequest"}
WECHAT = "mp.weixin.qq.com"
MAX_ARTICLES = 30
FULL_TEXTS = timedelta(days=31)


class GovsiteSpider(CodeSpider):
    """Certificates are not verified here: a site with a bad one is still read; its certificate is another matter."""

    name = "govsite"
    revalidates = True

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
            async for item in self.look_for_codes(visit, page, now):
                yield item

    async def on_list(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        parsed = parse_list(page, page.kept_at or now)
        call = parsed.hints.get("data_call")
        if parsed.outcome is Outcome.LAYOUT_CHANGED and call and visit.pages == 1:
            # A script of the page would ask for the rows; what it asks for is the list.
            yield self.request(visit, call["url"], method=call["method"], body=urlencode(call.get("form", {}), doseq=True),
                               headers=FORM)  # fmt: skip
            return
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
