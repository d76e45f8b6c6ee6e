"""A look at a page as a browser shows it: codes drawn by any means, with their boxes, on a desktop and on a phone.

The page is given (by scrapy-playwright, or by `gzcrawl.audit`); nothing here starts a browser. Dialogs are dismissed by
Playwright because nobody listens to them, downloads are refused by the context, `beforeunload` is not run on closing.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from PIL import Image
from playwright.async_api import ElementHandle, Error, Frame, Page, Route

from gzcrawl.qr import scripts
from gzcrawl.qr.payload import classify
from gzcrawl.qr.picture import annotated, reveal, words
from gzcrawl.qr.pixels import Box, still_read
from gzcrawl.qr.prominence import Facts, score
from gzcrawl.qr.shots import Camera, Seen, Shot
from gzcrawl.qr.watch import Watch

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

SECONDS = 45.0
LOAD_PART = 0.15
"""How much of its time a page may go on loading before it is looked at as it is."""
MAX_HEIGHT = 12_000
MAX_INNER = 3000
"""CSS pixels to which a frame, or a box with a scroll bar, is made higher."""
SCROLL_STEPS, SCROLL_PAUSE = 14, 60
"""A page is scrolled through at one step a frame; once more, with pauses in milliseconds, when a code is missing."""

QUIET_SECONDS = 2.0
LATE_SECONDS = 1.2
"""When an expected code is not there yet, scripts get so much more time."""
POINT_SECONDS = 0.2
AROUND = 250
"""CSS pixels above and below the window in which a bubble may open."""
MOST_PICTURES, MOST_ICONS = 150, 16
MARGIN = 30

ICON = r"wei?xin|wechat|weibo|(^|[^a-z])(wx|wb)|gzh|ewm|erweima|qr-?code|二维码|微信|微博|公众号|扫一扫|新媒体|关注我们"


@dataclass(frozen=True, slots=True)
class Spot:
    """One code on the rendered page."""

    payload: str
    box: Box  # CSS pixels of the page
    facts: Facts
    seen: Seen


@dataclass(slots=True)
class Look:
    """What was seen of one page. `unseen` says what was not: only when it is empty a missing code is not there."""

    spots: list[Spot] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)  # CSS pixels of the page
    shot: Shot | None = None  # of the page on a desktop, at most MAX_HEIGHT high
    html: str = ""
    broken: list[str] = field(default_factory=list)  # addresses of pictures that arrived and could not be shown
    whole: bool = False  # it loaded, and everything that writes into it arrived and ran
    phone_width: int | None = None  # CSS pixels it needs in a phone's window
    settled: set[str] = field(default_factory=set)  # addresses of pictures that came, or that are not there

    @property
    def payloads(self) -> set[str]:
        return {spot.payload for spot in self.spots}

    def drawn(self, colours: Callable[[Spot], str]) -> Image.Image | None:
        """The page with a frame of that colour around each code; those behind icons shown where they appeared."""
        if self.shot is None:
            return None
        spots = [spot for spot in self.spots if spot.facts.shown != "phone"]
        hidden = [(spot.box, spot.seen.picture) for spot in spots if spot.facts.shown != "visible"]
        page = self.shot.opened()
        reveal(page, hidden)
        labels = [(spot.box, colours(spot), words(classify(spot.payload), spot.facts.shown)) for spot in spots]
        return annotated(page, labels)


def best(spots: Iterable[Spot], payload: str) -> Spot | None:
    """The most prominent of the places where a code stands."""
    same = (spot for spot in spots if spot.payload == payload)
    return max(same, key=lambda spot: score(spot.facts), default=None)


Enough = Callable[[Collection[str]], bool]


async def look(
    page: Page, watch: Watch, enough: Enough, *, seconds: float = SECONDS, turn: asyncio.Lock | None = None
) -> Look:
    """Look at a page that is being shown. Never raises for what a page does; what was seen until then is returned.

    `enough(payloads)`: whether every expected code was seen; if not, more time and pointing at icons are spent.
    `turn`: shared by the looks that go on in one browser at the same time.
    """
    seen = Look()
    try:
        async with asyncio.timeout(seconds):
            await _look(page, watch, enough, seen, turn or asyncio.Lock(), load_seconds=seconds * LOAD_PART)
    except TimeoutError:
        seen.unseen.append(f"{seconds:g} 秒内没有看完")
    except Error as error:
        seen.unseen.append(f"浏览器出错（{error.message.splitlines()[0][:120]}）")
    seen.whole = bool(seen.html) and not watch.broken
    seen.settled = watch.arrived | watch.gone
    seen.unseen = list(dict.fromkeys((*seen.unseen, *watch.unread)))
    return seen


async def _look(
    page: Page, watch: Watch, enough: Enough, seen: Look, turn: asyncio.Lock, *, load_seconds: float
) -> None:
    try:
        await page.wait_for_load_state("load", timeout=load_seconds * 1000)
    except Error:
        seen.unseen.append("页面一直没有加载完")
        watch.broken = True
    session, _scrolled = await asyncio.gather(
        page.context.new_cdp_session(page), page.evaluate(scripts.SCROLL, [SCROLL_STEPS, 0])
    )
    await watch.quiet(QUIET_SECONDS)
    camera = Camera(session, turn)
    await _desktop(page, camera, seen, first=True)
    if not enough(seen.payloads):
        if await _unfold(page) or await page.evaluate(scripts.MAY_CHANGE):
            await page.evaluate(scripts.SCROLL, [SCROLL_STEPS, SCROLL_PAUSE])
            await asyncio.sleep(LATE_SECONDS)
            await watch.quiet(QUIET_SECONDS)
        await _desktop(page, camera, seen)
    seen.unseen += [f"{url[:150]}（图片显示不出来）" for url in seen.broken if url not in watch.gone]
    if not enough(seen.payloads):
        await _point(page, camera, enough, seen)
    await _phone(page, camera, enough, seen)


async def _unfold(page: Page) -> bool:
    """Make what can be scrolled within the page as high as what is in it, frames too; whether there was any such thing."""
    unfolded = [await page.evaluate(scripts.UNFOLD, MAX_INNER)]
    for frame in page.frames[1:]:
        with contextlib.suppress(Error):  # it has gone: it is noted when its icons are looked for
            unfolded.append(await frame.evaluate(scripts.UNFOLD, MAX_INNER))
            wanted = min((await frame.evaluate(scripts.SIZE))["height"], MAX_INNER)
            unfolded.append(await (await frame.frame_element()).evaluate(scripts.HIGHER, [wanted, AROUND]))
    return any(unfolded)


async def _desktop(page: Page, camera: Camera, seen: Look, *, first: bool = False) -> None:
    """`first`: in haste, the window as it is; what it does not show is proven by another look only."""
    measured = await page.evaluate(scripts.PAGE, MOST_PICTURES)
    seen.size = (int(measured["width"]), int(measured["height"]))
    height = min(seen.size[1], MAX_HEIGHT)
    if height < seen.size[1]:
        seen.unseen.append(f"页面高 {seen.size[1]} 像素，只看了前 {MAX_HEIGHT} 像素")
    taken = await camera.shoot((0, 0, DESKTOP[0], height), window=measured["window"] if first else 0)
    seen.shot = taken.shot
    boxes = [(round(x), round(y), round(w), round(h)) for x, y, w, h in measured["pictures"]]
    known = seen.payloads
    reading = asyncio.create_task(taken.codes(boxes))
    try:  # what needs no pixels is asked for while they are read
        seen.broken, seen.html = await asyncio.gather(page.evaluate(scripts.BROKEN, MOST_PICTURES), page.content())
    finally:
        found = await reading
    seen.spots += [_spot(one, "visible") for one in found if one.code.payload not in known]


async def _point(page: Page, camera: Camera, enough: Enough, seen: Look) -> None:
    """Point at what looks like an icon, then click it, and look at the window again; in frames too."""
    await page.route("**", _stay)
    icons = [(frame, icon) for frame in page.frames for icon in await _icons(frame, seen)]
    for frame, icon in icons[:MOST_ICONS]:
        for how, act in (("hover", page.mouse.move), ("click", page.mouse.click)):
            place = await _into_view(page, frame, icon)  # again for the click: taking a picture may scroll
            if place is None:
                break
            scrolled = await page.evaluate(scripts.SCROLL_TO, place[1])
            await act(*place)
            if await _revealed(camera, seen, scrolled, how):
                break
        await page.mouse.move(1, 1)
        if enough(seen.payloads):
            break
    else:
        if len(icons) > MOST_ICONS:
            seen.unseen.append(f"像图标的元素有{len(icons)}个，只试了{MOST_ICONS}个")
    await page.unroute("**", _stay)


async def _icons(frame: Frame, seen: Look) -> list[ElementHandle]:
    try:
        await frame.evaluate(scripts.HOLD)
        found = await frame.evaluate_handle(scripts.ICONS, ICON)
        elements = [one.as_element() for one in (await found.get_properties()).values()]
    except Error:
        seen.unseen.append(f"{frame.url[:150]}（框架已离开）")
        return []
    return [element for element in elements if element]


async def _into_view(page: Page, frame: Frame, icon: ElementHandle) -> tuple[float, float] | None:
    """The middle of the icon, CSS pixels of the window; None when it is not shown any more."""
    await frame.evaluate(scripts.SCROLL_TO, await icon.evaluate(scripts.MIDDLE))
    box = await icon.bounding_box()
    if box and frame.parent_frame:
        await page.evaluate(scripts.SCROLL_TO, box["y"] + box["height"] / 2)
        box = await icon.bounding_box()
    return (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) if box else None


async def _revealed(camera: Camera, seen: Look, scrolled: tuple[float, float], how: str) -> bool:
    """Whether the window, or what lies just above and below it, shows a code that was not known; it is noted."""
    await asyncio.sleep(POINT_SECONDS)
    left, top = round(scrolled[0]), max(0, round(scrolled[1]) - AROUND)
    around = await camera.shoot((left, top, DESKTOP[0], DESKTOP[1] + 2 * AROUND))
    found = await around.codes()
    new = [_spot(one, how) for one in found if one.code.payload not in seen.payloads]
    seen.spots += new
    return bool(new)


async def _stay(route: Route) -> None:
    """While icons are clicked the page must not go elsewhere."""
    request = route.request
    if request.is_navigation_request() and request.frame.parent_frame is None:
        await route.abort()
    else:
        await route.fallback()


async def _phone(page: Page, camera: Camera, enough: Enough, seen: Look) -> None:
    """The same page in a phone's window, without loading it again; drawn only where that may tell something."""
    shown = [spot for spot in seen.spots if spot.facts.shown == "visible"]
    places = [spot.box for spot in shown]
    elements = await page.evaluate_handle(scripts.AT, [[x + w / 2, y + h / 2] for x, y, w, h in places])
    width, height = PHONE
    await camera.session.send(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": PHONE_DENSITY, "mobile": True},
    )
    size = await elements.evaluate(scripts.PHONE, MARGIN)
    zoom, found = _zoom(size), list[Seen]()
    sides: dict[str, float] = {}
    same = list(zip(shown, size["ratios"], strict=True))
    if enough({spot.payload for spot in shown}) and all(
        _is_read(spot, ratio * zoom * PHONE_DENSITY) for spot, ratio in same
    ):
        for spot, ratio in same:
            sides[spot.payload] = max(sides.get(spot.payload, 0.0), spot.facts.side * ratio * zoom)
    else:
        size, found = await _drawn_on_phone(page, camera, enough, seen, size)
        zoom = _zoom(size)
        for one in found:
            sides[one.code.payload] = max(sides.get(one.code.payload, 0.0), min(one.code.box[2:]) * zoom)
    seen.phone_width = round(size["width"])
    seen.spots = [replace(spot, facts=replace(spot.facts, phone_side=sides.get(spot.payload))) for spot in seen.spots]
    for one in found:
        if one.code.payload not in seen.payloads:
            seen.spots.append(_spot(one, "phone", sides[one.code.payload], PHONE[1]))


