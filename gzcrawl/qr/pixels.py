"""Codes in the picture of a page, and how well they stand out. Pure: pictures in, codes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PIL import Image, ImageStat

from gzcrawl.qr.decode import Code, read, read_hard, scaled

Box = tuple[int, int, int, int]

OVERLAP = 700
"""A strip is read with so much of what is above it; a code is smaller."""

MARGIN = 10
MOST_CROPS = 60


class Reading:
    """The codes of a picture that comes in strips, from top to bottom, with whether the pixels were read as they are."""

    def __init__(self, width: int, height: int) -> None:
        self.picture = Image.new("L", (width, height))
        self.found: list[tuple[Code, bool]] = []
        self._bottom = 0

    def add(self, strip: Image.Image) -> None:
        self.picture.paste(strip, (0, self._bottom))
        top, self._bottom = max(0, self._bottom - OVERLAP), self._bottom + strip.height
        for code in read(self.picture.crop((0, top, self.picture.width, self._bottom))):
            moved = _moved(code, 0, top)
            # Two strips may show it; the same payload at two places is two codes.
            if not any(
                moved.payload == other.payload and _inside(moved.box, other.box) for other, _plain in self.found
            ):
                self.found.append((moved, True))

    def look_again(self, places: Iterable[Box]) -> None:
        """At these places, enlarged, where nothing was read at first."""
        for place in list(places)[:MOST_CROPS]:
            if not any(_inside(code.box, place) for code, _plain in self.found):
                left, top = max(0, place[0] - MARGIN), max(0, place[1] - MARGIN)
                right = min(self.picture.width, place[0] + place[2] + MARGIN)
                bottom = min(self.picture.height, place[1] + place[3] + MARGIN)
                if right - left > 2 * MARGIN < bottom - top:  # not beyond the page's edges
                    hard = read_hard(self.picture.crop((left, top, right, bottom)))
                    self.found += [(_moved(code, left, top), False) for code in hard]


def still_read(picture: Image.Image, payload: str, factor: float) -> bool:
    """Whether the grey picture of a code, drawn in `factor` times the pixels, is read too."""
    return factor >= 1 or any(code.payload == payload for code in read(scaled(picture, factor)))


def stands_out(picture: Image.Image, box: Box) -> tuple[float, bool]:
    """(contrast from 0 to 1, whether the margin is calm) of the code at that box of the picture."""
    x, y, width, height = box
    inner = picture.crop((x, y, x + width, y + height)).convert("L")
    levels = inner.histogram()
    contrast = (_percentile(levels, 0.9) - _percentile(levels, 0.1)) / 255
    ring = max(2, round(min(width, height) * 0.06))  # two modules of a code of 33
    sides = (
        (x, y - ring, x + width, y),
        (x, y + height, x + width, y + height + ring),
        (x - ring, y, x, y + height),
        (x + width, y, x + width + ring, y + height),
    )
    spread = [ImageStat.Stat(picture.crop(side).convert("L")).stddev[0] for side in sides if side[0] >= 0 <= side[1]]
    return round(contrast, 3), all(value < 48 for value in spread)


def _inside(inner: Box, outer: Box) -> bool:
    x, y = inner[0] + inner[2] / 2, inner[1] + inner[3] / 2
    return outer[0] <= x <= outer[0] + outer[2] and outer[1] <= y <= outer[1] + outer[3]


def _moved(code: Code, x: int, y: int) -> Code:
    return replace(code, box=(code.box[0] + x, code.box[1] + y, code.box[2], code.box[3]))


def _percentile(levels: list[int], part: float) -> int:
    wanted, seen = part * sum(levels), 0
    for value, count in enumerate(levels):
        seen += count
        if seen >= wanted:
            return value
    return 255
