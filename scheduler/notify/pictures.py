"""Pictures inside the mail: carried by it (`cid:`), so that a reader loads nothing from outside."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

BUDGET = 3 * 1024 * 1024
"""Bytes of pictures in one mail; what comes after is left out. Many servers refuse mails above 10 MB."""


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
