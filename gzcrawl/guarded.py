"""The browser of a crawl: one, started when the first page needs it, ended when it no longer answers.

Whatever waits for a browser that is ended fails then, which is an outcome; scrapy-playwright starts a new one for the
next page.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
from collections.abc import MutableMapping
from typing import ClassVar
from weakref import WeakKeyDictionary

from playwright.async_api import Browser, Error
from scrapy.crawler import Crawler
from scrapy_playwright.handler import Config, ScrapyPlaywrightDownloadHandler
from scrapy_playwright.provider import PlaywrightBrowserProvider

from gzcrawl import leftovers

BEAT_SECONDS = 5.0
ANSWER_SECONDS = 30.0
"""A busy machine is slow; a browser that says nothing for so long is wedged."""
CLOSE_SECONDS = 10.0

DRIVER_MEMORY = "--max-old-space-size=256 --max-semi-space-size=1 --jitless"
"""Playwright's driver passes pictures on and throws them away: without a bound it holds twice as much, and it compiles
what runs once.
"""

MMAP_THRESHOLD, MMAP_BYTES = -3, 128 * 1024
"""glibc's `M_MMAP_THRESHOLD`: what is as large is returned when it is freed. Left alone it rises with the first picture."""

logger = logging.getLogger(__name__)


class GuardedBrowsers(PlaywrightBrowserProvider):  # type: ignore[misc]  # it is untyped
    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._mark = leftovers.mark_in(config.launch_options.get("args", []))
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Nothing yet: a round in which no page is shown needs no driver, which takes 100 MiB."""

    async def launch_browser(self) -> Browser:
        if self.playwright is None:
            orphans = await asyncio.to_thread(leftovers.end_orphans)
            if orphans:
                logger.warning("结束了%d个以前遗留的浏览器进程", orphans)
            os.environ.setdefault("NODE_OPTIONS", DRIVER_MEMORY)
            with contextlib.suppress(AttributeError):  # another C library
                ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, MMAP_BYTES)
            await super().start()
        browser: Browser = await super().launch_browser()
        self._watching = asyncio.create_task(self._watch(browser))
        return browser

    async def _watch(self, browser: Browser) -> None:
        with contextlib.suppress(Error):  # it was closed
            while browser.is_connected():
                try:
                    async with asyncio.timeout(ANSWER_SECONDS):
                        session = await browser.new_browser_cdp_session()
                        await session.send("Browser.getVersion")
                        await session.detach()
                except TimeoutError:
                    logger.warning("浏览器%g秒没有响应，已结束其进程", ANSWER_SECONDS)
                    await asyncio.to_thread(leftovers.end, self._mark)
                    return
                await asyncio.sleep(BEAT_SECONDS)

    async def close(self) -> None:
        if self._watching:
            self._watching.cancel()
        # What was not closed until now will not be: the driver waits for it.
        await asyncio.to_thread(leftovers.end, self._mark)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await super().close()


class Handler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # it is untyped
    """One for all schemes: Scrapy makes a handler for each, and each would have a driver and a browser of its own."""

    _of: ClassVar[MutableMapping[Crawler, Handler]] = WeakKeyDictionary()
    _closed = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Handler:
        if crawler not in cls._of:
            cls._of[crawler] = cls(crawler)
        return cls._of[crawler]

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await super().close()
