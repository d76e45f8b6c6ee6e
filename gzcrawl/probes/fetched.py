"""What was fetched of a site, once, and what a check says of it. The checks are pure functions over `Fetched`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from OpenSSL.crypto import X509Store

from gzcrawl.items import ProbeStatus
from gzcrawl.registry import Site
from gzcrawl.sources import Page


class Why(StrEnum):
    """Why there was no answer."""

    REFUSED = "refused"  # nobody listens there
    PLAIN = "plain"  # somebody does, but does not speak TLS
    TLS = "tls"  # no common protocol, or broken
    CLOSED = "closed"  # hung up, or spoke no HTTP
    TIMEOUT = "timeout"
    NO_ROUTE = "no_route"
    DNS = "dns"
    PRIVATE = "private"  # the name leads to a private address: not connected to
    PROXY = "proxy"  # the proxy does not let us through
    LEFT_ALONE = "left_alone"  # robots.txt, or the site refuses us: not asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    url: str
    why: Why
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The head of an answer and the beginning of its body. Header names are lower-case."""

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


Hops = tuple[Answer | Missed, ...]
"""A request and where it was redirected to; the last one is where it ended."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """The certificates the server sent, DER, its own first."""

    chain: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Six:
    """What was seen of the site over IPv6. `addresses`: its AAAA records, None when the question was not answered."""

    here: bool = False  # this machine has IPv6 itself
    addresses: tuple[str, ...] | None = None
    answer: Answer | Missed | None = None
    proven: bool = False  # another site has answered over IPv6 in this crawl: the way out works


Roots = Callable[[], X509Store]
"""Trusted roots, as a store of its own for each verification: OpenSSL lets a store's time be set only once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One look at one site. `page`: its home page after redirects; None, and `unread` says why, when it was not read."""

    site: Site
    at: datetime
    page: Page | None = None
    unread: str = ""  # reason code of the poll
    seconds: float | None = None  # until the home page's answer came
    http: Hops = ()
    https: Hops = ()
    tls: Handshake | Missed | None = None
    trust: Roots | None = None  # what this machine trusts
    six: Six = field(default_factory=Six)
    proxied: bool = False  # everything went through a forward proxy
    rendered: bool = False  # `page` is what a browser made of it: scripts have run
    phone_width: int | None = None  # CSS pixels the page needs in a phone's window


@dataclass(frozen=True, slots=True)
class Result:
    """`reason` is a stable code, the name of a sentence in the profile; `facts` what the sentence is made of."""

    status: ProbeStatus
    reason: str
    detail: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def ok(reason: str = "ok", **facts: Any) -> Result:
    return Result(ProbeStatus.OK, reason, "", facts)


def failed(reason: str, **facts: Any) -> Result:
    return Result(ProbeStatus.FAILED, reason, "", facts)


def not_tested(reason: str, detail: str = "") -> Result:
    return Result(ProbeStatus.NOT_TESTED, reason, detail)


def error(reason: str, detail: str = "") -> Result:
    return Result(ProbeStatus.ERROR, reason, detail)


def unanswered(missed: Missed | None) -> Result:
    """What a check says that needed an answer it did not get."""
    if missed is None:
        return not_tested(str(Why.LEFT_ALONE))
    told = not_tested if missed.why in (Why.LEFT_ALONE, Why.PROXY, Why.PRIVATE) else error
    return told(str(missed.why), missed.detail)
