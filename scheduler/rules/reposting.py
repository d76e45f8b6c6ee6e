"""What a rule about reposts needs of one announcement and one unit: versions, deadline, accounts obliged, posts that may be it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from gzcrawl.items import LINK_ONLY, SHANGHAI, Announcement, Platform, Post, interval
from gzcrawl.qr.payload import Meaning, classify
from gzcrawl.registry import Account, State
from scheduler.calendar import Deadline
from scheduler.matching import Decision, Match
from scheduler.rules.base import AccountSeen, Context, Unit

UNSEEN = Match(Decision.UNCERTAIN, 0.5, ("看不到原文",))


@dataclass(frozen=True, slots=True)
class Repost:
    post: Post
    match: Match
    earliest: datetime  # of its possible publication
    gone_since: datetime | None = None  # proven not to be shown any more


def firsts(announcements: Iterable[Announcement]) -> Iterator[tuple[Announcement, ...]]:
    """Each announcement with the versions that supersede it, oldest first. The duty is the first one's."""
    later: dict[str, list[Announcement]] = {}
    every = list(announcements)
    known = {item.id for item in every}
    for item in every:
        if item.supersedes in known:
            later.setdefault(str(item.supersedes), []).append(item)
    for item in every:
        if item.supersedes not in known:
            yield (
                item,
                *sorted(later.get(item.id, ()), key=lambda one: (one.published_at is None, one.published_at, one.id)),
            )


def start_of(announcement: Announcement) -> datetime | None:
    """The earliest possible moment of publication."""
    at = announcement.published_at
    return interval(at, announcement.precision)[0] if at else None


def deadline(versions: tuple[Announcement, ...], ctx: Context) -> Deadline | None:
    """The operator's, else from the latest possible publication of the first version: a day without a time gives the whole day."""
    named = [item.due for item in versions if item.due]
    if named:
        return Deadline(named[-1], provisional=False)
    first = versions[0]
    if first.published_at is None:
        return None
    latest = interval(first.published_at, first.precision)[1] - timedelta(microseconds=1)
    mode = "same_time" if ctx.settings.word("mode") == "same_time" else "end_of_day"
    return ctx.calendar.deadline(latest, ctx.settings.integer("workdays"), mode)  # type: ignore[arg-type]


def obliged(unit: Unit, ctx: Context, start: datetime | None, due: datetime | None) -> list[AccountSeen]:
    """The accounts that could and had to carry it: not closed, open by the deadline, in no declared pause since the publication."""
    last = (due - timedelta(microseconds=1)).astimezone(SHANGHAI).date() if due else ctx.now.today

    def bound(account: Account) -> bool:
        opened_late = account.opened_on is not None and account.opened_on > last
        return account.state is not State.CLOSED and not opened_late and not _paused(account, start, last, ctx)

    return [seen for seen in unit.accounts if bound(seen.account)]


def _paused(account: Account, start: datetime | None, last: date, ctx: Context) -> bool:
    """Today, or on a day from `start` to the last one."""
    if account.paused_from is None:
        return account.state is State.PAUSED
    today = ctx.now.today
    first = min(start.astimezone(SHANGHAI).date(), today) if start else today
    days = [today, *(first + timedelta(days=n) for n in range((min(last, today) - first).days + 1))]
    return any(map(account.paused_on, days))


def posts_of(unit: Unit, ctx: Context, platform: Platform | None) -> Iterator[Post]:
    """What may carry the repost; `platform`: only what its accounts published."""
    everywhere = [seen.posts for seen in unit.accounts if platform in (None, seen.account.platform)]
    if platform is None and ctx.settings.word("columns") != "ignored":
        everywhere += [seen.posts for seen in unit.sites]
    yield from chain.from_iterable(everywhere)


def reposts(
    posts: Mapping[str, Post], versions: tuple[Announcement, ...], start: datetime, ctx: Context
) -> list[Repost]:
    """Posts that are, or may be, a repost of any version, by the earliest moment they may stand for; sure ones first."""
    best: dict[str, Repost] = {}
    for version in versions:
        found = ctx.matches.get(version.id, {})
        for key in posts.keys() & found.keys():
            post, match = posts[key], found[key]
            # What was published before is no repost.
            if post.interval is None or post.interval[1] <= start:
                continue
            if key not in best or match.score > best[key].match.score:
                best[key] = Repost(post, match, max(post.interval[0], start), ctx.gone.get(key))
    return sorted(best.values(), key=lambda one: (one.earliest, -one.match.score, one.post.key))


def veiled(posts: Iterable[Post], start: datetime, end: datetime) -> Iterator[Repost]:
    """Posts from before `end` that could not be read: any of them may be the repost."""
    for post in posts:
        if post.interval is not None and post.interval[1] > start and is_veiled(post):
            earliest = max(post.interval[0], start)
            if earliest < end:
                yield Repost(post, UNSEEN, earliest)


def is_veiled(post: Post) -> bool:
    """Whether what it reposts, its own text, or the link that is all it has, could not be read."""
    original = post.repost_of
    hidden = original is not None and original.hidden(post.text)
    short = (classify(link) is Meaning.SHORT_LINK for link in post.links)
    unfollowed = len(post.text) <= LINK_ONLY and bool(post.links) and all(short)
    return hidden or post.long_text or "\ufffd" in post.text or unfollowed
