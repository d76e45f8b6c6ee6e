"""Pictures of a page as the browser draws it. They stay JPEG until somebody looks: a page of 12,000 px is 70 MB unpacked."""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image
from playwright.async_api import CDPSession

from gzcrawl.qr.decode import Code
from gzcrawl.qr.picture import margined
from gzcrawl.qr.pixels import Box, find, stands_out

_READER = ThreadPoolExecutor(1, "qr-shots")

PIXELS = 2_200_000
"""Drawn at once. Chromium holds four copies of what it draws: 310 MB for a page of 1920 × 6000 in one, 140 in six."""

PALEST = 0.08
"""A code of less contrast, from 0 to 1, is read by this program and seen by nobody."""


@dataclass(frozen=True, slots=True)
class Shot:
    """The part of a page from (`left`, `top`) on, CSS pixels; one of them is `density` pixels of the picture."""

    strips: tuple[bytes, ...]  # JPEG, from top to bottom
    left: int = 0
    top: int = 0
    density: float = 1.0

    def opened(self, mode: str = "RGB") -> Image.Image:
        return self.part(None, mode)

    def part(self, area: Box | None, mode: str = "RGB") -> Image.Image:
        """What stands between left, top, right and bottom (pixels of the picture); only strips that show it are unpacked."""
        strips = [Image.open(io.BytesIO(strip)) for strip in self.strips]
        left, top, right, bottom = area or (0, 0, strips[0].width, sum(strip.height for strip in strips))
        picture, y = Image.new(mode, (right - left, bottom - top)), 0
        for strip in strips:
            if y < bottom and top < y + strip.height:
                strip.draft(mode, strip.size)
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

    @property
    def picture(self) -> Image.Image:
        """The code with a margin, as rendered; unpacked when somebody asks: most codes have been kept in another round."""
        return self.shot.part(self.area)


@dataclass(frozen=True, slots=True)
class Camera:
    """Takes pictures of one page. The pages of a browser share `turn`: one of them is drawn at a time."""

    session: CDPSession
    turn: asyncio.Lock

    async def shoot(self, clip: Box, scale: float = 1.0, density: float = 1.0, *, window: int = 0) -> Shot:
        """The page's part `clip` in CSS pixels, drawn at that scale.

        `window`: how much of it, from the top, stands in the window now. The rest makes the browser lay the page out anew.
        """
        left, top, width, height = clip
        step = max(1, int(PIXELS / (width * (density * scale) ** 2)))
        edges = [top, *range(top + min(window or step, step), top + height, step), top + height]
        async with self.turn:
            strips = [
                await self._strip((left, y, width, end - y), scale, beyond=end > top + window)
                for y, end in itertools.pairwise(edges)
            ]
        return Shot(tuple(strips), left, top, density * scale)

    async def _strip(self, clip: Box, scale: float, *, beyond: bool) -> bytes:
        x, y, width, height = clip
        how = {
            "format": "jpeg",
            "quality": 90,
            "optimizeForSpeed": True,
            "captureBeyondViewport": beyond,
            "clip": {"x": x, "y": y, "width": width, "height": height, "scale": scale},
        }
        answer: dict[str, Any] = await self.session.send("Page.captureScreenshot", how)
        return base64.b64decode(answer["data"])


async def read(shot: Shot, places: list[Box] | None = None) -> list[Seen]:
    """`codes_in`, in the one thread in which pictures of pages are unpacked: several at once are too much memory."""
    return await asyncio.get_running_loop().run_in_executor(_READER, codes_in, shot, places)


def codes_in(shot: Shot, places: list[Box] | None = None) -> list[Seen]:
    """Every code of the shot. `places` (CSS pixels of the page) are looked at again where nothing was read at first."""
    grey = shot.opened("L")
    found = find(grey, [_on_picture(place, shot) for place in places or ()])
    if not found:
        return []
    measured = [(code, plain, *stands_out(grey, code.box)) for code, plain in found]
    return [
        Seen(replace(code, box=_on_page(code.box, shot)), plain, contrast, quiet, shot, margined(code.box))
        for code, plain, contrast, quiet in measured
        if contrast >= PALEST
    ]


def _on_page(box: Box, shot: Shot) -> Box:
    x, y, width, height = (round(value / shot.density) for value in box)
    return x + shot.left, y + shot.top, width, height


def _on_picture(box: Box, shot: Shot) -> Box:
    x, y, width, height = box
    moved = (x - shot.left, y - shot.top, width, height)
    left, top, wide, high = (round(value * shot.density) for value in moved)
    return left, top, wide, high
