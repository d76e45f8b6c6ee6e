"""Decoding the QR codes of one image, within bounds of time and memory."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import zxingcpp
from PIL import Image, ImageOps, ImageStat, UnidentifiedImageError

from gzcrawl.qr import vector

MAX_BYTES = 50 * 1024 * 1024
MAX_PIXELS = 60_000_000
MAX_SIDE = 4000
"""Larger pictures are scaled down: a code a phone can read from the screen is still read."""

SMALL = 400
"""Only small pictures gain from being scaled up: codes of 60 to 160 pixels, as sites show them."""

MAX_FRAMES = 3

_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


class ImageError(ValueError):
    """The bytes are no picture that can be looked at within bounds; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Code:
    payload: str
    box: tuple[int, int, int, int]  # x, y, width, height in pixels of the original picture


def decode(data: bytes) -> list[Code]:
    """Every QR code of a picture (the first frames of an animation), each payload once.

    Raises `ImageError` for what is no picture, too large, or a decompression bomb.
    """
    if vector.looks_like_svg(data):
        return _decode_drawing(data)
    codes: dict[str, Code] = {}
    for frame, shrunk in _frames(data):
        for image, scale in _views(frame):  # all of them: one picture may show a clear code and a pale one
            for code in read(image, scale * shrunk):
                codes.setdefault(code.payload, code)
    return list(codes.values())


def _decode_drawing(data: bytes) -> list[Code]:
    """Boxes are pixels of our own drawing of it."""
    try:
        codes = read(vector.draw(data))
    except vector.VectorError as error:
        raise ImageError("矢量图读不出") from error
    if not codes and vector.may_be_code(data.decode(errors="replace")):
        raise ImageError("矢量图未能完整读出")
    return codes


def read(image: Image.Image, scale: float = 1.0) -> list[Code]:
    """The codes that a grey picture shows as it is; boxes are divided by `scale`."""
    found = zxingcpp.read_barcodes(image, formats=_QR)
    return [Code(result.text, _box(result.position, scale)) for result in found]


def read_hard(image: Image.Image) -> list[Code]:
    """The codes of a small grey picture, trying every view of it."""
    return next(filter(None, (read(view, scale) for view, scale in _views(image))), [])


def _frames(data: bytes) -> Iterator[tuple[Image.Image, float]]:
    """Grey frames, no larger than MAX_SIDE, with the factor they were scaled by."""
    if len(data) > MAX_BYTES:
        raise ImageError(f"超过 {MAX_BYTES // 1024 // 1024} MB")
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data)) as image:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if image.width * image.height > MAX_PIXELS:
                raise ImageError(f"像素过多（{image.width}×{image.height}）")
            for number in range(min(getattr(image, "n_frames", 1), MAX_FRAMES)):
                image.seek(number)
                frame = _eight_bits(ImageOps.exif_transpose(image)).convert("RGBA")
                shrunk = min(1.0, MAX_SIDE / max(frame.size))
                # A code for a dark page, white on nothing, shows on black only.
                for ground in ("white", "black") if ImageStat.Stat(frame).extrema[3][0] < 255 else ("white",):
                    grey = Image.alpha_composite(Image.new("RGBA", frame.size, ground), frame).convert("L")
                    yield (scaled(grey, shrunk) if shrunk < 1 else grey), shrunk
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError("像素过多") from error
    except UnidentifiedImageError as error:
        raise ImageError("不是可识别的图片") from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, OverflowError) as error:
        raise ImageError("图片已损坏") from error


def _eight_bits(image: Image.Image) -> Image.Image:
    """Pillow cuts off, not down, what is deeper."""
    if not image.mode.startswith(("I", "F")):
        return image
    whole = image.convert("F")
    low, high = cast(tuple[float, float], whole.getextrema())
    return whole.point(lambda level: (level - low) * (255 / max(high - low, 1e-6))).convert("L")


def read_file(path: Path) -> list[Code]:
    """`decode` of a file; no more of it is read than may be looked at."""
    try:
        with path.open("rb") as file:
            return decode(file.read(MAX_BYTES + 1))
    except FileNotFoundError as error:
        raise ImageError("没有这个文件") from error
    except OSError as error:
        raise ImageError("文件无法读取") from error


def _views(image: Image.Image) -> Iterator[tuple[Image.Image, float]]:
    """The picture as it is, then a small one larger, a large one smaller and with more contrast: what `bench/qr.py` shows to add.

    Cheap views first: the caller may stop at the first that reads.
    """
    yield image, 1.0
    if max(image.size) <= SMALL:
        for factor in (2, 3, 4):
            yield scaled(image, factor), float(factor)
    else:
        yield scaled(image, 0.5), 0.5
        yield ImageOps.autocontrast(image, cutoff=5), 1.0


def scaled(image: Image.Image, factor: float) -> Image.Image:
    """Drawn in so many times the pixels."""
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return image.resize(size, Image.Resampling.BICUBIC)


def _box(position: zxingcpp.Position, scale: float) -> tuple[int, int, int, int]:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    xs, ys = [corner.x / scale for corner in corners], [corner.y / scale for corner in corners]
    return round(min(xs)), round(min(ys)), round(max(xs) - min(xs)), round(max(ys) - min(ys))
