"""What was asked, how it ended, and what came back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from gzcrawl.items.vocabulary import Outcome


@dataclass(slots=True, kw_only=True)
class Poll:
    """One attempt to observe one target through one channel, and for which time it would have shown a post."""

    round_id: str
    target_id: str  # registry id of an account or site
    channel: str  # "weibo.timeline", "sogou.accounts", "wechat.album:ID", "govsite.list:URL" …
    url: str
    at: datetime
    outcome: Outcome
    reason: str = ""  # stable code, e.g. "sogou_antispider"; its Chinese sentence is in the messages
    detail: str = ""
    http_status: int | None = None
    sha256: str | None = None  # of the response body
    seen: int = 0  # posts in the answer
    newest_at: datetime | None = None  # the newest post seen, pinned ones not excepted
    covers_from: datetime | None = None  # had anything been published in [covers_from, covers_to], it would show
    covers_to: datetime | None = None
    complete: bool = False  # False: a lower bound only (Sogou, albums): proves presence, never absence
    picture: str | None = None  # file in the data directory that shows what was seen

    @property
    def key(self) -> str:
        return f"{self.round_id}|{self.target_id}|{self.channel}"


@dataclass(slots=True, kw_only=True)
class VisitClosed:
    """Everything that a visit's first poll led to is recorded: a killed round need not repeat it."""

    round_id: str
    target_id: str
    channel: str  # of the first poll

    @property
    def key(self) -> str:
        return f"{self.round_id}|{self.target_id}|{self.channel}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """How a host has treated us lately."""

    name: str
    refusals: int  # in a row
    until: datetime | None  # left alone until then
    reason: str  # of the last refusal
    at: datetime


@dataclass(slots=True, kw_only=True)
class Capture:
    """One answer as it came: its bytes are kept under `sha256` (gzcrawl.evidence)."""

    round_id: str
    target_id: str
    channel: str
    url: str
    at: datetime
    status: int  # 304: the server said that the bytes it sent earlier still stand
    headers: list[list[str]]  # [name, value]: without cookies and what belongs to the transfer
    sha256: str  # of the body
    size: int  # of the body, bytes
    posts: list[str] = field(default_factory=list)  # keys of the posts it showed

    @property
    def key(self) -> str:
        page = hashlib.sha256(f"{self.url}|{self.sha256}".encode()).hexdigest()[:16]
        return f"{self.round_id}|{self.target_id}|{self.channel}|{page}"
