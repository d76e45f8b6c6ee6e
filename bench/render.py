"""What the rendered look costs beside the least that scrapy-playwright can do: open the page, take a full-page picture.

    python -m bench.render [--rounds 5]

Time: one page after another, the two in turn in one browser and one crawl, medians. Memory: four pages at once, the
proportional set size (PSS) of all processes of the crawl, Chromium's and the driver's included, the highest of samples.
Targets: at most 1.2 times the time where the codes are seen at once, at most 500 MiB.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from fixtures.qr.pages import WECHAT, WEIBO
from fixtures.qr.server import PageServer

PAGES = {
    "seen at once": (
        "img",
        "floating_bar",
        "footer_far_down",
        "lazy_native",
        "canvas",
        "iframe",
        "css_linked",
        "portal",
    ),
    "behind an icon": ("hover_css", "click"),
    "not there": ("none", "picture_gone"),
}
AT_ONCE = 4
SAMPLE_SECONDS = 0.05


def portal() -> bytes:
    """A home page of usual weight: 40 pictures, 400 links, some scripts, codes in the footer."""
    links = "".join(f'<li><a href="/{n}.html">章江市第{n}号通知公告的标题</a> 2025-10-13</li>' for n in range(400))
    block = "width:220px;height:120px;display:inline-block;background:hsl"
    pictures = "".join(
        f'<img src="/img/wb.png?{n}" width="0"><div style="{block}({9 * n},60%,60%)"></div>' for n in range(40)
    )
    return (
        f'<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>章江市某局</title></head><body><h1>章江市某局</h1>'
        f'{pictures}<ul style="columns:4">{links}</ul><img src="/img/wb.png"><img src="/img/wx.png"></body></html>'
    ).encode()  # fmt: skip


def spider(urls: list[str], kinds: tuple[str, ...], at_once: int) -> type:
    import scrapy
    from scrapy_playwright.page import PageMethod

    from gzcrawl.egress import Egress
    from gzcrawl.spiders.rendered import Browser, browser_settings

    def enough(payloads: Collection[str]) -> bool:
        return {WEIBO, WECHAT} <= set(payloads)

    class Render(scrapy.Spider):
        name = "render"
        custom_settings: ClassVar[dict[str, Any]] = {
            **browser_settings(), "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": AT_ONCE, "CONCURRENT_REQUESTS_PER_DOMAIN": AT_ONCE,
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
            for request in ():
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


def crawl(urls: list[str], kinds: tuple[str, ...], at_once: int) -> None:
    """In a process of its own: look at the pages; a line with address, kind and seconds for each."""
    from scrapy.crawler import AsyncCrawlerProcess

    reactor = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
    process = AsyncCrawlerProcess({"TWISTED_REACTOR": reactor, "LOG_ENABLED": False})
    process.crawl(spider(urls, kinds, at_once))
    process.start()


def started(urls: Iterable[str], kinds: str, at_once: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.render", "--child", kinds, "--at-once", str(at_once), *urls]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def seconds(urls: list[str], rounds: int) -> dict[str, tuple[float, float]]:
    """Medians (bare, ours) of each page; the first of each is not counted: the browser starts."""
    took = defaultdict[tuple[str, str], list[float]](list)
    with started(urls * (rounds + 1), "bare,ours", 1) as process:
        assert process.stdout is not None
        for line in process.stdout:
            url, kind, spent = json.loads(line)
            took[url, kind].append(spent)
    return {url: (statistics.median(took[url, "bare"][1:]), statistics.median(took[url, "ours"][1:])) for url in urls}


def memory(urls: list[str], kinds: str) -> Counter[str]:
    """MiB of PSS by kind of process, at the moment when their sum was highest."""
    most = Counter[str]()
    with started(urls, kinds, AT_ONCE) as process:
        while process.poll() is None:
            now = Counter[str]()
            for pid in _family(process.pid):
                now[_kind(pid)] += _pss(pid)
            most = max(most, now, key=Counter.total)
            time.sleep(SAMPLE_SECONDS)
    return Counter({kind: round(kib / 1024) for kind, kib in most.items()})


def _kind(pid: int) -> str:
    with suppress(OSError):
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        found = re.search(r"--type=(\S+)", command)
        if found:
            return found[1]
        return next((name for name in ("python", "node") if name in Path(command.partition(" ")[0]).name), "browser")
    return "gone"


def _family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


def _pss(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="0: memory only")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--at-once", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("urls", nargs="*", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        crawl(args.urls, tuple(args.child.split(",")), args.at_once)
        return
    with PageServer() as server:
        server.answers["/portal/"] = (200, "text/html; charset=utf-8", portal())
        urls = [server.url(name) for names in PAGES.values() for name in names]
        took = seconds(urls, args.rounds) if args.rounds else {}
        for group, names in PAGES.items() if took else ():
            for name in names:
                bare, ours = took[server.url(name)]
                print(f"  {name:18} bare {bare:.3f} s  ours {ours:.3f} s  {ours / bare:.2f}x")
            bare, ours = (sum(times) for times in zip(*(took[server.url(name)] for name in names), strict=True))
            print(f"{group}: {ours / bare:.2f}x", flush=True)
        for kinds in ("blank", "bare", "ours"):
            held = memory(urls, kinds)
            parts = ", ".join(f"{kind} {mib}" for kind, mib in held.most_common())
            print(f"{AT_ONCE} pages at once, {kinds}: {held.total()} MiB PSS ({parts})", flush=True)


if __name__ == "__main__":
    main()
