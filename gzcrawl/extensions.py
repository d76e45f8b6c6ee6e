"""What a person sees while a crawl runs."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler

from gzcrawl.items import Poll, Post

EVERY_SECONDS = 2.0

NAMES = {
    "weibo": "微博",
    "wechat": "微信",
    "govsite": "网站",
    "website": "网站技术检测",
    "feed": "订阅源",
    "official": "官方接口",
    "links": "链接",
    "comments": "评论",
}


COVERAGE = "gzcrawl/coverage"
"""Statistic: how many posts there were ("posts"), and how many of them have each of FIELDS."""
FIELDS = ("published_at", "url", "title", "text", "author_name", "native_id")
"""Of a post: those whose share tells whether a parser still understands its source. Spidermon's own count of every field of
every item costs a quarter of the crawl."""


class Progress:
    """One line on stderr every two seconds, and one at the end: polls done and how many of them saw something."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._polls = self._observed = 0
        self._shown = time.monotonic()
        self._coverage: Counter[str] = Counter()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def item_scraped(self, item: Any) -> None:
        if isinstance(item, Post):
            self._coverage["posts"] += 1
            self._coverage.update(name for name in FIELDS if getattr(item, name))
        if not isinstance(item, Poll):
            return
        self._polls += 1
        self._observed += item.outcome.observed
        assert self._crawler.stats is not None
        self._crawler.stats.inc_value(f"gzcrawl/outcome/{item.outcome}")
        if time.monotonic() - self._shown > EVERY_SECONDS:
            self._show("巡查中")

    def spider_closed(self) -> None:
        assert self._crawler.stats is not None
        self._crawler.stats.set_value(COVERAGE, dict(self._coverage))
        if self._polls:
            self._show("巡查完")

    def _show(self, state: str) -> None:
        self._shown = time.monotonic()
        name = NAMES.get(self._crawler.spider.name, self._crawler.spider.name)  # type: ignore[union-attr]
        print(
            f"  {name} {state}：{self._polls} 次查看，其中 {self._observed} 次看到了内容", file=sys.stderr, flush=True
        )
