"""Pictures of a page as the browser draws it. They stay JPEG until somebody looks: a page of 12,000 px is 70 MB unpacked."""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
import math
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image
from playwright.async_api import CDPSession

from gzcrawl.qr.decode import Code
from gzcrawl.qr.picture import margined
from gzcrawl.qr.pixels import Box, Reading, stands_out

_READER = ThreadPoolExecutor(1, "qr-shots")

PIXELS = 4_600_000
"""Drawn at once. Chromium holds four copies of what it draws: 310 MB for a page of 1920 × 6000 in one, some 130 in four."""

PALEST = 0.08
"""A code of less contrast, from 0 to 1, is read by this program and seen by nobody."""


@dataclass(frozen=True, slots=True)
class Shot:
    """The part of a page from (`left`, `top`) on, CSS pixels; one of them is `density` pixels of the picture."""

    strips: tuple[bytes, ...]  # JPEG, from top to bottom
    left: int = 0
    top: int = 0
    density: float = 1.0

    def opened(self) -> Image.Image:
        return self.part(None)

    def part(self, area: Box | None) -> Image.Image:
        """What stands between left, top, right and bottom (pixels of the picture); only strips that show it are unpacked."""
        strips = [Image.open(io.BytesIO(strip)) for strip in self.strips]
        left, top, right, bottom = area or (0, 0, strips[0].width, sum(strip.height for strip in strips))
        picture, y = Image.new("RGB", (right - left, bottom - top)), 0
        for strip in strips:
            if y < bottom and top < y + strip.height:
                picture.paste(strip, (-left, y - top))
            y += strip.height
            strip.close()
        return picture


@dataclass(frozen=True, slots=True)
class Seen:
    """A code in a shot."""

    code: Code  # its box is in CSS pixels of the page
    plain: bool  # the pixels were read as they are
    contrast: float
    quiet: bool
    shot: Shot
    area: Box  # left, top, right and bottom of the code with a margin, pixels of the shot
    grey: Image.Image  # of that area

    @property
    def picture(self) -> Image.Image:
        """The code with a margin, as rendered; unpacked when somebody asks: most codes have been kept in another round."""
        return self.shot.part(self.area)


@dataclass(frozen=True, slots=True)
class Camera:
    """Takes pictures of one page. The pages of a browser share `turn`: one of them is drawn at a time."""

    session: CDPSession
    turn: asyncio.Lock

    async def shoot(self, clip: Box, scale: float = 1.0, density: float = 1.0, *, window: int = 0) -> Taken:
        """The page's part `clip` in CSS pixels, drawn at that scale.

        `window`: so much of it, from the top, is drawn as the window shows it: beyond that, the page is laid out anew.
        """
        left, top, width, height = clip
        most, near = max(1, int(PIXELS / (width * (density * scale) ** 2))), min(window, height)
        edges = [*_edges(top, near, most), *_edges(top + near, height - near, most), top + height]
        async with self.turn:
            taken = Taken(clip, density * scale)  # not before: pages that wait need no room for their pixels
            for y, end in itertools.pairwise(edges):
                taken.add(await self._strip((left, y, width, end - y), scale, beyond=y >= top + near))
        return taken

    async def _strip(self, clip: Box, scale: float, *, beyond: bool) -> bytes:
        x, y, width, height = clip
        if not beyond:
            in_sight = f"{y} >= scrollY && {y + height} <= scrollY + innerHeight"
            scroll = f"{in_sight} || scrollTo({{top: {y}, behavior: 'instant'}})"
            await self.session.send("Runtime.evaluate", {"expression": scroll})
        how = {
            "format": "jpeg",
            "quality": 90,
            "optimizeForSpeed": True,
            "captureBeyondViewport": beyond,
            "clip": {"x": x, "y": y, "width": width, "height": height, "scale": scale},
        }
        answer: dict[str, Any] = await self.session.send("Page.captureScreenshot", how)
        return base64.b64decode(answer["data"])


def _edges(top: int, height: int, most: int) -> Iterator[int]:
    """The upper edges of strips as high as one another and no higher than `most`."""
    count = math.ceil(height / most)
    return (top + height * number // count for number in range(count))


class Taken:
    """A shot, and the codes in it: a strip is read while the next is drawn.

    In one thread for all pages: unpacking several at once is too much memory.
    """

    def __init__(self, clip: Box, density: float) -> None:
        left, top, width, height = clip
        self._strips: list[bytes] = []
        self._place = left, top, density
        self._reading = Reading(math.ceil(width * density), math.ceil(height * density))
        self._jobs: list[asyncio.Future[None]] = []

    @property
    def shot(self) -> Shot:
        return Shot(tuple(self._strips), *self._place)

    def add(self, strip: bytes) -> None:
        self._strips.append(strip)
        self._jobs.append(asyncio.get_running_loop().run_in_executor(_READER, self._read, strip))

    async def codes(self, places: Iterable[Box] = ()) -> list[Seen]:
        """Every code of the shot. `places` (CSS pixels of the page) are looked at again where nothing was read at first."""
        await asyncio.gather(*self._jobs)
        return await asyncio.get_running_loop().run_in_executor(_READER, _seen, self._reading, self.shot, places)

    def _read(self, strip: bytes) -> None:
        with Image.open(io.BytesIO(strip)) as picture:
            picture.draft("L", picture.size)
            self._reading.add(picture)


def _seen(reading: Reading, shot: Shot, places: Iterable[Box]) -> list[Seen]:
    reading.look_again(_on_picture(place, shot) for place in places)
    found = []
    for code, plain in reading.found:
        contrast, quiet = stands_out(reading.picture, code.box)
        if contrast >= PALEST:
            area, placed = margined(code.box), replace(code, box=_on_page(code.box, shot))
            found.append(Seen(placed, plain, contrast, quiet, shot, area, reading.picture.crop(area)))
    return found


def _on_page(box: Box, shot: Shot) -> Box:
    x, y, width, height = (round(value / shot.density) for value in box)
    return x + shot.left, y + shot.top, width, height


def _on_picture(box: Box, shot: Shot) -> Box:
    x, y, width, height = box
    moved = (x - shot.left, y - shot.top, width, height)
    left, top, wide, high = (round(value * shot.density) for value in moved)
    return left, top, wide, high
