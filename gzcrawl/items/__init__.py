"""What is recorded. Plain dataclasses, used by Scrapy through itemadapter; field meanings in docs/data-model.md.

All `datetime` fields are aware and in UTC. Text is as published, without HTML unless said otherwise.
"""

from gzcrawl.items.announcements import Announcement, Event
from gzcrawl.items.polls import Capture, Host, Poll, VisitClosed
from gzcrawl.items.posts import (
    LINK_ONLY,
    Comment,
    CommentCheck,
    Post,
    Profile,
    RepostOf,
    Tally,
    interval,
    keyword_pattern,
    normalise_title,
    quarter,
)
from gzcrawl.items.sites import AccountCandidate, LinkCheck, QrLink, QrPicture, QrSighting, SiteProbe
from gzcrawl.items.vocabulary import SHANGHAI, Outcome, Platform, Precision, ProbeStatus, RepostKind

__all__ = [
    "LINK_ONLY",
    "SHANGHAI",
    "AccountCandidate",
    "Announcement",
    "Capture",
    "Comment",
    "CommentCheck",
    "Event",
    "Host",
    "LinkCheck",
    "Outcome",
    "Platform",
    "Poll",
    "Post",
    "Precision",
    "ProbeStatus",
    "Profile",
    "QrLink",
    "QrPicture",
    "QrSighting",
    "RepostKind",
    "RepostOf",
    "SiteProbe",
    "Tally",
    "VisitClosed",
    "interval",
    "keyword_pattern",
    "normalise_title",
    "quarter",
]
