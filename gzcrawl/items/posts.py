"""What accounts publish, what they say of themselves, and what people write below."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from gzcrawl.items.vocabulary import SHANGHAI, Platform, Precision, RepostKind


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

    def hidden(self, own_text: str) -> bool:
        """Whether nothing is known of what it says. A reprint says it in the post's own text."""
        return not (self.text or self.title or (self.kind == RepostKind.REPRINT and own_text))


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


LINK_ONLY = 60
"""Characters of a post that says little beside a link: if the link was not followed, it may be the repost."""


def keyword_pattern(keyword: str) -> str:
    """A regular expression (Python and PCRE alike) for a keyword: spaces between characters and width do not matter."""
    characters = [c for c in unicodedata.normalize("NFKC", keyword) if not c.isspace()]
    return "[\\s　]*".join(f"(?:{re.escape(c)}|{re.escape(_wide(c))})" for c in characters)


def _wide(character: str) -> str:
    return chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character


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
