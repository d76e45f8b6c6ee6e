"""Evidence a person can look at: the page's picture with the codes' boxes drawn, and the crop of one code."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageDraw

from gzcrawl.qr.pixels import Box

WIDTH = 960
MAX_HEIGHT = 6000
RIGHT, OTHER = "#d81e06", "#1677ff"


def annotated(picture: Image.Image, boxes: Iterable[tuple[Box, str]]) -> Image.Image:
    """The page, half its size, with a frame of that colour around each box (pixels of the picture given)."""
    factor = min(1.0, WIDTH / picture.width, MAX_HEIGHT / picture.height)
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    page = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(page)
    for (x, y, width, height), colour in boxes:
        frame = [round(v * factor) for v in (x - 8, y - 8, x + width + 8, y + height + 8)]
        draw.rectangle(frame, outline=colour, width=4)
    return page


def revealed(picture: Image.Image, codes: Iterable[tuple[Box, Image.Image]]) -> Image.Image:
    """The page with crops (see `crop`) put where they appeared: codes that show only when something is pointed at."""
    page = picture.copy()
    for (x, y, width, height), cropped in codes:
        margin = max(width, height) // 4
        if cropped.size == (width + 2 * margin, height + 2 * margin):  # else it was cut at an edge
            page.paste(cropped, (x - margin, y - margin))
    return page


def crop(picture: Image.Image, box: Box) -> Image.Image:
    """The code with a margin of a quarter of its size."""
    x, y, width, height = box
    margin = max(width, height) // 4
    return picture.crop((max(0, x - margin), max(0, y - margin), x + width + margin, y + height + margin))


def keep(picture: Image.Image, folder: Path, name: str) -> Path:
    """Write it as WebP into the folder; the name says what it shows, so an unchanged page is not kept twice."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.webp"
    if not path.exists():
        buffer = io.BytesIO()
        picture.convert("RGB").save(buffer, "WEBP", quality=60, method=4)
        path.write_bytes(buffer.getvalue())
    return path


def change_name(site_id: str, codes: Iterable[tuple[str, Box]]) -> str:
    """A name that changes when a code comes, goes, or moves by more than a few pixels."""
    places = sorted(f"{payload}@{'.'.join(str(round(v / 16)) for v in box)}" for payload, box in codes)
    return f"{site_id}-{hashlib.sha256('|'.join(places).encode()).hexdigest()[:16]}"
