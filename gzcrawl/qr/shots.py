"""Pictures of a page as the browser draws it. They stay JPEG until somebody looks: a page of 12,000 px is 70 MB unpacked."""

from __future__ import annotations

import asyncio
import base64
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image
from playwright.async_api import CDPSession

from gzcrawl.qr.decode import Code
from gzcrawl.qr.picture import crop
from gzcrawl.qr.pixels import Box, find, stands_out

_READER = ThreadPoolExecutor(1, "qr-shots")

PALEST = 0.08
"""A code of less contrast, from 0 to 1, is read by this program and seen by nobody."""


@dataclass(frozen=True, slots=True)
class Shot:
    """The part of a page from (`left`, `top`) on, CSS pixels; one of them is `density` pixels of the picture."""

    jpeg: bytes
    left: int = 0
    top: int = 0
    density: float = 1.0

    def opened(self, mode: str = "RGB") -> Image.Image:
        picture = Image.open(io.BytesIO(self.jpeg))
        picture.draft(mode, picture.size)
        picture.load()
        return picture if picture.mode == mode else picture.convert(mode)


@dataclass(frozen=True, slots=True)
class Seen:
    """A code in a shot."""

    code: Code  # its box is in CSS pixels of the page
    plain: bool  # the pixels were read as they are
    contrast: float
    quiet: bool
    picture: Image.Image  # the code with a margin, as rendered


async def shoot(session: CDPSession, clip: Box, scale: float = 1.0, density: float = 1.0) -> Shot:
    """The page's part `clip` in CSS pixels, drawn at that scale."""
    x, y, width, height = clip
    how = {
        "format": "jpeg",
        "quality": 90,
        "optimizeForSpeed": True,
        "captureBeyondViewport": True,
        "clip": {"x": x, "y": y, "width": width, "height": height, "scale": scale},
    }
    answer: dict[str, Any] = await session.send("Page.captureScreenshot", how)
    return Shot(base64.b64decode(answer["data"]), x, y, density * scale)


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
    del grey  # before it is unpacked in colours
    coloured = shot.opened()
    return [
        Seen(replace(code, box=_on_page(code.box, shot)), plain, contrast, quiet, crop(coloured, code.box))
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
