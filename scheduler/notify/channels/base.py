"""What every channel is given and gives back."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

LONGEST = 1900
"""Bytes of a text; WeCom takes 2048."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A message as a channel gets it. `id` is the same for every attempt."""

    id: str
    title: str
    text: str

    @property
    def short(self) -> str:
        whole = f"{self.title}\n{self.text}".encode()
        return whole.decode() if len(whole) <= LONGEST else whole[:LONGEST].decode(errors="ignore") + "…"


@dataclass(frozen=True, slots=True)
class Request:
    url: str
    body: dict[str, Any]


def token(address: str) -> str:
    """The part after the secret of `SCHEME://SECRET@TOKEN`."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return (host + parts.path).strip("/")


def sign(key: str, text: str) -> str:
    """HMAC-SHA-256 in base64."""
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()