def _is_read(spot: Spot, factor: float) -> bool:
    """Whether the same picture in `factor` times the pixels is read too; 0: it is not the same."""
    return factor > 0 and still_read(spot.seen.grey, spot.payload, factor)


async def _drawn_on_phone(
    page: Page, camera: Camera, enough: Enough, seen: Look, size: dict[str, Any]
) -> tuple[dict[str, Any], list[Seen]]:
    """The size of the phone's page, and the codes where they should be now, or, if that does not show all, anywhere on it."""
    found = list[Seen]()
    if enough(seen.payloads):
        areas = [tuple(map(round, area)) for area in size["areas"]]
        parts = [await camera.shoot(area, _zoom(size), PHONE_DENSITY, window=size["window"]) for area in areas]
        found = list(itertools.chain(*await asyncio.gather(*(part.codes() for part in parts))))
    if not enough({one.code.payload for one in found}):
        await page.evaluate(scripts.FRAMES)
        size = await page.evaluate(scripts.SIZE)
        whole = (0, 0, round(size["width"]), min(int(size["height"]), round(MAX_HEIGHT / 2 / _zoom(size))))
        found = await (await camera.shoot(whole, _zoom(size), PHONE_DENSITY)).codes()
    return size, found


def _zoom(size: dict[str, Any]) -> float:
    """How much smaller a phone shows a page of that size: the whole width."""
    return min(1.0, PHONE[0] / max(float(size["width"]), 1.0))


def _spot(one: Seen, how: str, phone_side: float | None = None, screen: int = DESKTOP[1]) -> Spot:
    facts = Facts(
        side=float(min(one.code.box[2:])),
        screens=round(max(0, one.code.box[1]) / screen, 2),
        shown=how,
        contrast=one.contrast,
        quiet=one.quiet,
        plain=one.plain,
        phone_side=phone_side,
    )
    return Spot(one.code.payload, one.code.box, facts, one)
