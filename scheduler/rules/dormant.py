"""No update for more than 15 days: a dormant account (僵尸账号)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from gzcrawl.coverage import covered_until
from gzcrawl.items import Outcome, Poll, Post
from gzcrawl.registry import Account, State
from scheduler.findings import Evidence, Finding, RuleMeta, Severity, Verdict
from scheduler.rules.base import AccountSeen, Context, Rule, Unit
from scheduler.rules.sentences import account_name, attempt, moment, poll_evidence, post_evidence

META = RuleMeta(
    id="dormant",
    title="僵尸账号",
    title_en="Dormant account",
    duty="Accounts with no update are dormant: more than 15 days since the newest post; a reminder from day 12.",
    observed="Post times of the account, pinned posts by their own time; complete polls (Weibo timelines) from the "
    "newest post until the limit, or two independent incomplete sources (Sogou, an album, a feed, WeChat's own interface) "
    "that agree.",
    unknown_when="The time since the newest post is not covered by polls, the last look is older than 48 hours, the account is "
    "seen only through Sogou, a post has no time, or the account's page is gone.",
    example="微博“健康章江”已超过17天未更新（最近一次更新在2025年9月26日 10:12），按规定超过15天属僵尸账号",
)

SOGOU, FEED = "sogou.", "feed:"
PARTIAL = {SOGOU: "搜狗", "wechat.album": "合集", FEED: "订阅源", "official.wechat": "官方发布接口"}
"""Channels that show part of a timeline: what one of them does not show may still be there."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest post, and the latest instant at which it can have been published."""

    post: Post
    at: datetime


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    for seen in unit.accounts:
        newest = newest_post(seen.posts)
        verdict, text, facts = judge(seen, newest, ctx)
        settings = ctx.settings
        yield Finding(
            rule=META.id,
            subject=seen.account.id,
            department=unit.department.id,
            verdict=verdict,
            severity=settings.severity if verdict is Verdict.VIOLATION else Severity.LOW,
            reason=settings.text(text, account=account_name(seen.account), **facts),
            since=newest.at if newest else None,
            deadline=newest.at + limit(ctx) if newest else None,
            evidence=_evidence(seen, newest),
            facts={
                "newest_at": newest.at if newest else None,
                "last_look_at": max((p.at for p in seen.polls if p.outcome.observed), default=None),
                "last_attempt_at": max((p.at for p in seen.polls), default=None),
            },
        )


def judge(seen: AccountSeen, newest: Newest | None, ctx: Context) -> tuple[Verdict, str, dict[str, Any]]:
    """(verdict, name of the sentence, its facts) for one account."""
    account, settings = seen.account, ctx.settings
    if account.state is State.CLOSED:
        return Verdict.NOT_APPLICABLE, "closed", {}
    if ctx.paused(account):
        return Verdict.NOT_APPLICABLE, "paused", {"reason": account.pause_reason or "未填原因"}
    facts: dict[str, Any] = {"limit": settings.integer("days"), "attempt": attempt(seen.polls)}
    if newest is None:
        return _never_posted(seen, ctx, facts)
    assert newest.post.interval is not None
    facts["newest"] = moment(newest.post.interval[0], newest.post.precision)
    if ctx.now.within(timedelta(days=settings.integer("warn_days")), newest.at):
        return Verdict.OK, "ok", facts
    facts["days"] = ctx.now.days_since(newest.at)
    if gone(seen.polls):
        return Verdict.UNKNOWN, "unknown_gone", facts
    if any(post.interval is None for post in seen.posts):
        return Verdict.UNKNOWN, "unknown_undated", facts
    proven = _silent_until(seen, newest, ctx)
    if proven is None:
        return _not_proven(seen, ctx, facts)
    verdict = Verdict.VIOLATION if proven - newest.at > limit(ctx) else Verdict.WARNING
    return verdict, str(verdict), facts


def limit(ctx: Context) -> timedelta:
    return timedelta(days=ctx.settings.integer("days"))


def _freshness(ctx: Context) -> timedelta:
    """An older look proves nothing about now."""
    return timedelta(hours=ctx.settings.integer("max_observation_age_hours"))


