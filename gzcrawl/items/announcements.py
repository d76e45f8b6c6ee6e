"""What departments are obliged to speak of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from gzcrawl.items.vocabulary import Precision


@dataclass(slots=True, kw_only=True)
class Announcement:
    """A major announcement (重大发布) that other departments must repost."""

    id: str
    title: str
    body: str = ""
    url: str | None = None
    links: list[str] = field(default_factory=list)  # other URLs under which it is published
    published_at: datetime | None = None
    precision: Precision = Precision.UNKNOWN
    publisher: str | None = None  # department id, or the name where it is not in the registry
    native_ids: list[str] = field(default_factory=list)  # the publisher's own Weibo mids / WeChat ids of it
    obligated: str = "all"  # group of departments that must repost it
    due: datetime | None = None  # set by the operator; else the calendar decides
    supersedes: str | None = None  # the announcement it corrects or publishes again: always the first one
    origin: str = "list"  # "list", "operator", "account", "suggested"


@dataclass(slots=True, kw_only=True)
class Event:
    """A major public-opinion event (重大舆情) the operator declared: each obliged department must speak of it in time."""

    id: str
    title: str
    starts_at: datetime
    ends_at: datetime  # until when a department must have spoken
    keywords: list[str]  # a post speaks of the event when it contains one of them
    obligated: list[str] = field(default_factory=lambda: ["all"])  # groups, levels or department ids
    min_posts: int = 1
