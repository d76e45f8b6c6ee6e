"""What a clerk sees beside an alert about QR codes: the place on the page with its boxes, and the codes that were found."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError
from pymongo.database import Database

from gzcrawl.items import QrSighting
from gzcrawl.store import qr
from scheduler.alerts.life import Alert
from scheduler.evidence.shown import of_alert
from scheduler.notify.language import ZH, Language
from scheduler.notify.pictures import Picture

WINDOW = (960, 640)
"""Pixels of the kept picture of a page (which is 960 wide) that are shown: a whole home page would be illegible."""

PAGE_WIDTH, CODE_WIDTH, ANSWER_WIDTH = 320, 96, 360
ANSWER_HEIGHT = 420
SHARP = 1.5  # pixels for each CSS pixel
MOST_CODES = 3


def thumbnails(
    db: Database[dict[str, Any]], data_dir: Path, say: Language = ZH, *, new_since: datetime | None = None
) -> Callable[[Alert], Sequence[Picture]]:
    """For `build_digest`. A picture that is not there any more is left out. Answers are shown of alerts opened after `new_since`."""

    def of(alert: Alert) -> list[Picture]:
        codes = qr.sightings(db, [e.ref for e in alert.evidence if e.kind == "qr"])
        pages = qr.pictures_of_polls(db, [e.ref for e in alert.evidence if e.kind == "poll"])
        shown = [code for code in codes if "crop" in code.extra]
        drawn = [_page(data_dir / name, shown, say) for name in pages[:1]]
        crops = [_crop(data_dir / str(code.extra["crop"]), code, say) for code in shown[:MOST_CODES]]
        fresh = new_since is not None and alert.opened_at > new_since
        answers = [_answer(path, say) for path in of_alert(data_dir, alert)[:1]] if fresh else []
        return [picture for picture in (*drawn, *crops, *answers) if picture]

    return of


def _page(path: Path, codes: Sequence[QrSighting], say: Language) -> Picture | None:
    """The part of the page with the first code; its top where there is none."""
    page = _open(path)
    if page is None:
        return None
    highest = min((code.box[1] + code.box[3] // 2 for code in codes if code.box), default=0)
    factor = page.width / 1920
    top = max(0, min(round(highest * factor) - WINDOW[1] // 2, page.height - WINDOW[1]))
    part = page.crop((0, top, min(page.width, WINDOW[0]), min(page.height, top + WINDOW[1])))
    return _picture(
        part, PAGE_WIDTH, say("首页截图，方框内为识别出的二维码") if codes else say("首页截图，没有识别出二维码")
    )


def _answer(path: Path, say: Language) -> Picture | None:
    image = _open(path)
    if image is None:
        return None
    part = image.crop((0, 0, image.width, min(image.height, ANSWER_HEIGHT)))
    return _picture(part, ANSWER_WIDTH, say("由保存的应答生成的图片，标出所依据的内容"))


def _crop(path: Path, code: QrSighting, say: Language) -> Picture | None:
    image = _open(path)
    return _picture(image, CODE_WIDTH, say("首页上的二维码：%(payload)s", payload=code.payload[:60])) if image else None


def _open(path: Path) -> Image.Image | None:
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, UnidentifiedImageError):
        return None


def _picture(image: Image.Image, width: int, alt: str) -> Picture:
    side = round(width * SHARP)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=70)
    return Picture(data=buffer.getvalue(), alt=alt, kind="jpeg", width=min(width, image.width))
