"""The crawl that bench/render.py measures, in a process of its own that holds nothing else.

    python -m bench.render_crawl KINDS AT_ONCE EXPECTED URL...

KINDS and EXPECTED (payloads) are lists with commas. A line with address, kind and seconds for each page.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Collection
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy_playwright.page import PageMethod

from gzcrawl.egress import Egress
from gzcrawl.spiders.rendered import Browser, browser_settings


def spider(urls: list[str], kinds: list[str], at_once: int, expected: set[str]) -> type[scrapy.Spider]:
    def enough(payloads: Collection[str]) -> bool:
        return expected <= set(payloads)

    class Render(scrapy.Spider):
        name = "render"
        custom_settings = {  # noqa: RUF012
            **browser_settings(), "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": at_once, "CONCURRENT_REQUESTS_PER_DOMAIN": at_once,
            "TELNETCONSOLE_ENABLED": False, "RETRY_ENABLED": False,
        }  # fmt: skip

        async def start(self) -> AsyncIterator[Any]:
            port = int(urls[0].split("/")[2].rpartition(":")[2])
            self.browser, turn = Browser(Egress({("127.0.0.1", port)})), asyncio.Semaphore(at_once)
            await self.browser.start()

            async def one(url: str, kind: str) -> None:
                async with turn:
                    started = time.monotonic()
                    await getattr(self, kind)(url)
                    print(json.dumps([url, kind, time.monotonic() - started]), flush=True)

            await asyncio.gather(*(one(url, kind) for url in urls for kind in kinds))
            self.browser.close()
            for request in list[scrapy.Request]():
                yield request

        async def blank(self, url: str) -> None:
            """The page is opened, and that is all: the floor."""
            meta = self.browser.meta({}) | {"playwright_include_page": False, "playwright_page_init_callback": None}
            await self.crawler.engine.download_async(scrapy.Request(url, meta=meta, dont_filter=True))

        async def bare(self, url: str) -> None:
            meta = self.browser.meta({}) | {
                "playwright_include_page": False, "playwright_page_init_callback": None,
                "playwright_page_methods": [PageMethod("screenshot", full_page=True)],
            }  # fmt: skip
            await self.crawler.engine.download_async(scrapy.Request(url, meta=meta, dont_filter=True))

        async def ours(self, url: str) -> None:
            state = dict[str, Any]()
            meta = self.browser.meta(state)
            await self.crawler.engine.download_async(scrapy.Request(url, meta=meta, dont_filter=True))
            try:
                await self.browser.look(state, enough)
            finally:
                await self.browser.leave(state)

    return Render


def main() -> None:
    kinds, at_once, expected, *urls = sys.argv[1:]
    reactor = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
    process = AsyncCrawlerProcess({"TWISTED_REACTOR": reactor, "LOG_ENABLED": False})
    process.crawl(spider(urls, kinds.split(","), int(at_once), set(expected.split(","))))
    process.start()


if __name__ == "__main__":
    main()
