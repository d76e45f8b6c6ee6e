"""What all spiders share: which targets are due, and that every visit ends in a recorded poll."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import scrapy
from pymongo.database import Database
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from gzcrawl import clock
from gzcrawl.backoff import Backoff, asked_wait
from gzcrawl.evidence import EvidenceStore, capture
from gzcrawl.items import Capture, Host, Outcome, Poll, Post, VisitClosed
from gzcrawl.registry import Account, Registry, Site
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.outcomes import failure as outcome_of_failure
from gzcrawl.store import pages, read, rounds
from gzcrawl.store.connect import connect, data_dir, mongo_uri
from gzcrawl.store.registry import load_registry
from gzcrawl.store.schema import ensure_schema

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""`covers_from` of a poll that saw a timeline to its end."""

REACH = timedelta(days=31)
"""How far back a first visit reads: the rules look no further."""

ONCE_A_DAY = timedelta(hours=20)
"""How old what changes seldom, or what several sources show, may be before it is asked for again."""


@dataclass(slots=True, kw_only=True)
class Visit:
    """One poll in the making: a target, the channel it is seen through, and what was gathered on earlier pages."""

    target: Account | Site
    channel: str
    handler: Handler
    pages: int = 0
    seen: int = 0
    newest_at: datetime | None = None
    covers_from: datetime | None = None
    state: dict[str, Any] = field(default_factory=dict)
    failed: Failed | None = None  # what else to do when nothing could be fetched; the poll is recorded anyhow
    ended: Parsed | None = None  # how it failed
    seconds: float | None = None  # until its last answer came
    root: Visit | None = None  # the visit this one follows from
    awaited: int = 0  # of a root: requests under way for it and all that follows from it

    def follow(self, channel: str, handler: Handler, **state: Any) -> Visit:
        """A visit to something this one's page led to."""
        return Visit(target=self.target, channel=channel, handler=handler, state=state, root=self.root or self)

    def count(self, posts: Iterable[Post]) -> None:
        for post in posts:
            self.seen += 1
            if post.published_at and (self.newest_at is None or post.published_at > self.newest_at):
                self.newest_at = post.published_at


Handler = Callable[[Visit, Page, datetime], AsyncIterator[Any]]
Failed = Callable[[Visit, datetime], AsyncIterator[Any]]


