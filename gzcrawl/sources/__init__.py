"""One module per source: pure functions from a response body and a clock to items and an outcome. No I/O, no Scrapy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gzcrawl.items import Comment, Outcome, Post, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A response as a source sees it. `url` is the one after redirects; header names are lower-case.

    `kept_at`: the body was fetched then, and the server says that it has not changed since (HTTP 304).
    """

    url: str
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kept_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Parsed:
    """What a page told. `reason` is a stable code for the outcome, `detail` what exactly was seen.

    `hints` carries what the spider needs to go on (next page, containerid, article links); never stored.
    """

    outcome: Outcome
    reason: str = ""
    detail: str = ""
    items: list[Post | Profile | Comment] = field(default_factory=list)
    hints: dict[str, Any] = field(default_factory=dict)

    @property
    def posts(self) -> list[Post]:
        return [item for item in self.items if isinstance(item, Post)]

    @property
    def comments(self) -> list[Comment]:
        return [item for item in self.items if isinstance(item, Comment)]

    @property
    def profiles(self) -> list[Profile]:
        return [item for item in self.items if isinstance(item, Profile)]


Parser = Callable[[Page, datetime], Parsed]
"""A parser of one kind of page: the page and the instant it was fetched (aware UTC)."""
