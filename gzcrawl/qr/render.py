"""A look at a page as a browser shows it: codes drawn by any means, with their boxes, on a desktop and on a phone.

The page is given (by scrapy-playwright, or by `gzcrawl.audit`); nothing here starts a browser. Dialogs are dismissed by
Playwright because nobody listens to them, downloads are refused by the context, `beforeunload` is not run on closing.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from playwright.async_api import CDPSession, Error, Page, Request, Response, Route

from gzcrawl.qr import scripts
from gzcrawl.qr.decode import Code
from gzcrawl.qr.picture import annotated, crop, revealed
from gzcrawl.qr.pixels import Box, find, stands_out
from gzcrawl.qr.prominence import Facts, score

DESKTOP = (1920, 1080)
PHONE = (390, 844)
PHONE_DENSITY = 2

CONTEXT: dict[str, Any] = {
    "viewport": {"width": DESKTOP[0], "height": DESKTOP[1]},
    "ignore_https_errors": True,  # a site with a bad certificate is still looked at
    "accept_downloads": False,
    "service_workers": "block",
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
}
"""How the browser context must be made."""

SECONDS = 20.0
LOAD_PART = 0.3
"""How much of its time a page may go on loading before it is looked at as it is."""
MAX_HEIGHT = 12_000
SCROLL_STEPS, SCROLL_PAUSE = 14, 40
QUIET_SECONDS = 2.0
LATE_SECONDS = 1.2
"""When an expected code is not there yet, scripts get so much more time."""
POINT_SECONDS = 0.2
AROUND = 250
"""CSS pixels above and below the window in which a bubble may open."""
MOST_PICTURES, MOST_ICONS = 150, 10

ICON = r"wei?xin|wechat|weibo|(^|[^a-z])(wx|wb)|gzh|ewm|erweima|qr-?code|二维码|微信|微博|公众号|扫一扫|新媒体|关注我们"

_TOLD_INSTEAD = re.compile(r"\s*(?:text/html|application/json)", re.I)
"""What a wall, an error page or an interface answers where a script or a picture was asked for."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One code on the rendered page."""

    payload: str
    box: Box  # CSS pixels of the page
    facts: Facts
    picture: Image.Image  # the code with a margin, as rendered


@dataclass(slots=True)
class Look:
    """What was seen of one page. `unseen` says what was not: only when it is empty a missing code is not there."""

    spots: list[Spot] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)  # CSS pixels of the page
    picture: Image.Image | None = None  # of the page on a desktop, at most MAX_HEIGHT high
    html: str = ""
    whole: bool = False  # it loaded, and everything that writes into it arrived and ran
    phone_width: int | None = None  # CSS pixels it needs in a phone's window
    settled: set[str] = field(default_factory=set)  # addresses of pictures that came, or that are not there

    @property
    def payloads(self) -> set[str]:
        return {spot.payload for spot in self.spots}

    def drawn(self, colours: Callable[[Spot], str]) -> Image.Image | None:
        """The page with a frame of that colour around each code; those behind icons shown where they appeared."""
        if self.picture is None:
            return None
        hidden = [(spot.box, spot.picture) for spot in self.spots if spot.facts.shown != "visible"]
        return annotated(revealed(self.picture, hidden), [(spot.box, colours(spot)) for spot in self.spots])


def best(spots: Iterable[Spot], payload: str) -> Spot | None:
    """The most prominent of the places where a code stands."""
    same = (spot for spot in spots if spot.payload == payload)
    return max(same, key=lambda spot: score(spot.facts), default=None)


Enough = Callable[[Collection[str]], bool]


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
                calm = 0
                while calm < 3:
                    await asyncio.sleep(0.03)
                    calm = calm + 1 if self.under_way <= 0 else 0

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


async def look(page: Page, watch: Watch, enough: Enough, *, seconds: float = SECONDS) -> Look:
    """Look at a page that is being shown. Never raises for what a page does; what was seen until then is returned.

    `enough(payloads)`: whether every expected code was seen; if not, more time and pointing at icons are spent.
    """
    seen = Look()
    try:
        async with asyncio.timeout(seconds):
            await _look(page, watch, enough, seen, load_seconds=seconds * LOAD_PART)
    except TimeoutError:
        seen.unseen.append(f"{seconds:g} 秒内没有看完")
    except Error as error:
        seen.unseen.append(f"浏览器出错（{error.message.splitlines()[0][:120]}）")
    seen.whole = bool(seen.html) and not watch.broken
    seen.settled = watch.arrived | watch.gone
    seen.unseen = list(dict.fromkeys((*seen.unseen, *watch.unread)))
    return seen


async def _look(page: Page, watch: Watch, enough: Enough, seen: Look, *, load_seconds: float) -> None:
    try:
        await page.wait_for_load_state("load", timeout=load_seconds * 1000)
    except Error:
        seen.unseen.append("页面一直没有加载完")
        watch.broken = True
    await page.evaluate(scripts.SCROLL, [SCROLL_STEPS, SCROLL_PAUSE])
    await watch.quiet(QUIET_SECONDS)
    broken = await page.evaluate(scripts.BROKEN, MOST_PICTURES)
    seen.unseen += [f"{url[:150]}（图片显示不出来）" for url in broken if url not in watch.gone]
    session = await page.context.new_cdp_session(page)
    await _desktop(page, session, seen)
    if not enough(seen.payloads):
        await asyncio.sleep(LATE_SECONDS)
        await watch.quiet(QUIET_SECONDS)
        await _desktop(page, session, seen)
    seen.html = await page.content()
    if not enough(seen.payloads):
        await _point(page, session, enough, seen)
    await _phone(page, session, seen)


