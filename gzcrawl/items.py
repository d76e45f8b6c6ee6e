"""What is recorded. Plain dataclasses, used by Scrapy through itemadapter; field meanings in docs/data-model.md.

All `datetime` fields are aware and in UTC. Text is as published, without HTML unless said otherwise.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""The zone in which every duty is judged and every time is shown. Stored times are UTC."""


class Platform(StrEnum):
    WEIBO = "weibo"
    WECHAT = "wechat"
    WEBSITE = "website"


class Outcome(StrEnum):
    """How one poll ended. Only the first three are observations; after the others nothing is known."""

    OK = "ok"
    EMPTY = "empty"  # a real, empty timeline
    GONE = "gone"  # deleted, banned, cancelled
    BLOCKED = "blocked"  # captcha, login wall, visitor system, WAF challenge
    LAYOUT_CHANGED = "layout_changed"  # read, but what must be there is not
    UNREACHABLE = "unreachable"  # DNS, TCP, TLS, timeout, 5xx
    DISALLOWED = "disallowed"  # robots.txt
    TOO_LARGE = "too_large"

    @property
    def observed(self) -> bool:
        return self in (Outcome.OK, Outcome.EMPTY, Outcome.GONE)


class Precision(StrEnum):
    """How exactly a publication time is known: `published_at` stands for an interval, see `Post.interval`."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"  # from "15小时前": an hour on either side
    DAY = "day"  # any moment of that day in Asia/Shanghai
    MONTH = "month"
    UNKNOWN = "unknown"  # no time was found; `published_at` is None


class ProbeStatus(StrEnum):
    """How one technical check of a site ended. Only the first two say anything about the site."""

    OK = "ok"
    FAILED = "failed"
    NOT_TESTED = "not_tested"  # this machine, a proxy or the site's manners do not let us see it
    ERROR = "error"  # it was tried, and something else went wrong


class RepostKind(StrEnum):
    RETWEET = "retweet"  # Weibo, with the original attached
    QUICK = "quick"  # Weibo 快转: only the original's id
    REPRINT = "reprint"  # WeChat 转载, full text
    SHARE = "share"  # WeChat share card, empty body


@dataclass(slots=True, kw_only=True)
class RepostOf:
    """What a post says, by the platform's own means, to be a repost of. Unknown parts are None."""

    kind: RepostKind
    native_id: str | None = None
    author_id: str | None = None
    author_name: str | None = None
    url: str | None = None
    title: str | None = None
    text: str | None = None
    deleted: bool = False


@dataclass(slots=True, kw_only=True)
class Post:
    """A Weibo post, a WeChat article or an article of a site's column."""

    platform: Platform
    native_id: str  # Weibo mid; WeChat "biz:mid:idx" or "" where the list does not tell; website: canonical URL
    source: str  # the parser that saw it, e.g. "weibo.timeline"
    url: str | None = None
    account_id: str | None = None  # registry id of the account or site it was polled for (set by the spider)
    author_id: str | None = None  # Weibo uid, WeChat gh_/wxid_
    author_name: str | None = None
    title: str | None = None
    text: str = ""
    published_at: datetime | None = None
    precision: Precision = Precision.UNKNOWN
    pinned: bool = False
    original: bool | None = None  # WeChat 原创 declared; None where the platform does not say
    repost_of: RepostOf | None = None
    source_label: str | None = None  # 来源：…, as written
    links: list[str] = field(default_factory=list)
    edit_count: int | None = None
    long_text: bool = False  # the list shows only the beginning
    private: list[dict[str, str]] = field(default_factory=list)  # personal numbers masked in it: kind, masked, context
    wording: list[dict[str, str]] = field(
        default_factory=list
    )  # hits of the word list: term, severity, suggestion, context
    column: str | None = None  # website: URL of the list it stood in
    extra: dict[str, Any] = field(default_factory=dict)  # counts, region, item type: never judged

    @property
    def key(self) -> str:
        """`_id` in MongoDB: the same post has one key through whichever source it is seen.

        A WeChat article is seen through lists that do not carry its id (Sogou), so its key is account, day and title.
        """
        if self.platform is not Platform.WECHAT:
            return f"{self.platform}:{self.native_id}"
        day = self.published_at.astimezone(SHANGHAI).strftime("%Y%m%d") if self.published_at else "undated"
        title = normalise_title(self.title or self.text)
        digest = hashlib.sha256(title.encode()).hexdigest()[:16]
        return f"{self.platform}:{self.account_id or self.author_id}:{day}:{digest}"

    @property
    def interval(self) -> tuple[datetime, datetime] | None:
        """[earliest, latest) in UTC between which it was published, or None when no time is known."""
        if self.published_at is None or self.precision is Precision.UNKNOWN:
            return None
        return interval(self.published_at, self.precision)


