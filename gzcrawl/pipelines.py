"""From the spiders to MongoDB: batched, idempotent, in an order in which a stored poll means its posts are stored."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Self

from pymongo.errors import PyMongoError
from scrapy.crawler import Crawler

from gzcrawl import clock
from gzcrawl.store.connect import connect_async
from gzcrawl.store.observations import Observation, write

logger = logging.getLogger(__name__)

BATCH = 500


class StorePipeline:
    """Collects items and writes them in bulk. When MongoDB fails, nothing collected is dropped and the crawl ends."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._waiting: list[tuple[Observation, Any]] = []
        self._writing = asyncio.Lock()
        self._failed = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def open_spider(self) -> None:
        self.client, self.db = connect_async(self.crawler.spider.mongo_uri)  # type: ignore[union-attr]

    async def process_item(self, item: Observation) -> Observation:
        self._waiting.append((item, clock.now()))
        # While a batch is being written the next one gathers.
        if len(self._waiting) >= BATCH and not self._writing.locked() and not self._failed:
            try:
                await self._flush()
            except PyMongoError as error:
                self._failed = True
                logger.error("写入 MongoDB 失败，巡查中止：%s", error)
                assert self.crawler.engine is not None
                self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="store_failed"))
        return item

    async def close_spider(self) -> None:
        try:
            await self._flush()
        finally:
            await self.client.close()

    async def _flush(self) -> None:
        # One write at a time: a poll must not overtake the posts of an earlier batch.
        async with self._writing:
            batch, self._waiting = self._waiting, []
            try:
                await write(self.db, batch)
            except PyMongoError:
                self._waiting = batch + self._waiting
                raise
