"""What arrives at a page that a browser shows, and what does not."""

from __future__ import annotations

import asyncio
import contextlib
import re
from urllib.parse import urlsplit

from playwright.async_api import Error, Page, Request, Response

_TOLD_INSTEAD = re.compile(r"\s*(?:text/html|application/json)", re.I)
"""What a wall, an error page or an interface answers where a script or a picture was asked for."""

CALM_SECONDS = 0.03


class Watch:
    """Listens to a page from before it is opened: what is under way, and what that may show a code failed to arrive."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.under_way = 0
        self.unread: list[str] = []
        self.gone: set[str] = set()  # addresses that answer 404 or 410: what is not there hides no code
        self.broken = False  # a script, a style sheet or data of its own failed
        self.arrived: set[str] = set()  # addresses of pictures that came
        self._closing: set[asyncio.Task[None]] = set()
        page.on("request", self._started)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._broken)
        page.on("response", self._answered)
        page.on("popup", self._popup)
        page.on("pageerror", self._script_failed)

    async def quiet(self, seconds: float) -> None:
        """Wait until nothing is under way for a moment, but no longer than that."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.under_way > 0:
                    await asyncio.sleep(CALM_SECONDS)

    def _started(self, _request: Request) -> None:
        self.under_way += 1

    def _ended(self, _request: Request) -> None:
        self.under_way -= 1

    def _broken(self, request: Request) -> None:
        self.under_way -= 1
        if request.failure != "net::ERR_ABORTED" and not request.url.startswith(("file:", "blob:")):
            self._missed(request.resource_type, request.url, str(request.failure))

    def _answered(self, response: Response) -> None:
        kind = response.request.resource_type
        if response.status in (404, 410):
            self.gone.add(response.url)
        elif kind in ("script", "image") and _TOLD_INSTEAD.match(response.headers.get("content-type", "")):
            self._missed(kind, response.url, "不是脚本或图片")
        elif response.headers.get("content-length") == "0" and response.status == 200:
            self._missed(kind, response.url, "内容为空")
        elif response.status >= 400:
            self._missed(kind, response.url, f"HTTP {response.status}")
        elif kind == "image":
            self.arrived.add(response.url)

    def _script_failed(self, error: Error) -> None:
        """A script of the site's own that broke, or arrived broken, may have drawn a code."""
        own = urlsplit(self.page.url).hostname or ""
        if error.name == "SyntaxError" or own in (error.stack or ""):
            self.broken = True
            self.unread.append(f"脚本出错（{error.message[:100]}）")

    def _missed(self, kind: str, url: str, why: str) -> None:
        shows = kind == "image" or (kind in ("document", "script", "stylesheet", "xhr", "fetch") and self._own(url))
        self.broken = self.broken or (shows and kind != "image")
        if shows and len(self.unread) < 20:
            self.unread.append(f"{url[:150]}（{why}）")

    def _own(self, url: str) -> bool:
        """Statistics scripts of third parties fail everywhere; they draw no codes."""
        return _domain(url) == _domain(self.page.url)

    def _popup(self, popup: Page) -> None:
        async def close() -> None:
            with contextlib.suppress(Error):
                await popup.close()

        task = asyncio.create_task(close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _domain(url: str) -> str:
    host = url.split("/")[2].partition(":")[0] if url.count("/") >= 2 else ""
    return ".".join(host.split(".")[-3:])
