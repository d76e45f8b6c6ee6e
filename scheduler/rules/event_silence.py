"""No silence during a major public-opinion event: each obliged department speaks of it in time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from gzcrawl.coverage import covered
from gzcrawl.items import SHANGHAI, Event, Post, keyword_pattern
from gzcrawl.registry import State
from scheduler.findings import Finding, RuleMeta, Verdict
from scheduler.rules.base import AccountSeen, Context, EventSeen, Rule, Unit, finding
from scheduler.rules.columns import Sight, sites
from scheduler.rules.sentences import account_name, last_polls, moment, post_evidence, until

META = RuleMeta(
    id="event_silence",
    title="舆情回应",
    title_en="Response to events",
    duty="No silence during a major public-opinion event that the operator declared (`gzcrawl event add`).",
    observed="Posts of the department's accounts and of its sites' columns between the event's beginning and its deadline that "
    "contain one of its keywords in the title, the text or the original they pass on; as many as the event asks for. Accounts "
    "closed, paused or opened meanwhile are exempt.",
    unknown_when="An account of the department, or a column of its site, was not completely covered from beginning to deadline, or "
    "a post whose text or original is not known whole may speak of it.",
    example="“南桥加油站油气泄漏”应于2025年10月12日 18:00前回应，单位在期限内未见发声",
)


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    judged = timedelta(days=ctx.settings.integer("max_age_days"))
    for seen in ctx.events:
        obliged = any(unit.department.is_obliged(group, None) for group in seen.event.obligated)
        begun = obliged and ctx.now.reached(seen.event.starts_at)
        if begun and not ctx.now.reached(seen.event.ends_at + judged):
            yield _finding(unit, seen, ctx)


def _finding(unit: Unit, seen: EventSeen, ctx: Context) -> Finding:
    event = seen.event
    active = [account for account in unit.accounts if _is_obliged(account, event)]
    posts = [post for post in _posts(unit, seen) if _may_be_in_time(post, event)]
    spoken = [post for post in posts if mentions(event, post)]
    verdict, status, facts = _judge(unit, active, posts, spoken, event, ctx)
    evidence = [post_evidence(post) for post in spoken[:3]] or last_polls(a.polls for a in active)
    return finding(
        META,
        unit,
        ctx,
        f"{event.id}@{unit.department.id}",
        verdict,
        status,
        {"event": event.title, "due": until(event.ends_at), "count": len(spoken), "least": event.min_posts, **facts},
        evidence=evidence,
        since=event.ends_at if verdict is Verdict.VIOLATION else None,
        deadline=event.ends_at,
    )


def _judge(
    unit: Unit, active: list[AccountSeen], posts: list[Post], spoken: list[Post], event: Event, ctx: Context
) -> tuple[Verdict, str, dict[str, Any]]:
    if not active:
        return Verdict.NOT_APPLICABLE, "exempt", {}
    if len(spoken) >= event.min_posts:
        first = spoken[0]
        assert first.published_at is not None
        return Verdict.OK, "spoken", {"posted": moment(first.published_at, first.precision)}
    if not ctx.now.reached(event.ends_at):
        soon = ctx.now.reached(event.ends_at - timedelta(hours=ctx.settings.integer("warn_hours")))
        return (Verdict.WARNING, "warning", {}) if soon else (Verdict.OK, "pending", {})
    blind = [account_name(a.account) for a in active if not covered(a.polls, event.starts_at, event.ends_at)]
    blind += sites(unit.sites, event.starts_at, event.ends_at, Sight.PARTLY)
    unread = sites(unit.sites, event.starts_at, event.ends_at, Sight.NEVER)
    if ctx.settings.word("columns") == "covered":
        blind += unread
    if blind:
        return Verdict.UNKNOWN, "unknown", {"accounts": "、".join(blind)}
    if len(posts) > len(spoken):
        veiled = next(post for post in posts if post not in spoken)
        assert veiled.published_at is not None
        return Verdict.UNKNOWN, "unknown_post", {"posted": moment(veiled.published_at, veiled.precision)}
    words = ctx.settings.text("unread", sites="、".join(unread)) if unread else ""
    return Verdict.VIOLATION, "few" if spoken else "silent", {"unread": words}


def mentions(event: Event, post: Post) -> bool:
    """Whether it contains a keyword: in its title, its text, or the original it passes on."""
    original = post.repost_of
    said = [post.title, post.text, *((original.title, original.text) if original else ())]
    pattern = re.compile("|".join(map(keyword_pattern, event.keywords)), re.I)
    return any(pattern.search(text) for text in said if text)


def _posts(unit: Unit, seen: EventSeen) -> Iterator[Post]:
    ids = [account.account.id for account in unit.accounts] + [site.site.id for site in unit.sites]
    yield from sorted((p for id in ids for p in seen.posts.get(id, ())), key=lambda p: (p.published_at, p.key))


def _may_be_in_time(post: Post, event: Event) -> bool:
    """A time that is not exactly known counts in the department's favour."""
    span = post.interval
    return span is not None and span[1] > event.starts_at and span[0] < event.ends_at


def _is_obliged(seen: AccountSeen, event: Event) -> bool:
    """Closed, paused on a day of the event, or opened after it began: nothing is asked of the account."""
    account, first = seen.account, _day(event.starts_at)
    days = (_day(event.ends_at) - first).days + 1
    late = account.opened_on is not None and account.opened_on > first
    paused = any(account.paused_on(first + timedelta(days=n)) for n in range(days))
    return account.state is not State.CLOSED and not late and not paused


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


RULE = Rule(meta=META, evaluate=evaluate)
