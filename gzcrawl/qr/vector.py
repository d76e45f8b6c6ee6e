"""Vector pictures as QR generators make them: rectangles, and paths of straight lines, filled or stroked.

No more of SVG is drawn: curves, text, gradients and references do not occur in a code, and style sheets are not read. So a
drawing that may be a code and does not read as one is left to the browser. Bounded by construction: no reference is followed.
Units, `viewBox` and transforms: https://www.w3.org/TR/SVG2/coords.html; path data: https://www.w3.org/TR/SVG2/paths.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from parsel import Selector
from PIL import Image, ImageChops, ImageColor, ImageDraw

SIDE = 600
"""Pixels of the longer side: some ten for each module of a code."""

MAX_BYTES = 4 * 1024 * 1024
MAX_SHAPES = 20_000
MAX_DEPTH = 30
MAX_PIXELS = 100_000_000
LEAST_SHAPES = 100
"""The smallest code has more runs of dark modules than this."""

_STEP = re.compile(r"([MmLlHhVvZz])([^A-Za-z]*)|([A-DF-Za-df-z])")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TRANSFORM = re.compile(r"(\w+)\s*\(([^)]*)\)")
_HIDDEN = {"defs", "metadata", "title", "desc", "symbol"}

Element = Any
"""An lxml element; lxml has no types."""

Point = tuple[float, float]
Box = tuple[int, int, int, int]
Matrix = tuple[float, float, float, float, float, float]
UNIT: Matrix = (1, 0, 0, 1, 0, 0)


class VectorError(ValueError):
    """No SVG, a broken one, or too large a one."""


@dataclass(slots=True)
class Style:
    """What is inherited."""

    matrix: Matrix = UNIT
    fill: str = "black"
    stroke: str = "none"
    stroke_width: float = 1.0


@dataclass(slots=True)
class _Canvas:
    image: Image.Image
    size: tuple[float, float]  # of the drawing, in its own units
    shapes: int = 0
    pixels: int = 0  # painted so far

    def fill(self, outlines: list[list[Point]], grey: int) -> None:
        """Fill by the even-odd rule: the inner outlines of a path are its holes."""
        drawn = [drawn for drawn in map(self._mask, outlines) if drawn]
        if len(drawn) == 1:
            self.image.paste(grey, *drawn[0])
        elif drawn:
            mask = Image.new("1", self.image.size)
            for place, one in drawn:
                mask.paste(ImageChops.logical_xor(mask.crop(place), one), place)
            self.image.paste(grey, (0, 0), mask)

    def _mask(self, outline: list[Point]) -> tuple[Box, Image.Image] | None:
        xs, ys = zip(*outline, strict=True)
        left, top = max(0, int(min(xs))), max(0, int(min(ys)))
        right, bottom = min(self.image.width, int(max(xs)) + 1), min(self.image.height, int(max(ys)) + 1)
        self.pixels += max(0, right - left) * max(0, bottom - top)
        if right <= left or bottom <= top or self.pixels > MAX_PIXELS:
            return None
        mask = Image.new("1", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in outline], fill=1)
        return (left, top, right, bottom), mask


def looks_like_svg(data: bytes) -> bool:
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith(b"<svg") or (head.startswith((b"<?xml", b"<!doctype svg", b"<!--")) and b"<svg" in head)


def may_be_code(markup: str) -> bool:
    """Whether a drawing has enough parts to be a code, or leads to something that may be one."""
    if "<image" in markup or "<use" in markup or "<foreignobject" in markup.lower():
        return True
    return markup.count("<rect") + markup.count("<polygon") >= LEAST_SHAPES or any(
        len(_STEP.findall(data)) >= LEAST_SHAPES for data in re.findall(r"\bd\s*=\s*[\"']([^\"']+)", markup)
    )


def whole(data: bytes) -> bool:
    """An SVG that is there to its end; browsers draw more of them than `draw`."""
    return b"<svg" in data[:2000].lower() and data.rstrip().lower().endswith(b"</svg>")


def draw(data: bytes) -> Image.Image:
    """The grey picture on white. `VectorError` when it cannot be read."""
    if len(data) > MAX_BYTES:
        raise VectorError("too large")
    # As HTML: broken drawings are read as browsers read inline ones, and there are no entities that could grow.
    found = Selector(data.decode(errors="replace"), type="html").xpath("//svg")
    if not found:
        raise VectorError("no drawing")
    root = found[0].root
    left, top, width, height = _view(root)
    scale = SIDE / max(width, height)
    try:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        canvas = _Canvas(Image.new("L", size, 255), (width, height))
        _element(root, Style(matrix=(scale, 0, 0, scale, -left * scale, -top * scale)), canvas)
    except (ValueError, OverflowError) as error:  # numbers beyond all bounds
        raise VectorError("broken") from error
    return canvas.image


def _element(element: Element, style: Style, canvas: _Canvas, depth: int = 0) -> None:
    name = _name(element)
    if name in _HIDDEN or not name:
        return
    canvas.shapes += 1
    if canvas.shapes > MAX_SHAPES or depth > MAX_DEPTH:
        return
    own = _style(element, style)
    if name == "rect":
        _paint(canvas, [_rectangle(element, canvas.size)], own)
    elif name == "path":
        data = element.get("d") or ""
        if all(not curve for _command, _numbers, curve in _STEP.findall(data)):
            _paint(canvas, list(_outlines(data)), own)
    elif name in ("polygon", "polyline"):
        values = list(map(float, _NUMBER.findall(element.get("points") or "")))
        _paint(canvas, [list(zip(values[::2], values[1::2], strict=False))], own)
    for child in element:
        _element(child, own, canvas, depth + 1)


def _paint(canvas: _Canvas, outlines: list[list[Point]], style: Style) -> None:
    a, b, c, d, e, f = style.matrix
    placed = [[(a * x + c * y + e, b * x + d * y + f) for x, y in outline] for outline in outlines]
    canvas.shapes += len(placed)
    if canvas.shapes > MAX_SHAPES:
        return
    fill, stroke = _grey(style.fill), _grey(style.stroke)
    solid = [outline for outline in placed if len(outline) >= 3]
    if fill is not None and solid:
        canvas.fill(solid, fill)
    if stroke is not None:
        width = max(1, round(style.stroke_width * abs(a or c)))
        for outline in placed:
            _stroke(canvas.image, outline, width, stroke)


def _stroke(image: Image.Image, outline: list[Point], width: int, grey: int) -> None:
    pen = ImageDraw.Draw(image)
    for (x1, y1), (x2, y2) in pairwise(outline):
        if y1 == y2:  # Pillow's lines of even width are a pixel off
            box = (round(min(x1, x2)), round(y1 - width / 2), round(max(x1, x2)) - 1, round(y1 + width / 2) - 1)
            if box[2] >= box[0] and box[3] >= box[1]:
                pen.rectangle(box, fill=grey)
        else:
            pen.line((x1, y1, x2, y2), fill=grey, width=width)


def _rectangle(element: Element, size: tuple[float, float]) -> list[Point]:
    x, y = _length(element.get("x"), size[0]), _length(element.get("y"), size[1])
    width, height = _length(element.get("width"), size[0]), _length(element.get("height"), size[1])
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def _outlines(data: str) -> Iterator[list[Point]]:
    """The corners of each subpath."""
    x = y = 0.0
    outline: list[Point] = []
    for command, text, _curve in _STEP.findall(data):
        values = list(map(float, _NUMBER.findall(text)))
        relative = command.islower()
        kind = command.upper()
        if kind == "Z":
            if outline:
                outline.append(outline[0])
                x, y = outline[0]
            continue
        for index in range(0, len(values), 1 if kind in "HV" else 2):
            if kind == "H":
                x = x + values[index] if relative else values[index]
            elif kind == "V":
                y = y + values[index] if relative else values[index]
            elif index + 1 < len(values):
                x, y = (x + values[index], y + values[index + 1]) if relative else (values[index], values[index + 1])
            if kind == "M" and index == 0:
                if len(outline) > 1:
                    yield outline
                outline = [(x, y)]
            else:
                outline.append((x, y))
    if len(outline) > 1:
        yield outline


def _style(element: Element, inherited: Style) -> Style:
    told = dict(part.split(":", 1) for part in (element.get("style") or "").split(";") if ":" in part)
    said = {key.strip(): value.strip() for key, value in told.items()}

    def of(name: str) -> str | None:
        return said.get(name) or element.get(name)

    return Style(
        matrix=_times(inherited.matrix, element.get("transform") or ""),
        fill=of("fill") or inherited.fill,
        stroke=of("stroke") or inherited.stroke,
        stroke_width=_length(of("stroke-width"), 0) or inherited.stroke_width,
    )


def _times(matrix: Matrix, transform: str) -> Matrix:
    for name, text in _TRANSFORM.findall(transform):
        v = [*map(float, _NUMBER.findall(text))]
        match name, len(v):
            case "translate", 1 | 2:
                by: Matrix = (1, 0, 0, 1, v[0], v[1] if len(v) > 1 else 0)
            case "scale", 1 | 2:
                by = (v[0], 0, 0, v[-1], 0, 0)
            case "matrix", 6:
                by = (v[0], v[1], v[2], v[3], v[4], v[5])
            case _:
                continue
        a, b, c, d, e, f = matrix
        matrix = (
            a * by[0] + c * by[1],
            b * by[0] + d * by[1],
            a * by[2] + c * by[3],
            b * by[2] + d * by[3],
            a * by[4] + c * by[5] + e,
            b * by[4] + d * by[5] + f,
        )
    return matrix


def _view(root: Element) -> tuple[float, float, float, float]:
    """(left, top, width, height) of what is shown; the HTML parser writes `viewBox` small."""
    box = [float(number) for number in _NUMBER.findall(root.get("viewbox") or "")]
    if len(box) == 4 and box[2] > 0 and box[3] > 0:
        return box[0], box[1], box[2], box[3]
    width, height = _length(root.get("width"), 0), _length(root.get("height"), 0)
    if width <= 0 or height <= 0:
        raise VectorError("no size")
    return 0, 0, width, height


def _length(text: str | None, whole: float) -> float:
    found = _NUMBER.match((text or "").strip())
    if not found:
        return 0.0
    value = float(found[0])
    return value / 100 * whole if (text or "").strip().endswith("%") else value


def _grey(colour: str) -> int | None:
    """0 black to 255 white; None: not painted. A colour that is not understood counts as dark."""
    if colour in ("none", "transparent"):
        return None
    try:
        grey = ImageColor.getcolor(colour, "L")
    except ValueError:
        return 0
    return grey if isinstance(grey, int) else grey[0]


def _name(element: Element) -> str:
    return str(element.tag).rpartition(":")[2] if isinstance(element.tag, str) else ""
