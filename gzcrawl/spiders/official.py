"""The platforms' own interfaces, for accounts whose departments granted their credentials (gzcrawl.credentials)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlencode

import scrapy
from scrapy.crawler import Crawler

from gzcrawl import clock, credentials
from gzcrawl.items import Capture, Outcome, Platform, Poll, Post
from gzcrawl.registry import State
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.official import parse_published, parse_token, parse_user_timeline
from gzcrawl.sources.wechat import parse_article
from gzcrawl.spiders.base import EPOCH, REACH, TargetSpider, Visit

WECHAT_API = "https://api.weixin.qq.com/cgi-bin"
TOKEN_URL = f"{WECHAT_API}/stable_token"
WEIBO_API = "https://api.weibo.com/2/statuses/user_timeline.json"
PER_PAGE = {Platform.WECHAT: 20, Platform.WEIBO: 100}
MAX_PAGES = 5
MAX_ARTICLES = 20


class OfficialSpider(TargetSpider):
    """robots.txt is not asked: these interfaces are for programs, and the grant is the permission."""

    name = "official"
    obeys_robots = False
    granted: dict[str, dict[str, str]]
    redact: credentials.Redact

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.granted, spider.redact = credentials.load(), credentials.Redact()
        spider.redact.install()
        return spider

    async def start(self) -> AsyncIterator[Any]:
        for account in self.registry.accounts:
            visit = Visit(target=account, channel=f"official.{account.platform}", handler=self.on_token)
            if not account.watch.official or account.state is State.CLOSED or not self.open(visit):
                continue
            granted = dict(credentials.of(account.id, self.granted))
            for secret in granted.values():
                self.redact.hide(secret)
            visit.state["granted"] = granted
            if not granted:
                missing = Parsed(outcome=Outcome.BLOCKED, reason="official_no_credentials")
                yield self.poll(visit, Page(url="", body=b"", status=0), missing, clock.now())
            elif account.platform is Platform.WECHAT:
                yield self._ask_token(visit)
            else:
                visit.handler = self.on_timeline
                yield self.request(visit, timeline_url(visit, 1))

    def poll(self, visit: Visit, page: Page, parsed: Parsed, at: datetime, *, complete: bool = False) -> Poll:
        """Without what follows the address: tokens stand there."""
        poll = super().poll(visit, page, parsed, at, complete=complete)
        poll.url, poll.detail = poll.url.partition("?")[0], self.redact.clean(poll.detail)
        return poll

    def _kept(self, visit: Visit, page: Page, at: datetime, shown: list[str]) -> Iterable[Capture]:
        """What holds the token is no evidence of anything, and is not kept."""
        if not page.url.startswith(TOKEN_URL):
            yield from super()._kept(visit, replace(page, url=page.url.partition("?")[0]), at, shown)

    # WeChat

    def _ask_token(self, visit: Visit) -> scrapy.Request:
        granted = visit.state["granted"]
        body = {"grant_type": "client_credential", "appid": granted.get("appid"), "secret": granted.get("secret")}
        return self.request(visit, TOKEN_URL, method="POST", body=json.dumps(body))

    async def on_token(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        parsed = parse_token(page, now)
        if parsed.outcome is not Outcome.OK:
            yield self.poll(visit, page, parsed, now)
            return
        self.redact.hide(parsed.hints["token"])
        visit.state |= {"token": parsed.hints["token"], "offset": 0}
        visit.handler = self.on_published
        yield self._published(visit)

    def _published(self, visit: Visit) -> scrapy.Request:
        body = {"offset": visit.state["offset"], "count": PER_PAGE[Platform.WECHAT], "no_content": 1}
        url = f"{WECHAT_API}/freepublish/batchget?{urlencode({'access_token': visit.state['token']})}"
        return self.request(visit, url, method="POST", body=json.dumps(body))

    async def on_published(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        """What changed lately is read from the articles' own pages, which know when they were published."""
        parsed = parse_published(page, now)
        visit.count(parsed.posts)
        for post in parsed.posts:
            post.account_id = visit.target.id
        recent = [post for post in parsed.posts if post.extra["changed_at"] > now - REACH]
        for post in [post for post in recent if post.native_id not in self.whole][:MAX_ARTICLES]:
            follow = visit.follow(f"wechat.article:{post.native_id or post.url}", self.on_article, post=post)
            follow.failed = self.on_no_article
            yield self.request(follow, str(post.url).replace("http://", "https://", 1))
        visit.state["offset"] += PER_PAGE[Platform.WECHAT]
        goes_on = len(recent) == len(parsed.posts) and visit.state["offset"] < parsed.hints.get("total", 0)
        if parsed.outcome is Outcome.OK and goes_on and visit.pages <= MAX_PAGES:
            yield self._published(visit)
        else:
            yield self.poll(visit, page, parsed, now)

    async def on_article(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        listed: Post = visit.state["post"]
        parsed = parse_article(page, now)
        for post in parsed.posts:
            post.account_id, post.title = listed.account_id, post.title or listed.title
            yield post
        if not parsed.posts and parsed.outcome is not Outcome.GONE:
            yield listed
        yield self.poll(visit, page, parsed, now)

    async def on_no_article(self, visit: Visit, _now: datetime) -> AsyncIterator[Any]:
        yield visit.state["post"]

    # Weibo

    async def on_timeline(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        parsed = parse_user_timeline(page, now)
        visit.count(parsed.posts)
        for post in parsed.posts:
            post.account_id = visit.target.id
            yield post
        if parsed.outcome is Outcome.EMPTY or parsed.hints.get("end"):
            visit.covers_from = EPOCH
        else:
            visit.covers_from = parsed.hints.get("covers_from") or visit.covers_from
        reached = visit.covers_from is not None and visit.covers_from <= now - REACH
        if parsed.outcome is Outcome.OK and not reached and visit.pages < MAX_PAGES:
            yield self.request(visit, timeline_url(visit, visit.pages + 1))
        else:
            yield self.poll(visit, page, parsed, now, complete=parsed.outcome.observed)


def timeline_url(visit: Visit, number: int) -> str:
    token = visit.state["granted"].get("access_token", "")
    return f"{WEIBO_API}?{urlencode({'access_token': token, 'count': PER_PAGE[Platform.WEIBO], 'page': number})}"