def interval(at: datetime, precision: Precision) -> tuple[datetime, datetime]:
    """The half-open span of instants that `at` with this precision may stand for."""
    match precision:
        case Precision.SECOND:
            return at, at + timedelta(seconds=1)
        case Precision.MINUTE:  # "5分钟前" is cut, not rounded: it may be up to a minute longer ago
            return at - timedelta(minutes=1), at + timedelta(minutes=1)
        case Precision.HOUR:
            return at - timedelta(hours=1), at + timedelta(hours=1)
        case Precision.DAY:
            return at, at + timedelta(days=1)
        case Precision.MONTH:
            local = at.astimezone(SHANGHAI)
            following = local.replace(year=local.year + local.month // 12, month=local.month % 12 + 1)
            return at, following.astimezone(at.tzinfo)
        case Precision.UNKNOWN:
            raise ValueError("an unknown time has no interval")


@lru_cache(maxsize=1024)
def normalise_title(text: str) -> str:
    """Width, case, spaces and punctuation folded, so that one title in two lists is the same string."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


@dataclass(slots=True, kw_only=True)
class Profile:
    """What an account's public page says about the account."""

    platform: Platform
    source: str
    native_id: str | None  # Weibo uid; WeChat gh_ or None
    account_id: str | None = None
    name: str | None = None
    wechat_id: str | None = None
    biz: str | None = None  # WeChat __biz, base64
    verified: bool | None = None  # None: the page does not say
    verified_type: int | None = None
    verification: str | None = None  # the verification text, or the verified body (认证主体)
    description: str | None = None
    statuses_count: int | None = None
    extra: dict[str, Any] = field(default_factory=dict)  # tabs, sub-accounts, last article: never judged by name


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
class Comment:
    """A comment as a page shows it. Never stored: what is kept of it names nobody (CommentCheck)."""

    native_id: str
    author_id: str | None
    author_name: str | None
    text: str
    published_at: datetime
    precision: Precision
    replies: list[Comment] = field(default_factory=list)  # the first ones
    replies_total: int = 0


@dataclass(slots=True, kw_only=True)
class CommentCheck:
    """The last look at the comments under a post."""

    account_id: str
    post_key: str  # "ACCOUNT|none": no post of the account has any
    url: str
    at: datetime
    complete: bool  # all of them were seen
    questions: list[dict[str, Any]]  # id, asked_at, precision, text, answered_at, whole (all replies to it were seen)

    @property
    def key(self) -> str:
        return self.post_key


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


@dataclass(slots=True, kw_only=True)
class Tally:
    """How many posts an account published in a quarter, and what of them is not its own."""

    account_id: str
    quarter: datetime  # when it begins
    posts: int
    passed_on: int  # by the platform's means: retweet, quick repost, reprint, share
    copies: int  # of another department's announcement, without them


def quarter(at: datetime) -> tuple[datetime, datetime]:
    """[beginning, end) in UTC of the quarter in Asia/Shanghai that `at` lies in."""
    local = at.astimezone(SHANGHAI)
    first = (local.month - 1) // 3 * 3 + 1
    start = datetime(local.year, first, 1, tzinfo=SHANGHAI)
    end = datetime(local.year + first // 10, (first + 2) % 12 + 1, 1, tzinfo=SHANGHAI)
    return start.astimezone(UTC), end.astimezone(UTC)


LINK_ONLY = 60
"""Characters of a post that says little beside a link: if the link was not followed, it may be the repost."""


def keyword_pattern(keyword: str) -> str:
    """A regular expression (Python and PCRE alike) for a keyword: spaces between characters and width do not matter."""
    characters = [c for c in unicodedata.normalize("NFKC", keyword) if not c.isspace()]
    return "[\\s　]*".join(f"(?:{re.escape(c)}|{re.escape(_wide(c))})" for c in characters)


def _wide(character: str) -> str:
    return chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character
