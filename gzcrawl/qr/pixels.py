"""Codes in the picture of a page, and how well they stand out. Pure: pictures in, codes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from PIL import Image, ImageStat

from gzcrawl.qr.decode import Code, read, read_hard

Box = tuple[int, int, int, int]

TILE, OVERLAP = 2000, 500
"""Tall pages are read in tiles of this height; a code is smaller than the overlap."""

MARGIN = 10
MOST_CROPS = 60


def find(picture: Image.Image, places: Iterable[Box] = (), scale: float = 1.0) -> list[tuple[Code, bool]]:
    """Codes of a page's picture with whether the pixels were read as they are. Boxes are divided by `scale`.

    `places` (pixels of the picture) are looked at again, enlarged, where nothing was read at first.
    """
    plain = _distinct(_tiles(picture))
    found = [(code, True) for code in plain]
    for place in list(places)[:MOST_CROPS]:
        if not any(_inside(code.box, place) for code, _plain in found):
            left, top = max(0, place[0] - MARGIN), max(0, place[1] - MARGIN)
            right = min(picture.width, place[0] + place[2] + MARGIN)
            bottom = min(picture.height, place[1] + place[3] + MARGIN)
            if right <= left or bottom <= top:
                continue  # beyond the page's edges
            crop = picture.crop((left, top, right, bottom)).convert("L")
            hard = read_hard(crop) if min(crop.size) > 2 * MARGIN else []
            found += [(_moved(code, left, top), False) for code in hard]
    return [(replace(code, box=_scaled(code.box, scale)), plain_read) for code, plain_read in found]


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


def _tiles(picture: Image.Image) -> Iterator[Code]:
    top = 0
    while True:
        tile = picture.crop((0, top, picture.width, min(top + TILE, picture.height))).convert("L")
        for code in read(tile):
            yield _moved(code, 0, top)
        top += TILE - OVERLAP
        if top + OVERLAP >= picture.height:
            return


def _distinct(codes: Iterable[Code]) -> list[Code]:
    """Each code once, though two tiles show it; the same payload at two places is two codes."""
    kept: list[Code] = []
    for code in codes:
        if not any(code.payload == other.payload and _inside(code.box, other.box) for other in kept):
            kept.append(code)
    return kept


def _inside(inner: Box, outer: Box) -> bool:
    x, y = inner[0] + inner[2] / 2, inner[1] + inner[3] / 2
    return outer[0] <= x <= outer[0] + outer[2] and outer[1] <= y <= outer[1] + outer[3]


def _moved(code: Code, x: int, y: int) -> Code:
    return replace(code, box=(code.box[0] + x, code.box[1] + y, code.box[2], code.box[3]))


def _scaled(box: Box, scale: float) -> Box:
    x, y, width, height = box
    return round(x / scale), round(y / scale), round(width / scale), round(height / scale)


def _percentile(levels: list[int], part: float) -> int:
    wanted, seen = part * sum(levels), 0
    for value, count in enumerate(levels):
        seen += count
        if seen >= wanted:
            return value
    return 255
