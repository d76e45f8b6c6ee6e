"""Evidence a person can look at: the page's picture with the codes' boxes drawn, and the crop of one code."""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Iterable
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from gzcrawl.qr.payload import Meaning
from gzcrawl.qr.pixels import Box

WIDTH = 960
MAX_HEIGHT = 6000
LABEL = 16
RIGHT, OTHER = "#1a7f37", "#1677ff"


FONTS = ("NotoSansCJK-Regular.ttc", "NotoSansSC-Regular.otf", "wqy-microhei.ttc", "wqy-zenhei.ttc", "msyh.ttc")
"""Fonts with Chinese, as systems name their files."""

WORDS = {
    Meaning.WEIBO_ACCOUNT: "微博",
    Meaning.WECHAT_ACCOUNT: "公众号",
    Meaning.WECHAT_PERSONAL: "个人微信",
    Meaning.MINI_PROGRAM: "小程序",
    Meaning.APP_DOWNLOAD: "应用下载",
    Meaning.PAYMENT: "付款",
    Meaning.SHORT_LINK: "短链接",
    Meaning.TEXT: "文字",
}
HOW = {"hover": "（指向后出现）", "click": "（点击后出现）"}


def words(meaning: Meaning, shown: str) -> str:
    """What stands beside the code's frame."""
    return WORDS.get(meaning, "网址") + HOW.get(shown, "")


def annotated(picture: Image.Image, boxes: Iterable[tuple[Box, str, str]]) -> Image.Image:
    """The page, half its size, with a frame and a label of that colour for each (box in pixels of the picture, colour, label)."""
    factor = min(1.0, WIDTH / picture.width, MAX_HEIGHT / picture.height)
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    page = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(page)
    font = _font()
    frames = [
        ([round(v * factor) for v in (x - 8, y - 8, x + width + 8, y + height + 8)], colour, label)
        for (x, y, width, height), colour, label in boxes
    ]
    for frame, colour, _label_text in frames:
        draw.rectangle(frame, outline=colour, width=4)
    if font:  # above every frame
        for frame, colour, label in frames:
            _label(draw, frame, label, colour, font)
    return page


def _label(draw: ImageDraw.ImageDraw, frame: list[int], label: str, colour: str, font: ImageFont.FreeTypeFont) -> None:
    """Below the frame, or above it where the page ends; never beyond its sides."""
    width, height = round(font.getlength(label)) + 8, LABEL + 8
    page_width, page_height = draw.im.size
    left = max(0, min(frame[0], page_width - width))
    top = frame[3] + 1 if frame[3] + height < page_height else max(0, frame[1] - height)
    draw.rectangle((left, top, left + width, top + height), fill=colour)
    draw.text((left + 4, top + height / 2), label, fill="white", font=font, anchor="lm")


@cache
def _font() -> ImageFont.FreeTypeFont | None:
    """None where the machine has no Chinese font: frames without labels."""
    for name in FONTS:
        with contextlib.suppress(OSError):
            return ImageFont.truetype(name, LABEL)
    return None


def reveal(page: Image.Image, codes: Iterable[tuple[Box, Image.Image]]) -> None:
    """Draw into the page crops (see `crop`) where they appeared: codes that show only when something is pointed at."""
    for (x, y, width, height), cropped in codes:
        margin = max(width, height) // 4
        # Cut at the page's left or upper edge, a crop is smaller: its right and lower edge are where they should be.
        page.paste(cropped, (x + width + margin - cropped.width, y + height + margin - cropped.height))


def crop(picture: Image.Image, box: Box) -> Image.Image:
    """The code with a margin of a quarter of its size."""
    return picture.crop(margined(box))


def margined(box: Box) -> Box:
    """Left, top, right and bottom of a code with that margin."""
    x, y, width, height = box
    margin = max(width, height) // 4
    return max(0, x - margin), max(0, y - margin), x + width + margin, y + height + margin


def webp(picture: Image.Image) -> bytes:
    """Small enough to be kept and mailed."""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "WEBP", quality=60, method=4)
    return buffer.getvalue()


def change_name(site_id: str, codes: Iterable[tuple[str, Box]]) -> str:
    """A name that changes when a code comes, goes, or moves by more than a few pixels."""
    places = sorted(f"{payload}@{'.'.join(str(round(v / 16)) for v in box)}" for payload, box in codes)
    return f"{site_id}-{hashlib.sha256('|'.join(places).encode()).hexdigest()[:16]}"
