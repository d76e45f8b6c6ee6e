"""Typed reads: what was seen of some accounts and sites, as items, for the rules and for the spiders."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from pymongo.database import Database

from gzcrawl.items import (
    Announcement,
    CommentCheck,
    Host,
    LinkCheck,
    Outcome,
    Poll,
    Post,
    Profile,
    QrSighting,
    SiteProbe,
    Tally,
)
from gzcrawl.store import names, posts, tallies
from gzcrawl.store.documents import from_document
from gzcrawl.store.posts import Wanted

Db = Database[dict[str, Any]]
Item = TypeVar("Item", Post, Poll, SiteProbe, LinkCheck, CommentCheck)


BESIDE = re.compile(r"^weibo\.comments:")
"""Channels that tell nothing about what an account publishes."""


@dataclass(frozen=True)
class Seen:
    """By registry id, newest first."""

    posts: Mapping[str, Sequence[Post]] = field(default_factory=dict)
    polls: Mapping[str, Sequence[Poll]] = field(default_factory=dict)
    profiles: Mapping[str, Sequence[tuple[datetime, Profile]]] = field(default_factory=dict)
    sightings: Mapping[str, Sequence[QrSighting]] = field(default_factory=dict)
    probes: Mapping[str, Sequence[SiteProbe]] = field(default_factory=dict)
    comments: Mapping[str, Sequence[CommentCheck]] = field(default_factory=dict)
    links: Mapping[str, Sequence[LinkCheck]] = field(default_factory=dict)
    tallies: Mapping[str, Tally] = field(default_factory=dict)  # of the quarter of `until`


def seen(db: Db, targets: Iterable[str], since: datetime, until: datetime, wanted: Wanted | None = None) -> Seen:
    """What is known at `until` of accounts and sites: polls and probes since then, and posts.

    `wanted`: only the posts that rules need now. None: all since then, as they were at `until`, and the newest, however old.
    """
    ids = list(targets)
    polls = _grouped(
        Poll,
        db[names.POLLS]
        .find({"target_id": {"$in": ids}, "at": {"$gte": since, "$lte": until}, "channel": {"$not": BESIDE}})
        .sort([("at", -1), ("_id", 1)]),
        "target_id",
    )
    return Seen(
        posts=_grouped(Post, posts.read(db, ids, since, until, wanted), "account_id"),
        polls=polls,
        profiles=_profiles(db, ids, until),
        sightings=_sightings(db, polls, until),
        probes=_grouped(
            SiteProbe,
            db[names.SITE_PROBES]
            .find({"site_id": {"$in": ids}, "at": {"$gte": since, "$lte": until}})
            .sort([("at", -1), ("_id", 1)]),
            "site_id",
        ),
        comments=_grouped(
            CommentCheck,
            db[names.COMMENT_CHECKS].find({"account_id": {"$in": ids}, "at": {"$lte": until}}).sort("_id", 1),
            "account_id",
        ),
        links=_grouped(
            LinkCheck,
            db[names.LINK_CHECKS].find({"target_id": {"$in": ids}, "at": {"$lte": until}}).sort("_id", 1),
            "target_id",
        ),
        tallies=tallies.of(db, ids, until),
    )


def posted_links(db: Db, targets: Collection[str], since: datetime) -> dict[str, list[tuple[str, str]]]:
    """By account or site, (link, key of the post) of what was posted since then, newest first."""
    query = {"account_id": {"$in": list(targets)}, "published_at": {"$gte": since}, "links.0": {"$exists": True}}
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for document in db[names.POSTS].find(query, ["account_id", "links"]).sort([("published_at", -1), ("_id", 1)]):
        found[document["account_id"]] += [(link, document["_id"]) for link in document["links"]]
    return found


def announcements(db: Db, since: datetime, known_by: datetime | None = None) -> list[Announcement]:
    """Announcements published since then, newest first; those without a time too. `known_by`: only what we knew by then."""
    query: dict[str, Any] = {"$or": [{"published_at": {"$gte": since}}, {"published_at": None}]}
    if known_by:
        query["known_at"] = {"$not": {"$gt": known_by}}
    found = db[names.ANNOUNCEMENTS].find(query).sort([("published_at", -1), ("_id", 1)])
    return [from_document(Announcement, {**document, "id": document["_id"]}) for document in found]


def decisions(db: Db, until: datetime | None = None) -> dict[tuple[str, str], bool]:
    """What persons had decided by then (None: by now): (announcement id, post key) -> is a repost."""
    found = db[names.DECISIONS].find({"at": {"$lte": until}} if until else {})
    return {(d["announcement_id"], d["post_key"]): d["is_repost"] for d in found}


def earlier_polls(db: Db, target_id: str, channels: Collection[str], *, since: datetime, not_of: str) -> list[Poll]:
    """Polls of one target since then through these channels, newest first, those of round `not_of` left out."""
    query = {
        "target_id": target_id,
        "at": {"$gte": since},
        "round_id": {"$ne": not_of},
        "channel": {"$in": [*channels]},
    }
    return [from_document(Poll, document) for document in db[names.POLLS].find(query).sort("at", -1)]


def last_polls(db: Db, *, not_of: str) -> dict[str, datetime]:
    """When each target was last polled, by its id, whatever the outcome; what round `not_of` began it has yet to end."""
    pipeline: list[dict[str, Any]] = [
        {"$match": {"round_id": {"$ne": not_of}}},
        {"$group": {"_id": "$target_id", "at": {"$max": "$at"}}},
    ]
    return {row["_id"]: row["at"] for row in db[names.POLLS].aggregate(pipeline)}


def hosts(db: Db) -> list[Host]:
    """Hosts that refused us in their last answers."""
    return [from_document(Host, document) for document in db[names.HOSTS].find({"refusals": {"$gt": 0}})]


def last_looks(db: Db, channel: str, round_id: str, **told: str) -> dict[str, datetime]:
    """When each target was last seen through the channel, by its id; this round's own looks do not count.

    `told`: only polls with these fields, such as a reason.
    """
    pipeline: list[dict[str, Any]] = [
        {"$match": {"channel": channel, "outcome": str(Outcome.OK), "round_id": {"$ne": round_id}, **told}},
        {"$group": {"_id": "$target_id", "at": {"$max": "$at"}}},
    ]
    return {row["_id"]: row["at"] for row in db[names.POLLS].aggregate(pipeline)}


def steady_rounds(db: Db, since: datetime, until: datetime) -> frozenset[str]:
    """Rounds in which more than half of the home pages that were asked for gave an answer."""
    unanswered = {"$cond": [{"$eq": ["$outcome", str(Outcome.UNREACHABLE)]}, 1, 0]}
    pipeline: list[dict[str, Any]] = [
        {"$match": {"channel": {"$in": ["govsite.home", "website.home"]}, "at": {"$gte": since, "$lte": until}}},
        {"$group": {"_id": "$round_id", "asked": {"$sum": 1}, "unanswered": {"$sum": unanswered}}},
    ]
    rounds = db[names.POLLS].aggregate(pipeline)
    return frozenset(row["_id"] for row in rounds if 2 * row["unanswered"] < row["asked"])


def closed_visits(db: Db, round_id: str) -> set[tuple[str, str]]:
    """(target id, channel) of the visits this round has done with: a killed round goes on behind them."""
    return {
        (p["target_id"], p["channel"])
        for p in db[names.POLLS].find({"round_id": round_id, "closed": True}, ["target_id", "channel"])
    }


def whole_articles(db: Db, since: datetime, before: datetime) -> set[str]:
    """Keys and native ids of posts published since then and known before that instant whose own page was read already."""
    query = {
        "published_at": {"$gte": since},
        "first_seen_at": {"$lt": before},
        "sources": {"$in": ["wechat.article", "govsite.article", "weibo.longtext"]},
    }
    found = db[names.POSTS].find(query, ["native_id"])
    return {name for document in found for name in (document["_id"], document["native_id"]) if name}


def outcome_mix(db: Db, round_id: str) -> dict[str, dict[str, int]]:
    """How the polls of a round ended: source (the channel's first part) -> outcome -> count."""
    mix: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for poll in db[names.POLLS].find({"round_id": round_id}, ["channel", "outcome"]):
        mix[poll["channel"].partition(".")[0]][poll["outcome"]] += 1
    return {source: dict(counts) for source, counts in mix.items()}


def _grouped(kind: type[Item], documents: Iterable[Mapping[str, Any]], by: str) -> dict[str, list[Item]]:
    groups: dict[str, list[Item]] = defaultdict(list)
    for document in documents:
        groups[document[by]].append(from_document(kind, document))
    return groups


def _profiles(db: Db, ids: list[str], until: datetime) -> dict[str, list[tuple[datetime, Profile]]]:
    groups: dict[str, list[tuple[datetime, Profile]]] = defaultdict(list)
    query = {"account_id": {"$in": ids}, "first_seen_at": {"$lte": until}}
    for document in db[names.PROFILES].find(query).sort([("last_seen_at", -1), ("_id", 1)]):
        groups[document["account_id"]].append((document["first_seen_at"], from_document(Profile, document)))
    return groups


def _sightings(db: Db, polls: Mapping[str, Sequence[Poll]], until: datetime) -> dict[str, list[QrSighting]]:
    """The codes seen by the newest good QR poll of each channel: older ones may have been taken down since.

    A code keeps only its first and its last sight: for a past instant one seen before and after stands in between too.
    """
    latest: dict[tuple[str, str], str] = {}
    for site_id, site_polls in polls.items():
        for poll in site_polls:
            if poll.channel.startswith("qr.") and poll.outcome is Outcome.OK:
                latest.setdefault((site_id, poll.channel), poll.round_id)
    rounds = {(site_id, round_id) for (site_id, _channel), round_id in latest.items()}
    groups: dict[str, list[QrSighting]] = defaultdict(list)
    for document in (
        db[names.QR_SIGHTINGS].find({"site_id": {"$in": sorted({site for site, _ in rounds})}}).sort("_id", 1)
    ):
        before_and_after = (document.get("first_seen_at") or document["at"]) <= until < document["at"]
        if before_and_after or (document["site_id"], document["round_id"]) in rounds:
            groups[document["site_id"]].append(from_document(QrSighting, document))
    return groups