async def _desktop(page: Page, session: CDPSession, seen: Look) -> None:
    size = await page.evaluate(scripts.SIZE)
    places = await page.evaluate(scripts.PICTURES, MOST_PICTURES)
    seen.size = (int(size["width"]), int(size["height"]))
    height = min(seen.size[1], MAX_HEIGHT)
    if height < seen.size[1]:
        seen.unseen.append(f"页面高 {seen.size[1]} 像素，只看了前 {MAX_HEIGHT} 像素")
    picture = await _shoot(session, (0, 0, DESKTOP[0], height))
    boxes = [(round(x), round(y), round(w), round(h)) for x, y, w, h in places]
    codes = await asyncio.to_thread(find, picture, boxes)
    seen.picture = picture
    known = {(spot.payload, spot.box) for spot in seen.spots}
    seen.spots += [
        _spot(code, picture, code.box, "visible", plain)
        for code, plain in codes
        if (code.payload, code.box) not in known
    ]


async def _point(page: Page, session: CDPSession, enough: Enough, seen: Look) -> None:
    """Point at what looks like an icon, then click it, and look at the window again."""
    await page.evaluate(scripts.HOLD)
    await page.route("**", _stay)
    for icon in await page.evaluate(scripts.ICONS, [ICON, MOST_ICONS]):
        left, top = await page.evaluate(scripts.INTO_VIEW, icon["y"])
        x, y = icon["x"] - left, icon["y"] - top
        await page.mouse.move(x, y)
        if not await _revealed(session, seen, (left, top), "hover"):
            await page.mouse.click(x, y)
            await _revealed(session, seen, (left, top), "click")
        await page.mouse.move(1, 1)
        if enough(seen.payloads):
            break
    await page.unroute("**", _stay)


async def _revealed(session: CDPSession, seen: Look, scrolled: tuple[float, float], how: str) -> bool:
    """Whether the window, or what lies just above and below it, shows a code that was not known; it is noted."""
    await asyncio.sleep(POINT_SECONDS)
    left, top = round(scrolled[0]), max(0, round(scrolled[1]) - AROUND)
    around = await _shoot(session, (left, top, DESKTOP[0], DESKTOP[1] + 2 * AROUND))
    new = [(c, plain) for c, plain in await asyncio.to_thread(find, around) if c.payload not in seen.payloads]
    for code, plain in new:
        x, y, width, height = code.box
        seen.spots.append(_spot(code, around, (x + left, y + top, width, height), how, plain))
    return bool(new)


async def _stay(route: Route) -> None:
    """While icons are clicked the page must not go elsewhere."""
    request = route.request
    if request.is_navigation_request() and request.frame.parent_frame is None:
        await route.abort()
    else:
        await route.fallback()


async def _phone(page: Page, session: CDPSession, seen: Look) -> None:
    """The same page in a phone's window, without loading it again."""
    width, height = PHONE
    await session.send(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": PHONE_DENSITY, "mobile": True},
    )
    await asyncio.sleep(0.15)
    size = await page.evaluate(scripts.SIZE)
    layout = max(float(size["width"]), 1.0)
    seen.phone_width = round(layout)
    zoom = min(1.0, width / layout)
    clip = (0, 0, round(layout), min(int(size["height"]), round(MAX_HEIGHT / 2 / zoom)))
    picture = await _shoot(session, clip, scale=zoom)
    density = picture.width / (layout * zoom)
    codes = await asyncio.to_thread(find, picture, (), density)
    sides: dict[str, float] = {}
    for code, _plain in codes:
        sides[code.payload] = max(sides.get(code.payload, 0.0), float(min(code.box[2:])))
    seen.spots = [replace(spot, facts=replace(spot.facts, phone_side=sides.get(spot.payload))) for spot in seen.spots]


async def _shoot(session: CDPSession, clip: tuple[int, int, int, int] | None, scale: float = 1.0) -> Image.Image:
    """The page's part `clip` in CSS pixels, or the window."""
    wanted: dict[str, Any] = {"format": "jpeg", "quality": 92, "optimizeForSpeed": True}
    if clip:
        x, y, width, height = clip
        wanted |= {
            "captureBeyondViewport": True,
            "clip": {"x": x, "y": y, "width": width, "height": height, "scale": scale},
        }
    answer = await session.send("Page.captureScreenshot", wanted)
    picture = Image.open(io.BytesIO(base64.b64decode(answer["data"])))
    await asyncio.to_thread(picture.load)
    return picture


def _spot(code: Code, picture: Image.Image, on_page: Box, how: str, plain: bool) -> Spot:
    contrast, quiet = stands_out(picture, code.box)
    facts = Facts(
        side=float(min(code.box[2:])),
        screens=round(max(0, on_page[1]) / DESKTOP[1], 2),
        shown=how,
        contrast=contrast,
        quiet=quiet,
        plain=plain,
    )
    return Spot(code.payload, on_page, facts, crop(picture, code.box))


def _domain(url: str) -> str:
    host = url.split("/")[2].partition(":")[0] if url.count("/") >= 2 else ""
    return ".".join(host.split(".")[-3:])
