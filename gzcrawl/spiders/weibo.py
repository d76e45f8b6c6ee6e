"""Weibo: the public profile, then the timeline, of every registered account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar
from urllib.parse import urlencode

import scrapy
from scrapy.http import Response

from gzcrawl import clock
from gzcrawl.coverage import spans, uncovered
from gzcrawl.items import Outcome, Platform, Poll, Post, Profile, QrLink
from gzcrawl.qr.remembered import Links
from gzcrawl.registry import Account, State
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.outcomes import refusal
from gzcrawl.sources.weibo import parse_long_text, parse_profile, parse_timeline, settle_empty
from gzcrawl.spiders.base import EPOCH, ONCE_A_DAY, REACH, TargetSpider, Visit, page_of
from gzcrawl.spiders.follow import resolve
from gzcrawl.spiders.guest import PLATFORM, renew
from gzcrawl.store import cookies, qr

BASE = "https://m.weibo.cn"
MAX_PAGES = 5
MAX_LONG_TEXTS = 10
SILENT = timedelta(days=7)
"""A stretch without a post that is looked at twice."""
WHO_ARE_YOU = ("weibo_visitor", "weibo_login")
REFUSED_GUESTS = (432, 403)
"""What Weibo answers where the guest cookie is missing or old (`refusal` reasons and HTTP statuses)."""
REFUSED_LATER = "later_page_refused"
TIMELINE, PROFILE = "weibo.timeline", "weibo.profile"


def profile_url(uid: str) -> str:
    return f"{BASE}/api/container/getIndex?" + urlencode({"type": "uid", "value": uid})


def timeline_url(uid: str, containerid: str, **paging: str) -> str:
    query = {"type": "uid", "value": uid, "containerid": containerid, **paging}
    return f"{BASE}/api/container/getIndex?" + urlencode(query)


def ids(posts: Iterable[Post]) -> set[str]:
    return {post.native_id for post in posts}


class WeiboSpider(TargetSpider):
    name = "weibo"
    custom_settings: dict[str, Any] = {"DOWNLOAD_VERIFY_CERTIFICATES": True}  # noqa: RUF012 -- as Scrapy declares it
    headers: ClassVar[dict[str, str]] = {"MWeibo-Pwa": "1", "X-Requested-With": "XMLHttpRequest"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guest: dict[str, str] = {}
        self.links = Links({})
        self._renewed, self._renewal = False, asyncio.Lock()

    def visits(self) -> Iterable[tuple[Visit, str]]:
        """An account whose profile was seen lately is asked for its timeline only."""
        now = clock.now()
        for account in self.registry.accounts:
            if account.platform is not Platform.WEIBO or account.state is State.CLOSED or not account.uid:
                continue
            earlier = self.earlier(account.id, (TIMELINE, PROFILE), now)
            state: dict[str, Any] = {
                "containerid": f"107603{account.uid}",
                "earlier": [p for p in earlier if p.channel == TIMELINE],
            }
            if _told_lately(earlier, now):
                visit = Visit(target=account, channel=TIMELINE, handler=self.on_timeline, state=state)
                yield visit, timeline_url(account.uid, state["containerid"])
            else:
                yield (
                    Visit(target=account, channel=PROFILE, handler=self.on_profile, state=state),
                    profile_url(account.uid),
                )

    # A visitor's cookies: as kept, and got anew once in a crawl when Weibo asks who we are.

    async def start(self) -> AsyncIterator[Any]:
        self.guest = cookies.find(self.db, PLATFORM, since=clock.now() - ONCE_A_DAY)
        self.links = Links(qr.links(self.db))
        async for request in super().start():
            yield request

    def request(self, visit: Visit, url: str, **kwargs: Any) -> scrapy.Request:
        return super().request(visit, url, cookies=self.guest, **kwargs)

    async def _answered(self, response: Response, visit: Visit) -> AsyncIterator[Any]:
        refused = refusal(page_of(response))
        asked_who = refused is not None and (refused.reason in WHO_ARE_YOU or response.status in REFUSED_GUESTS)
        if asked_who and not response.meta.get("as_new_guest") and await self._new_guest(response):
            again = self.request(visit, response.meta.get("redirect_urls", [response.url])[0])
            again.meta["as_new_guest"] = True
            (visit.root or visit).awaited -= 1  # it takes the place of the one refused
            yield again
            return
        async for item in super()._answered(response, visit):
            yield item

    async def _new_guest(self, response: Response) -> bool:
        """Whether there are cookies that the refused request did not have."""
        async with self._renewal:
            if not self._renewed:
                self._renewed = True
                assert self.crawler.engine is not None
                self.crawler.engine.pause()
                if await renew(self.mongo_uri):
                    self.guest = cookies.find(self.db, PLATFORM, since=self.started)
                self.crawler.engine.unpause()
            had = response.request.cookies if response.request else {}
            return bool(self.guest) and self.guest != had

    async def on_profile(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        account = _account(visit)
        parsed = parse_profile(page, now)
        for profile in parsed.profiles:
            profile.account_id = account.id
            yield profile
        yield self.poll(visit, page, parsed, now)
        told = next(iter(parsed.profiles), None)
        if parsed.outcome is not Outcome.OK or _still_empty(told, visit.state["earlier"], now):
            return
        state = {**visit.state, "profile": told}
        state["containerid"] = parsed.hints.get("containerid") or state["containerid"]
        follow = visit.follow(TIMELINE, self.on_timeline, **state)
        yield self.request(follow, timeline_url(str(account.uid), state["containerid"]))

    async def on_timeline(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        account = _account(visit)
        parsed = settle_empty(parse_timeline(page, now), visit.state.get("profile"))
        if parsed.hints.get("ambiguous_empty") and "profile" not in visit.state:
            # Only the profile can tell whether there is nothing.
            follow = visit.follow(PROFILE, self.on_profile, **visit.state)
            yield self.request(follow, profile_url(str(account.uid)))
            return
        visit.count(parsed.posts)
        visit.state.setdefault("first_page", ids(parsed.posts))
        visit.state.setdefault("times", []).extend(p.published_at for p in parsed.posts if p.published_at)
        async for item in self._posts(account, parsed.posts, now):
            yield item
        for request in self._long_texts(visit, parsed.posts, now):
            yield request
        if parsed.outcome is not Outcome.OK:
            if visit.covers_from is not None:
                # A later page was refused: what the earlier ones showed stands.
                parsed = Parsed(outcome=Outcome.OK, reason=REFUSED_LATER, detail=parsed.reason)
            elif parsed.outcome is Outcome.EMPTY:
                visit.covers_from = EPOCH
            yield self.poll(visit, page, parsed, now, complete=True)
            return
        visit.covers_from = EPOCH if parsed.hints.get("end") else parsed.hints.get("covers_from") or visit.covers_from
        if more := self._next_page(visit, parsed.hints, now):
            yield more
            return
        doubt = _doubt(visit, now)
        if doubt is None:
            yield self.poll(visit, page, parsed, now, complete=True)
        elif doubt <= ONCE_A_DAY:
            yield self.poll(visit, page, Parsed(outcome=Outcome.OK, reason="silence_as_before"), now)
        else:
            # Past every cache: an old answer looks just like silence, and "昨天" in it passes for yesterday.
            again = visit.follow(TIMELINE, self.on_second_look, first=visit)
            url = timeline_url(str(account.uid), visit.state["containerid"], _=f"{now:%Y%m%d%H%M%S}")
            yield self.request(again, url)

    async def on_second_look(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        """Both answers must show the same posts; only then the silence is proven."""
        first: Visit = visit.state["first"]
        parsed = settle_empty(parse_timeline(page, now), first.state.get("profile"))
        async for item in self._posts(_account(first), parsed.posts, now):
            yield item
        agreed = parsed.outcome is Outcome.OK and ids(parsed.posts) == first.state["first_page"]
        if not agreed:
            first.count(parsed.posts)
            parsed = Parsed(outcome=Outcome.OK, reason="silence_unconfirmed", detail=parsed.reason)
        yield self.poll(first, page, parsed, now, complete=agreed)

    def _next_page(self, visit: Visit, hints: dict[str, Any], now: datetime) -> Any:
        """A request for the next page while this one does not join what was seen before; else None."""
        if _joined(visit, now) or visit.pages >= MAX_PAGES:
            return None
        paging = {name: str(hints[name]) for name in ("since_id", "page") if hints.get(name)}
        if not paging:
            return None
        account = _account(visit)
        return self.request(visit, timeline_url(str(account.uid), visit.state["containerid"], **paging))

    def _long_texts(self, visit: Visit, posts: list[Post], now: datetime) -> Iterable[Any]:
        """The full texts of recent posts that the list cuts off: reposts are recognised by them."""
        posts = [post for post in posts if post.long_text and post.key not in self.whole]
        cut = [p for p in posts if p.published_at and p.published_at >= now - REACH]
        for post in cut[:MAX_LONG_TEXTS]:
            follow = visit.follow("weibo.longtext", self.on_long_text, post=post)
            yield self.request(follow, f"{BASE}/statuses/extend?id={post.native_id}")

    async def on_long_text(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        parsed = parse_long_text(page, now)
        post: Post = visit.state["post"]
        for full in parsed.posts:
            for link in await resolve([full], self.links, now, self._hop):
                yield link
            # A copy: the list's item may still wait in the pipeline.
            yield replace(post, text=full.text, links=full.links or post.links, long_text=False, source=full.source)

    async def _posts(self, account: Account, posts: list[Post], now: datetime) -> AsyncIterator[Post | QrLink]:
        for link in await resolve(posts, self.links, now, self._hop):
            yield link
        for post in posts:
            post.account_id = account.id
            yield post

    async def _hop(self, url: str) -> Page | None:
        request = scrapy.Request(url, meta={**self.manners, "dont_redirect": True}, dont_filter=True)
        try:
            return page_of(await self.download(request))
        except Exception as error:  # noqa: BLE001 -- however a download fails, the link says nothing
            self.logger.info("短链接 %s 没有跟到：%r", url, error)
            return None


def _account(visit: Visit) -> Account:
    assert isinstance(visit.target, Account)
    return visit.target


def _told_lately(earlier: list[Poll], now: datetime) -> bool:
    """Whether the profile was seen not long ago; of an account without posts the profile alone tells."""
    timelines = [poll for poll in earlier if poll.channel == TIMELINE]
    told = any(p.channel == PROFILE and p.outcome is Outcome.OK and p.at > now - ONCE_A_DAY for p in earlier)
    return told and bool(timelines) and timelines[0].outcome is not Outcome.EMPTY


def _still_empty(told: Profile | None, timelines: list[Poll], now: datetime) -> bool:
    lately = bool(timelines) and timelines[0].outcome is Outcome.EMPTY and timelines[0].at > now - ONCE_A_DAY
    return told is not None and told.statuses_count == 0 and lately


def _joined(visit: Visit, now: datetime) -> bool:
    """Whether everything of the last REACH is seen, or what is seen now joins what was seen before."""
    reached, earlier = visit.covers_from, visit.state["earlier"]
    if reached is None or reached <= now - REACH:
        return reached is not None
    interrupted = bool(earlier) and earlier[0].reason == REFUSED_LATER
    before = next((start for start, end in spans(earlier) if start <= reached <= end), None)
    return before is not None and (before <= now - REACH or not interrupted)


def _doubt(visit: Visit, now: datetime) -> timedelta | None:
    """How long a silence this answer claims that no earlier one had shown; None where there is nothing to doubt.

    An answer whose newest post is older than the newest of the last answer is doubted whole.
    """
    earlier: list[Poll] = visit.state["earlier"]
    last = next((poll.newest_at for poll in earlier if poll.newest_at), None)
    if last and (visit.newest_at is None or visit.newest_at < last):
        return SILENT
    times = sorted({now, *(at for at in visit.state["times"] if at > now - REACH)})
    doubts = []
    for start, end in pairwise(times):
        unseen = uncovered(earlier, start, end)
        if end - start >= SILENT and unseen:
            # Between two posts nothing but a second look will ever settle it.
            doubts.append(unseen if end == now else SILENT)
    return max(doubts, default=None)
