"""Weibo: the public profile, then the timeline, of every registered account."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar
from urllib.parse import urlencode

from gzcrawl.items import Outcome, Platform, Post
from gzcrawl.registry import Account, State
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.weibo import parse_long_text, parse_profile, parse_timeline, settle_empty
from gzcrawl.spiders.base import EPOCH, REACH, TargetSpider, Visit

BASE = "https://m.weibo.cn"
MAX_PAGES = 5
MAX_LONG_TEXTS = 10
SILENT = timedelta(days=7)
"""A stretch without a post that is looked at twice."""


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

    def visits(self) -> Iterable[tuple[Visit, str]]:
        for account in self.registry.accounts:
            if account.platform is Platform.WEIBO and account.state is not State.CLOSED and account.uid:
                visit = Visit(target=account, channel="weibo.profile", handler=self.on_profile)
                yield visit, profile_url(account.uid)

    async def on_profile(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        account = _account(visit)
        parsed = parse_profile(page, now)
        for profile in parsed.profiles:
            profile.account_id = account.id
            yield profile
        yield self.poll(visit, page, parsed, now)
        if parsed.outcome is Outcome.OK:
            containerid = parsed.hints.get("containerid") or f"107603{account.uid}"
            told = next(iter(parsed.profiles), None)
            follow = visit.follow("weibo.timeline", self.on_timeline, containerid=containerid, profile=told)
            yield self.request(follow, timeline_url(str(account.uid), containerid))

    async def on_timeline(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        account = _account(visit)
        parsed = settle_empty(parse_timeline(page, now), visit.state["profile"])
        visit.count(parsed.posts)
        visit.state.setdefault("first_page", ids(parsed.posts))
        visit.state.setdefault("times", []).extend(p.published_at for p in parsed.posts if p.published_at)
        for post in parsed.posts:
            post.account_id = account.id
            yield post
        for request in self._long_texts(visit, parsed.posts, now):
            yield request
        if parsed.outcome is not Outcome.OK:
            if visit.covers_from is not None:
                # A later page was refused: what the earlier ones showed stands.
                parsed = Parsed(outcome=Outcome.OK, reason="later_page_refused", detail=parsed.reason)
            elif parsed.outcome is Outcome.EMPTY:
                visit.covers_from = EPOCH
            yield self.poll(visit, page, parsed, now, complete=True)
            return
        visit.covers_from = EPOCH if parsed.hints.get("end") else parsed.hints.get("covers_from") or visit.covers_from
        more = self._next_page(visit, parsed.hints, now) or self._second_look(visit, now)
        yield more or self.poll(visit, page, parsed, now, complete=True)

    def _second_look(self, visit: Visit, now: datetime) -> Any:
        """Where a stretch is silent, the account is asked once more, past every cache.

        An old answer looks just like silence, and "昨天" in it passes for yesterday.
        """
        times = sorted({now, *(at for at in visit.state["times"] if at > now - REACH)})
        if len(times) > 1 and all(later - earlier < SILENT for earlier, later in pairwise(times)):
            return None
        again = visit.follow("weibo.timeline", self.on_second_look, first=visit)
        url = timeline_url(str(_account(visit).uid), visit.state["containerid"], _=f"{now:%Y%m%d%H%M%S}")
        return self.request(again, url)

    async def on_second_look(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        """Both answers must show the same posts; only then the silence is proven."""
        first: Visit = visit.state["first"]
        parsed = settle_empty(parse_timeline(page, now), first.state["profile"])
        for post in parsed.posts:
            post.account_id = first.target.id
            yield post
        agreed = parsed.outcome is Outcome.OK and ids(parsed.posts) == first.state["first_page"]
        if not agreed:
            first.count(parsed.posts)
            parsed = Parsed(outcome=Outcome.OK, reason="silence_unconfirmed", detail=parsed.reason)
        yield self.poll(first, page, parsed, now, complete=agreed)

    def _next_page(self, visit: Visit, hints: dict[str, Any], now: datetime) -> Any:
        """A request for the next page while the reach is not covered; else None."""
        covered = visit.covers_from is not None and visit.covers_from <= now - REACH
        if covered or visit.pages >= MAX_PAGES:
            return None
        paging = {name: str(hints[name]) for name in ("since_id", "page") if hints.get(name)}
        if not paging:
            return None
        account = _account(visit)
        return self.request(visit, timeline_url(str(account.uid), visit.state["containerid"], **paging))

    def _long_texts(self, visit: Visit, posts: list[Post], now: datetime) -> Iterable[Any]:
        """The full texts of recent posts that the list cuts off: reposts are recognised by them."""
        cut = [p for p in posts if p.long_text and p.published_at and p.published_at >= now - REACH]
        for post in cut[:MAX_LONG_TEXTS]:
            follow = visit.follow("weibo.longtext", self.on_long_text, post=post)
            yield self.request(follow, f"{BASE}/statuses/extend?id={post.native_id}")

    async def on_long_text(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        parsed = parse_long_text(page, now)
        post: Post = visit.state["post"]
        for full in parsed.posts:
            # A copy: the list's item may still wait in the pipeline.
            yield replace(post, text=full.text, links=full.links or post.links, long_text=False, source=full.source)


def _account(visit: Visit) -> Account:
    assert isinstance(visit.target, Account)
    return visit.target
