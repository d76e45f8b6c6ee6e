"""Comments under recent Weibo posts: a few posts of each account in a round.

Runs after the others: which posts have comments stands in what they stored. Answers are not kept as evidence: they carry
the names of private persons.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from scrapy.http import Response

from gzcrawl import clock
from gzcrawl.items import Capture, Comment, CommentCheck, Host, Outcome, Platform, Poll
from gzcrawl.questions import questions
from gzcrawl.registry import Account, State
from gzcrawl.sources import Page
from gzcrawl.sources.weibo import parse_comments
from gzcrawl.spiders.base import ONCE_A_DAY, REACH, Visit
from gzcrawl.spiders.weibo import BASE, WeiboSpider
from gzcrawl.store import comments

CHANNEL = "weibo.comments"
POSTS_PER_ACCOUNT = 5
MAX_PAGES = 3


def comments_url(mid: str, **paging: object) -> str:
    return f"{BASE}/comments/hotflow?" + urlencode({"id": mid, "mid": mid, "max_id_type": 0, **paging})


class CommentSpider(WeiboSpider):
    name = "comments"

    def visits(self) -> Iterable[tuple[Visit, str]]:
        """Posts with comments not looked at for a day; those with an open question, then the newest, first."""
        now = clock.now()
        left = self.settings.getint("GZCRAWL_COMMENTS_PER_ROUND")
        accounts = {a.id: a for a in self.registry.accounts if a.platform is Platform.WEIBO and a.uid}
        open_ones = [id for id, account in accounts.items() if account.state is not State.CLOSED]
        for id, posts in comments.to_be_read(self.db, open_ones, now - REACH, self.started - ONCE_A_DAY).items():
            for key, mid in posts[: min(POSTS_PER_ACCOUNT, left)]:
                left -= 1
                state = {"post_key": key, "mid": mid, "found": []}
                visit = Visit(target=accounts[id], channel=f"{CHANNEL}:{mid}", handler=self.on_comments, state=state)
                yield visit, comments_url(mid)

    async def start(self) -> AsyncIterator[Any]:
        for check in comments.without(self.db, self.registry.accounts, clock.now() - REACH, clock.now()):
            yield check
        async for request in super().start():
            yield request

    async def on_comments(self, visit: Visit, page: Page, now: datetime) -> AsyncIterator[Any]:
        parsed = parse_comments(page, now)
        found: list[Comment] = visit.state["found"]
        found += parsed.comments
        visit.seen = len(found)
        if parsed.outcome is Outcome.OK and parsed.hints["max_id"] and visit.pages < MAX_PAGES:
            paging = {name: parsed.hints[name] for name in ("max_id", "max_id_type")}
            yield self.request(visit, comments_url(visit.state["mid"], **paging))
            return
        if parsed.outcome in (Outcome.OK, Outcome.EMPTY):
            yield self._check(visit, parsed.hints, now)
        yield self.poll(visit, page, parsed, now)

    def _check(self, visit: Visit, hints: dict[str, Any], now: datetime) -> CommentCheck:
        account, found = visit.target, visit.state["found"]
        assert isinstance(account, Account)
        seen = len(found) + sum(comment.replies_total for comment in found)
        total = hints.get("total")
        later = comments.posts_since(self.db, account.id, now - REACH - timedelta(days=31))
        return CommentCheck(
            account_id=account.id,
            post_key=visit.state["post_key"],
            url=f"{BASE}/detail/{visit.state['mid']}",
            at=now,
            complete=bool(hints["end"]) and total is not None and seen >= total,
            questions=list(questions(found, str(account.uid), later)),
        )

    async def _new_guest(self, _response: Response) -> bool:
        """Other guest cookies would not help: the posts themselves were shown with these."""
        return False

    def _note(self, url: str, poll: Poll, wait: timedelta | None) -> Host | None:
        """That comments need a login is no refusal of the host: posts are shown to guests."""
        return None if poll.outcome is Outcome.BLOCKED else super()._note(url, poll, wait)

    def _kept(self, *_answer: Any) -> Iterable[Capture]:
        return ()
