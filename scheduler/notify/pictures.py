"""Pictures inside the mail: carried by it (`cid:`), so that a reader loads nothing from outside."""

from __future__ import annotations

import hashlib
import io
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

BUDGET = 3 * 1024 * 1024
"""Bytes of pictures in one mail; what comes after is left out. Many servers refuse mails above 10 MB."""

CHART_SIZE = (684, 150)
SCALE = 2  # drawn twice as large: sharp on a phone
BAR, AXIS, INK = "#5b8fc7", "#d0d7de", "#57606a"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`alt` is read where pictures are switched off; `width` is how wide it is shown at most, in CSS pixels."""

    data: bytes
    alt: str
    kind: Literal["png", "jpeg"] = "png"
    width: int = 160

    @property
    def cid(self) -> str:
        """Content-ID without its angle brackets: the same picture is carried once."""
        return f"{hashlib.sha256(self.data).hexdigest()[:32]}@gzcrawl"

    @property
    def data_uri(self) -> str:
        return f"data:image/{self.kind};base64,{b64encode(self.data).decode()}"


def within(pictures: Iterable[Picture], budget: int = BUDGET) -> dict[str, Picture]:
    """By Content-ID, the first of them that fit into `budget` bytes together."""
    kept: dict[str, Picture] = {}
    left = budget
    for picture in pictures:
        if picture.cid not in kept and len(picture.data) <= left:
            kept[picture.cid] = picture
            left -= len(picture.data)
    return kept


def chart(days: Sequence[tuple[str, int]]) -> Picture:
    """Bars of open violations, one for each (day, count), oldest first; the last count and every seventh day in figures."""
    width, height = (side * SCALE for side in CHART_SIZE)
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=11 * SCALE)
    top, bottom, step = 20 * SCALE, height - 20 * SCALE, width / max(len(days), 1)
    highest = max((count for _day, count in days), default=0)
    draw.line((0, bottom, width, bottom), fill=AXIS, width=SCALE)
    for number, (day, count) in enumerate(days):
        left, right = number * step + 2 * SCALE, (number + 1) * step - 2 * SCALE
        middle, last = (left + right) / 2, number == len(days) - 1
        peak = bottom - (bottom - top) * count / highest if highest else bottom
        if count:
            draw.rectangle((left, peak, right, bottom), fill=BAR)
        if last or count != days[number - 1][1]:
            draw.text((middle, peak - 3 * SCALE), str(count), fill=INK, font=font, anchor="ms")
        if (len(days) - 1 - number) % 7 == 0:
            draw.text((min(middle, width - 14 * SCALE), bottom + 4 * SCALE), day, fill=INK, font=font, anchor="ma")
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    said = "，".join(f"{day} {count} 项" for day, count in days[::-7][::-1])
    return Picture(data=buffer.getvalue(), alt=f"近 {len(days)} 天未整改数量：{said}", width=CHART_SIZE[0])
