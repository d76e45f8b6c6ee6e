"""WeChat: what the public shows of an account: Sogou's two lists, its albums, and article pages those lead to.

None of these is the whole timeline, so no poll here is `complete`: they prove that something was published, never
that nothing was.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from gzcrawl import clock
from gzcrawl.items import Outcome, Platform, Post, Profile, normalise_title
from gzcrawl.registry import Account, State
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.sogou import parse_accounts, parse_articles
from gzcrawl.sources.wechat import parse_album, parse_article
from gzcrawl.spiders.base import ONCE_A_DAY, REACH, TargetSpider, Visit

SOGOU = "https://weixin.sogou.com/weixin"
ALBUM = "https://mp.weixin.qq.com/mp/appmsgalbum"
MAX_ALBUM_PAGES = 3
MAX_ARTICLES = 8
FULL_TEXTS = timedelta(days=14)
"""Articles younger than this are read whole: a repost is recognised by its text and its declared source."""


class WechatSpider(TargetSpider):
    name = "wechat"
    custom_settings: dict[str, Any] = {"DOWNLOAD_VERIFY_CERTIFICATES": True}  # noqa: RUF012 -- as Scrapy declares it

    def visits(self) -> Iterable[tuple[Visit, str]]:
        """The first list of an account is read every time; the others, which show much the same, once a day."""
        now = clock.now()
        for account in self.registry.accounts:
            if account.platform is not Platform.WECHAT or account.state is State.CLOSED:
                continue
            lists = [*self._albums(account), *self._sogou(account)]
            earlier = self.earlier(account.id, [visit.channel for visit, _url in lists], now)
            lately = {poll.channel for poll in earlier if poll.outcome.observed and poll.at > now - ONCE_A_DAY}
            yield from lists[:1]
            yield from ((visit, url) for visit, url in lists[1:] if visit.channel not in lately)

    def _albums(self, account: Account) -> Iterable[tuple[Visit, str]]:
        for album in account.watch.albums:
            channel = f"wechat.album:{album}"
            visit = Visit(target=account, channel=channel, handler=self.on_album, state={"album": album})
            yield visit, album_url(account, album)

    def _sogou(self, account: Account) -> Iterable[tuple[Visit, str]]:
        if not account.watch.sogou:
            return
        searches = (
            ("sogou.accounts", self.on_accounts, 1, account.wechat_id or account.name),
            ("sogou.articles", self.on_articles, 2, account.name),
        )
        for channel, handler, kind, query in searches:
            visit = Visit(target=account, channel=channel, handler=handler)
            yield visit, f"{SOGOU}?{urlencode({'type': kind, 'query': query, 'ie': 'utf8'})}"

    async def on_accounts(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        account = _account(visit)
        parsed = parse_accounts(page, now)
        if parsed.outcome is Outcome.OK:
            profiles = [p for p in parsed.profiles if self._is_of(account, p)]
            # The posts of an account card carry the name of that card.
            posts = [p for p in parsed.posts if profiles and p.author_name == profiles[0].name]
            if not profiles:
                parsed = Parsed(outcome=Outcome.EMPTY, reason="not_in_index", detail=account.name)
            found: list[Profile | Post] = [*profiles[:1], *posts]
            for item in found:
                item.account_id = account.id
                yield item
            visit.count(posts)
        yield self.poll(visit, page, parsed, now)

    async def on_articles(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        account = _account(visit)
        parsed = parse_articles(page, now)
        # The search is fuzzy and full of other accounts: only an exact name counts.
        posts = [p for p in parsed.posts if normalise_title(p.author_name or "") == normalise_title(account.name)]
        for post in posts:
            post.account_id = account.id
            yield post
        visit.count(posts)
        yield self.poll(visit, page, parsed, now)

    async def on_album(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        account = _account(visit)
        parsed = parse_album(page, now)
        visit.count(parsed.posts)
        for post in parsed.posts:
            post.account_id = account.id
            yield post
        for profile in filter(None, map(shown_account, parsed.posts[:1])):
            yield profile
        for request in self._article_requests(visit, parsed.posts, now):
            yield request
        oldest = min((p.published_at for p in parsed.posts if p.published_at), default=None)
        paging = {name: str(parsed.hints[name]) for name in ("begin_msgid", "begin_itemidx") if name in parsed.hints}
        goes_on = oldest is not None and oldest > now - REACH and visit.pages < MAX_ALBUM_PAGES
        if parsed.outcome is Outcome.OK and paging and goes_on:
            yield self.request(visit, album_url(account, visit.state["album"], **paging))
        else:
            yield self.poll(visit, page, parsed, now)

    def _article_requests(self, visit: Visit, posts: list[Post], now: datetime) -> Iterable[Any]:
        recent = [p for p in posts if p.url and p.published_at and p.published_at > now - FULL_TEXTS]
        recent = [p for p in recent if p.key not in self.whole]
        for post in recent[:MAX_ARTICLES]:
            follow = visit.follow(f"wechat.article:{post.native_id}", self.on_article, post=post)
            # Albums tell plain http addresses; the same page answers over TLS.
            yield self.request(follow, str(post.url).replace("http://", "https://", 1))

    async def on_article(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        parsed = parse_article(page, now)
        listed: Post = visit.state["post"]
        for post in parsed.posts:
            post.account_id = visit.target.id
            # The page of a text post has no title of its own; the list's title keeps it one post.
            post.title = post.title or listed.title
            yield post
            if profile := shown_account(post):
                yield profile
        visit.count(parsed.posts)
        yield self.poll(visit, page, parsed, now)

    @staticmethod
    def _is_of(account: Account, profile: Profile) -> bool:
        """The card is the account's: by its WeChat id where both are known, else by the exact name."""
        if account.wechat_id and profile.wechat_id:
            return account.wechat_id.casefold() == profile.wechat_id.casefold()
        return normalise_title(profile.name or "") == normalise_title(account.name)


def shown_account(post: Post) -> Profile | None:
    """The account as its own page shows it beside a post, None where the page names none."""
    if not post.author_name or not post.account_id:
        return None
    return Profile(
        platform=Platform.WECHAT,
        source=post.source,
        native_id=post.author_id,
        account_id=post.account_id,
        name=post.author_name,
        biz=post.native_id.partition(":")[0] or None,
    )


def album_url(account: Account, album: str, **paging: str) -> str:
    query = {"action": "getalbum", "__biz": account.biz or "", "album_id": album, "count": 20, **paging, "f": "json"}
    return f"{ALBUM}?{urlencode(query)}"


def _account(visit: Visit) -> Account:
    assert isinstance(visit.target, Account)
    return visit.target