class TargetSpider(scrapy.Spider):
    """Subclasses say which targets they poll (`visits`) and what to do with a page (handlers of `Visit`)."""

    headers: ClassVar[dict[str, str]] = {}
    obeys_robots: ClassVar[bool] = True
    revalidates: ClassVar[bool] = False  # whether first pages are asked for only when they changed

    registry: Registry
    mongo_uri: str
    db: Database[dict[str, Any]]  # blocks the reactor: for a few small reads only
    round_id: str
    backoff: Backoff
    started: datetime  # of the round: what it has seen itself does not spare it a request when it is taken up again
    whole: set[str]  # keys and native ids of recent articles whose own page was read already

    def __init__(self, round_id: str | None = None, due: str = "", target: str = "", **kwargs: Any) -> None:
        """`due`: any text polls only targets whose interval has passed; `target`: only these ids, comma-separated."""
        super().__init__(**kwargs)
        self.round_id = round_id or clock.now().strftime("adhoc-%Y%m%dT%H%M%S")
        self._only_due = bool(due)
        self._only = set(filter(None, target.split(",")))
        self.evidence = EvidenceStore(data_dir())
        self._resources = contextlib.ExitStack()
        self._closed: set[tuple[str, str]] = set()
        self._last: dict[str, datetime] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.mongo_uri = spider._resources.enter_context(mongo_uri())
        spider.db = db = spider._resources.enter_context(connect(spider.mongo_uri))
        ensure_schema(db)
        spider.registry = load_registry(db)
        pages.forget_old(db, clock.now())
        spider.backoff = Backoff(read.hosts(db))
        spider._closed = read.closed_visits(db, spider.round_id)
        spider.started = rounds.find(db, spider.round_id).get("started_at", clock.now())
        spider.whole = read.whole_articles(db, clock.now() - REACH, spider.started)
        spider._last = read.last_polls(db, not_of=spider.round_id) if spider._only_due else {}
        return spider

    def closed(self, _reason: str) -> None:
        self._resources.close()

    # What subclasses provide.

    def visits(self) -> Iterable[tuple[Visit, str]]:
        """(visit, first URL) for every target of this source."""
        raise NotImplementedError

    # What they use.

    def wanted(self, target: Account | Site) -> bool:
        """Whether this round polls the target: named by the operator, or due by its interval."""
        if self._only:
            return target.id in self._only
        if not self._only_due or target.id not in self._last:
            return True
        minutes = target.interval_minutes or int(self.settings.getint("GZCRAWL_INTERVAL_MINUTES"))
        return clock.now() - self._last[target.id] >= timedelta(minutes=minutes)

    def open(self, visit: Visit) -> bool:
        """Whether this round has yet to make that visit."""
        return self.wanted(visit.target) and (visit.target.id, visit.channel) not in self._closed

    def trusts(self, _url: str) -> bool:
        """Whether the operator named this host, so that it may be on the office's own network."""
        return False

    def earlier(self, target_id: str, channels: Collection[str], now: datetime) -> list[Poll]:
        """Polls of a target in earlier rounds, as far back as we look, newest first: what need not be asked again."""
        return read.earlier_polls(self.db, target_id, channels, since=now - REACH, not_of=self.round_id)

    @property
    def manners(self) -> dict[str, Any]:
        """Request meta: whether robots.txt is obeyed."""
        ignored = not self.obeys_robots or self.name in self.settings.getlist("GZCRAWL_ROBOTS_IGNORE")
        return {"dont_obey_robotstxt": ignored}

    def request(self, visit: Visit, url: str, *, revalidate: bool = False, **kwargs: Any) -> scrapy.Request:
        """A request whose every ending leads to `visit`; `revalidate`: the server is asked only for what changed."""
        (visit.root or visit).awaited += 1
        return scrapy.Request(
            url,
            callback=self._answered,
            errback=self._failed,
            cb_kwargs={"visit": visit},
            headers={**self.headers, **kwargs.pop("headers", {})},
            meta={**self.manners, "revalidate": revalidate},
            dont_filter=True,
            **kwargs,
        )

    def poll(self, visit: Visit, page: Page, parsed: Parsed, at: datetime, *, complete: bool = False) -> Poll:
        """The record of a visit that ends with `parsed`. `complete`: since covers_from nothing can be missing."""
        observed = parsed.outcome.observed
        return Poll(
            round_id=self.round_id,
            target_id=visit.target.id,
            channel=visit.channel,
            url=page.url,
            at=at,
            outcome=parsed.outcome,
            reason=parsed.reason,
            detail=parsed.detail,
            http_status=304 if page.kept_at else page.status,
            sha256=hashlib.sha256(page.body).hexdigest(),
            seen=visit.seen,
            newest_at=visit.newest_at,
            covers_from=visit.covers_from if observed else None,
            covers_to=at if observed and visit.covers_from else None,
            complete=complete and observed,
        )

    async def download(self, request: scrapy.Request) -> Response:
        """The answer inside a callback: robots.txt, delays and the egress guard apply."""
        assert self.crawler.engine is not None
        return await self.crawler.engine.download_async(request)

    # What Scrapy calls.

    async def start(self) -> AsyncIterator[Any]:
        for visit, url in self.visits():
            if self.open(visit):
                yield self.request(visit, url, revalidate=self.revalidates)

    async def _answered(self, response: Response, visit: Visit) -> AsyncIterator[Any]:
        page, at = page_of(response), clock.now()
        visit.pages, visit.seconds = visit.pages + 1, response.meta.get("download_latency")
        asked = response.meta.get("redirect_urls", [response.url])[0]
        wait = asked_wait(page.headers.get("retry-after"), at) if page.status >= 400 else None
        shown: list[str] = []
        try:
            async for item in visit.handler(visit, page, at):
                yield item
                # What a page led to may be another host's.
                url = item.url if isinstance(item, Poll) and item.channel != visit.channel else asked
                if isinstance(item, Poll) and (host := self._note(url, item, wait if url == asked else None)):
                    yield host
                if isinstance(item, Post):
                    shown.append(item.key)
        except Exception as error:
            # Silence would pass for "nothing new": whatever a page did to a parser, the poll is recorded.
            self.logger.exception("解析出错：%s", response.url)
            broken = Parsed(outcome=Outcome.LAYOUT_CHANGED, reason="parser_error", detail=repr(error)[:300])
            yield self.poll(visit, page, broken, at)
        for item in (*self._kept(visit, page, at, shown), *self._arrived(visit)):
            yield item

    def _note(self, url: str, poll: Poll, wait: timedelta | None) -> Host | None:
        return self.backoff.note(urlsplit(url).hostname or "", poll.outcome, poll.reason, poll.at, wait)

    def _kept(self, visit: Visit, page: Page, at: datetime, shown: list[str]) -> Iterable[Capture]:
        """The answer kept as evidence, before the visit can be closed."""
        try:
            kept = capture(self.evidence, page, at, self.round_id, visit.target.id, visit.channel)
        except OSError as error:
            self.logger.error("证据写不进 %s：%s。请检查磁盘空间和权限", self.evidence.folder, error.strerror)
        else:
            yield replace(kept, posts=shown, status=304 if page.kept_at else page.status)

    def _arrived(self, visit: Visit) -> Iterable[VisitClosed]:
        root = visit.root or visit
        root.awaited -= 1
        if root.awaited == 0:
            yield VisitClosed(round_id=self.round_id, target_id=root.target.id, channel=root.channel)

    async def _failed(self, failure: Failure) -> AsyncIterator[Any]:
        request = failure.request  # type: ignore[attr-defined]
        visit: Visit = request.cb_kwargs["visit"]
        visit.ended = parsed = outcome_of_failure(failure.value)
        self.logger.info("%s %s：%s %s", visit.target.id, visit.channel, parsed.outcome, parsed.detail)
        at = clock.now()
        yield self.poll(visit, Page(url=request.url, body=b"", status=0), parsed, at)
        if visit.failed:
            async for item in visit.failed(visit, at):
                yield item
        for item in self._arrived(visit):
            yield item


def page_of(response: Response) -> Page:
    headers = {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    kept_at = (response.meta.get("kept") or {}).get("at") if response.status == 200 else None
    return Page(url=response.url, body=response.body, status=response.status, headers=headers, kept_at=kept_at)
