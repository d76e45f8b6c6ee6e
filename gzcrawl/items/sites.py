"""What was seen on websites beside their posts: codes, links, technical checks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gzcrawl.items.vocabulary import Platform, ProbeStatus


@dataclass(slots=True, kw_only=True)
class QrSighting:
    """One QR code seen on one page of a site."""

    round_id: str
    site_id: str
    page_url: str
    image_url: str  # "data:" URIs are shortened to their hash
    image_sha256: str
    at: datetime
    payload: str
    meaning: str  # gzcrawl.qr.payload.Meaning
    context: str = ""  # alt, title and neighbouring text
    place: str = ""  # "img", "css", "inline_svg", "rendered" …
    box: tuple[int, int, int, int] | None = None  # x, y, width, height in the picture, pixels
    leads_to: str | None = None  # where its link ends, when it was followed
    page: str = ""  # words of the link that leads from the home page to this one; empty: the home page
    extra: dict[str, Any] = field(default_factory=dict)  # prominence and its parts, files that show it

    @property
    def target(self) -> str:
        """What a phone ends at."""
        return self.leads_to or self.payload

    @property
    def key(self) -> str:
        digest = hashlib.sha256(f"{self.payload}|{self.image_sha256}".encode()).hexdigest()[:16]
        return f"{self.site_id}|{self.page_url}|{digest}"


@dataclass(slots=True, kw_only=True)
class QrPicture:
    """The codes of a picture, by the hash of its bytes: the same picture is decoded once."""

    sha256: str
    codes: list[dict[str, Any]]  # {"payload", "box"}
    at: datetime  # seen last

    @property
    def key(self) -> str:
        return self.sha256


@dataclass(slots=True, kw_only=True)
class QrLink:
    """Where a link of a code, a page or a post leads. `dead_since`: it has answered "not there" (404, 410) since then.

    Or its page has said, in the words of `said`, that the code is over.
    """

    url: str
    leads_to: str
    at: datetime
    dead_since: datetime | None = None
    said: str = ""

    @property
    def key(self) -> str:
        return self.url


@dataclass(slots=True, kw_only=True)
class LinkCheck:
    """The last check of the links of a home page, or of an account's or a site's recent posts."""

    target_id: str
    place: str  # "home" or "posts"
    at: datetime
    shown: int  # links that stand there
    known: int  # of which it is known whether they lead somewhere
    notable: list[dict[str, Any]] = field(default_factory=list)  # url, words, where, kind, since

    @property
    def key(self) -> str:
        return f"{self.target_id}|{self.place}"


@dataclass(slots=True, kw_only=True)
class AccountCandidate:
    """An account that a site links to or shows a code of and that the registry does not know: for the operator only."""

    platform: Platform
    address: str  # the link or the code's payload
    name: str  # what identifies it: uid, token, biz, or personal domain
    site_id: str
    page_url: str
    how: str  # "link" or "code"
    context: str = ""

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.name}"


@dataclass(slots=True, kw_only=True)
class SiteProbe:
    """What one technical check of a site found (gzcrawl.probes)."""

    round_id: str
    site_id: str
    check: str  # "certificate", "https", "ipv6" …; "rendered.viewport": of the page as a browser shows it
    at: datetime
    status: ProbeStatus
    reason: str = ""  # stable code, e.g. "expired"
    detail: str = ""  # what exactly went wrong on the way
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.round_id}|{self.site_id}|{self.check}"
