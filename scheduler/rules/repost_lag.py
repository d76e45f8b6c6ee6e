"""A major announcement is reposted by the other departments within one working day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from gzcrawl.coverage import covered
from gzcrawl.items import SHANGHAI, Announcement, Post, interval
from gzcrawl.registry import Account, State
from scheduler.calendar import Deadline
from scheduler.findings import Evidence, Finding, Severity, Verdict
from scheduler.matching import Decision, Match
from scheduler.rules.base import AccountSeen, Context, Rule, RuleMeta, SiteSeen, Unit
from scheduler.rules.sentences import account_name, last_polls, moment, post_evidence, span, until

META = RuleMeta(
    id="repost_lag",
    title="重大发布转发",
    duty="A major announcement of one department is reposted by the other departments within 1 working day.",
    observed="Posts of all the department's accounts from the publication on (a copy seen in a column of its site is "
    "accepted too), matched by link, original, source, title and text; the deadline is the end of the next working day "
    "after the latest possible publication.",
    unknown_when="An account of the department was not completely covered between publication and deadline, a post may "
    "be the repost but a person has to say, or the announcement has no time.",
    example="《关于做好强降雨防范的紧急通知》应于2025年9月28日 24:00前转发，至今未见转发",
)


UNSEEN = Match(Decision.UNCERTAIN, 0.5, ("看不到原文",))


@dataclass(frozen=True, slots=True)
class Repost:
    post: Post
    match: Match
    earliest: datetime  # of its possible publication


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    for announcement in ctx.announcements:
        obligated = ctx.registry.obligated(announcement.obligated, announcement.publisher)
        if any(d.id == unit.department.id for d in obligated) and _is_recent(announcement, ctx):
            yield _finding(unit, announcement, ctx)


def _is_recent(announcement: Announcement, ctx: Context) -> bool:
    at = announcement.published_at
    return at is None or at > ctx.now - timedelta(days=ctx.settings.integer("max_age_days"))


def _finding(unit: Unit, announcement: Announcement, ctx: Context) -> Finding:
    due = deadline(announcement, ctx)
    reposts = sorted(_reposts(unit, announcement, ctx), key=lambda repost: repost.earliest)
    verdict, status, facts = _judge(unit, announcement, due, reposts, ctx)
    text = {"unknown": "unknown_coverage", "uncertain": "unknown_uncertain"}.get(status, status)
    severity = ctx.settings.severity if verdict is Verdict.VIOLATION else Severity.LOW
    shown = facts.pop("shown", ())
    return Finding(
        rule=META.id,
        subject=f"{announcement.id}@{unit.department.id}",
        department=unit.department.id,
        verdict=verdict,
        severity=severity,
        reason=ctx.settings.text(text, title=announcement.title, due=until(due.at) if due else "", **facts),
        since=due.at if due and verdict is Verdict.VIOLATION else None,
        deadline=due.at if due else None,
        recheck_at=due.at if due and due.at > ctx.now else None,
        evidence=(_evidence_of(announcement), *shown),
        facts={"status": status, **{name: value for name, value in facts.items() if name in ("why", "lag")}},
        provisional_calendar=bool(due and due.provisional),
    )


def deadline(announcement: Announcement, ctx: Context) -> Deadline | None:
    """From the latest possible moment of publication: a day without a time gives the whole day."""
    if announcement.due:
        return Deadline(announcement.due, provisional=False)
    if announcement.published_at is None:
        return None
    latest = interval(announcement.published_at, announcement.precision)[1] - timedelta(microseconds=1)
    mode = "same_time" if ctx.settings.word("mode") == "same_time" else "end_of_day"
    return ctx.calendar.deadline(latest, ctx.settings.integer("workdays"), mode)  # type: ignore[arg-type]


def _judge(
    unit: Unit, announcement: Announcement, due: Deadline | None, reposts: list[Repost], ctx: Context
) -> tuple[Verdict, str, dict[str, Any]]:
    accounts = _active(unit, ctx)
    if not accounts:
        return Verdict.NOT_APPLICABLE, "exempt", {}
    if due is None or announcement.published_at is None:
        return Verdict.UNKNOWN, "unknown_time", {}
    sure = [r for r in reposts if r.match.decision is Decision.REPOST]
    if sure and sure[0].earliest < due.at:
        return Verdict.OK, "in_time", _about(sure[0], unit)
    if ctx.now < due.at:
        soon = due.at - ctx.now <= timedelta(hours=ctx.settings.integer("warn_hours"))
        return (Verdict.WARNING, "warning", {}) if soon and not sure else (Verdict.OK, "pending", {})
    doubtful = [r for r in reposts if r.match.decision is Decision.UNCERTAIN and r.earliest < due.at]
    if doubtful:
        return Verdict.UNKNOWN, "uncertain", _about(doubtful[0], unit)
    start = interval(announcement.published_at, announcement.precision)[0]
    blind = [account_name(a.account) for a in accounts if not covered(a.polls, start, due.at)]
    if ctx.settings.word("columns") == "covered":
        blind += [f"网站“{s.site.name}”" for s in unit.sites if not _columns_covered(s, start, due.at)]
    if blind:
        return (
            Verdict.UNKNOWN,
            "unknown",
            {"accounts": "、".join(blind), "shown": last_polls(s.polls for s in accounts)},
        )
    if not announcement.body.strip():
        return Verdict.UNKNOWN, "unknown_body", {}
    for post in _since(unit, start, ctx):
        earliest = max(post.interval[0], start) if post.interval else start
        if earliest < due.at and _is_veiled(post):
            return Verdict.UNKNOWN, "unknown_repost", _about(Repost(post, UNSEEN, earliest), unit)
    if sure:
        late = ctx.calendar.working_time(due.at, sure[0].earliest)
        return Verdict.VIOLATION, "late", _about(sure[0], unit) | {"lag": span(late)}
    return Verdict.VIOLATION, "missing", {"shown": last_polls(s.polls for s in accounts)}


def _columns_covered(seen: SiteSeen, start: datetime, end: datetime) -> bool:
    """Whether a copy in a column of the site would have been seen: columns count, so they must have been looked at."""
    columns = [f"govsite.list:{url}" for url in dict.fromkeys((*seen.site.announcement_lists, *seen.site.lists))]
    return seen.site.state is State.CLOSED or all(
        covered([poll for poll in seen.polls if poll.channel == column], start, end) for column in columns
    )


def _active(unit: Unit, ctx: Context) -> list[AccountSeen]:
    today = ctx.now.astimezone(SHANGHAI).date()
    return [
        seen for seen in unit.accounts if seen.account.state is not State.CLOSED and not seen.account.paused_on(today)
    ]


def _since(unit: Unit, start: datetime, ctx: Context) -> Iterator[Post]:
    """Posts of the department that may have been published after `start`; what was published before is no repost."""
    everywhere = [seen.posts for seen in unit.accounts]
    if ctx.settings.word("columns") != "ignored":
        everywhere += [seen.posts for seen in unit.sites]
    for post in chain.from_iterable(everywhere):
        if post.interval is not None and post.interval[1] > start:
            yield post


def _reposts(unit: Unit, announcement: Announcement, ctx: Context) -> Iterable[Repost]:
    """Posts that are, or may be, the repost."""
    if announcement.published_at is None:
        return
    start = interval(announcement.published_at, announcement.precision)[0]
    found = ctx.matches.get(announcement.id, {})
    for post in _since(unit, start, ctx) if found else ():
        if post.key in found:
            assert post.interval is not None
            yield Repost(post, found[post.key], max(post.interval[0], start))


def _is_veiled(post: Post) -> bool:
    """Whether what it reposts, or its own text, could not be read: it may be the repost."""
    original = post.repost_of
    hidden = original is not None and not original.text and not original.title
    return hidden or post.long_text or "\ufffd" in post.text


def _about(repost: Repost, unit: Unit) -> dict[str, Any]:
    accounts: dict[str, Account] = {seen.account.id: seen.account for seen in unit.accounts}
    account = accounts.get(repost.post.account_id or "")
    return {
        "account": account_name(account) if account else "网站",
        "posted": moment(repost.earliest, repost.post.precision),
        "why": "、".join(repost.match.why),
        "shown": (post_evidence(repost.post),),
    }


def _evidence_of(announcement: Announcement) -> Evidence:
    return Evidence(
        kind="announcement",
        ref=announcement.id,
        at=announcement.published_at,
        url=announcement.url,
        quote=announcement.title,
    )


RULE = Rule(meta=META, evaluate=evaluate)