def newest_post(posts: tuple[Post, ...]) -> Newest | None:
    """By the latest possible time of publication, wherever a post stands in the list: pinned ones come first."""
    dated = [Newest(post, span[1]) for post in posts if (span := post.interval)]
    return max(dated, key=attrgetter("at"), default=None)


def gone(polls: tuple[Poll, ...]) -> bool:
    """Whether the last that was seen of the account itself (not of one article) is that it is gone."""
    looks = [p for p in polls if p.outcome.observed and not p.channel.startswith("wechat.article")]
    newest = max(looks, key=attrgetter("at"), default=None)
    return newest is not None and newest.outcome is Outcome.GONE


def _silent_until(seen: AccountSeen, newest: Newest, ctx: Context) -> datetime | None:
    """Until when it is proven that nothing followed the newest post; None when it is not, or not recently enough."""
    until = covered_until(seen.polls, newest.at)
    if until is not None and ctx.now.within(_freshness(ctx), until):
        return until
    partial = _partial_sources(seen.polls, ctx)
    agreeing = sorted((at for at in partial.values() if at), reverse=True)
    needed = ctx.settings.integer("partial_sources")
    # As many sources as needed must each have seen the silence; the one that looked least far decides.
    return agreeing[needed - 1] if len(agreeing) >= needed else None


def _partial_sources(polls: tuple[Poll, ...], ctx: Context) -> dict[str, datetime]:
    """Incomplete sources read lately -> the instant up to which each would normally show a post."""
    lag = timedelta(days=ctx.settings.integer("sogou_lag_days"))
    found: dict[str, datetime] = {}
    for poll in polls:
        if not poll.channel.startswith(tuple(PARTIAL)) or poll.outcome is not Outcome.OK or not poll.seen:
            continue
        source = SOGOU if poll.channel.startswith(SOGOU) else poll.channel
        # A feed knows only what its maker had seen when it was made; the index is days behind.
        until = poll.covers_to if source.startswith(FEED) else poll.at - lag if source == SOGOU else poll.at
        if until is not None and ctx.now.within(_freshness(ctx), poll.at):
            found[source] = max(until, found.get(source, until))
    return found


def _not_proven(seen: AccountSeen, ctx: Context, facts: dict[str, Any]) -> tuple[Verdict, str, dict[str, Any]]:
    partial = _partial_sources(seen.polls, ctx)
    if partial:
        names = "、".join(name for prefix, name in PARTIAL.items() if any(s.startswith(prefix) for s in partial))
        return Verdict.UNKNOWN, "unknown_partial", facts | {"sources": names}
    looked = max((p.at for p in seen.polls if p.outcome.observed), default=None)
    if looked is None:
        return Verdict.UNKNOWN, "unknown_never_seen", facts
    return Verdict.UNKNOWN, "unknown_blind", facts | {"looked": moment(looked)}


def _never_posted(seen: AccountSeen, ctx: Context, facts: dict[str, Any]) -> tuple[Verdict, str, dict[str, Any]]:
    account: Account = seen.account
    empty = any(p.complete and p.outcome is Outcome.EMPTY and ctx.now.within(_freshness(ctx), p.at) for p in seen.polls)
    if not empty or gone(seen.polls):
        looked = any(p.outcome.observed for p in seen.polls)
        text = "unknown_gone" if gone(seen.polls) else "unknown_no_trace" if looked else "unknown_never_seen"
        return Verdict.UNKNOWN, text, facts
    if account.opened_on is None:
        return Verdict.UNKNOWN, "unknown_opened", facts
    facts["opened"] = f"{account.opened_on:%Y年%-m月%-d日}"
    # Opened some time that day: the whole day is theirs.
    if ctx.now.ended(account.opened_on + timedelta(days=ctx.settings.integer("days") + 1)):
        return Verdict.VIOLATION, "never", facts
    return Verdict.NOT_APPLICABLE, "new", facts


def _evidence(seen: AccountSeen, newest: Newest | None) -> tuple[Evidence, ...]:
    listings = [p for p in seen.polls if not p.channel.startswith("wechat.article")]
    polls = sorted(listings, key=attrgetter("at", "complete"), reverse=True)[:2]
    return (*((post_evidence(newest.post),) if newest else ()), *map(poll_evidence, polls))


RULE = Rule(meta=META, evaluate=evaluate)
