"""The guest cookies of m.weibo.cn: its public page opened once in a browser, as any visitor does.

No login, no captcha: where the page asks for more, there is no cookie and the accounts stay unseen.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import scrapy
from scrapy.http import Response
from scrapy.settings import BaseSettings

from gzcrawl import clock
from gzcrawl.browser import launch_options
from gzcrawl.mongod import ENV_URI
from gzcrawl.spiders.rendered import Browser, browser_settings
from gzcrawl.store import cookies
from gzcrawl.store.connect import connect, mongo_uri

PLATFORM = "weibo"
HOME = "https://m.weibo.cn/"
GUEST = "SUB"
"""The cookie by which Weibo knows a visitor (Sina Visitor System)."""
WAIT_SECONDS, STEP_SECONDS = 15.0, 0.2
RENEWAL_SECONDS = 90.0


class GuestSpider(scrapy.Spider):
    name = "weibo_guest"
    custom_settings: dict[str, Any] = {"ITEM_PIPELINES": {}, "EXTENSIONS": {}}  # noqa: RUF012 -- as Scrapy declares it
    browser: Browser

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        settings.update(browser_settings(), priority="spider")

    async def start(self) -> AsyncIterator[Any]:
        if not self.settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS"):
            return
        self.browser = await Browser().start()
        ignored = PLATFORM in self.settings.getlist("GZCRAWL_ROBOTS_IGNORE")
        state: dict[str, Any] = {}
        meta = {**self.browser.meta(state), "dont_obey_robotstxt": ignored}
        yield scrapy.Request(HOME, callback=self.opened, errback=self.refused, cb_kwargs={"state": state}, meta=meta)

    async def opened(self, _response: Response, state: dict[str, Any]) -> None:
        page, _watch = state["browser"]
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not (got := {c["name"]: c["value"] for c in await page.context.cookies(HOME)}).get(GUEST):
                    await asyncio.sleep(STEP_SECONDS)
        except TimeoutError:
            self.logger.warning("打开 %s 没有得到访客身份，微博可能要求登录", HOME)
        else:
            with mongo_uri() as uri, connect(uri) as db:
                cookies.save(db, PLATFORM, got, clock.now())
        finally:
            await self.browser.leave(state)

    async def refused(self, failure: Any) -> None:
        self.logger.warning("打开 %s 失败：%s", HOME, failure.value)
        await self.browser.leave(failure.request.cb_kwargs["state"])

    def closed(self, _reason: str) -> None:
        if hasattr(self, "browser"):
            self.browser.close()


async def renew(uri: str) -> bool:
    """Fetch new guest cookies into the database at `uri`, in a process of its own; whether that ended in time."""
    if launch_options() is None:
        return False
    command = (sys.executable, "-m", "gzcrawl.crawl", "--round", "guest", GuestSpider.name)
    # Its standard input stays open while we wait: it ends when we do.
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE, env=_environment(uri))
    try:
        async with asyncio.timeout(RENEWAL_SECONDS):
            return await process.wait() == 0
    except TimeoutError:
        process.kill()
        await process.wait()
        return False


def _environment(uri: str) -> dict[str, str]:
    return {**os.environ, ENV_URI: uri, "SCRAPY_SETTINGS_MODULE": "gzcrawl.settings"}
