"""A major announcement is reposted by the other departments within one working day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from gzcrawl.coverage import covered
from gzcrawl.items import Announcement, Platform, Post
from gzcrawl.registry import Account
from scheduler.calendar import Deadline
from scheduler.findings import Evidence, Finding, RuleMeta, Severity, Verdict
from scheduler.matching import Decision
from scheduler.rules.base import AccountSeen, Context, Rule, Unit
from scheduler.rules.columns import Sight, sites
from scheduler.rules.reposting import Repost, deadline, firsts, obliged, posts_of, reposts, start_of, veiled
from scheduler.rules.sentences import PLATFORMS, account_name, moment, poll_evidence, post_evidence, span, until

META = RuleMeta(
    id="repost_lag",
    title="重大发布转发",
    title_en="Reposting announcements",
    duty="A major announcement of one department is reposted by the other departments within 1 working day.",
    observed="Posts of all the department's accounts from the publication on (a copy seen in a column of its site is "
    "accepted too; an accusation names sites of which nothing can be read), "
    "matched by link, original, source, title and text; the deadline is the end of the next working day "
    "after the latest possible publication. A repost of a version that supersedes the announcement counts as well. A late repost "
    "is a violation that is over. A repost in time that two complete looks show no more is a reminder (`deleted`).",
    unknown_when="An account of the department, or a column of its site, was not completely covered between publication and "
    "deadline, a post may be the repost but a person has to say, or the announcement has no time.",
    example="《关于做好强降雨防范的紧急通知》应于2025年9月28日 24:00前转发，至今未见转发",
)

Told = tuple[Verdict, str, dict[str, Any]]
"""Verdict, status (a sentence of the profile), and what the sentence and the record are made of."""


@dataclass(frozen=True, slots=True)
class Case:
    """One announcement and one unit; `platform`: only its accounts there, where each platform must carry it."""

    versions: tuple[Announcement, ...]  # the first one and what supersedes it
    unit: Unit
    posts: Mapping[str, Post] = field(repr=False)
    accounts: list[AccountSeen]  # obliged
    due: Deadline | None
    platform: Platform | None = None

    @property
    def first(self) -> Announcement:
        return self.versions[0]

    @property
    def start(self) -> datetime | None:
        return start_of(self.first)


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    by_platform: dict[Platform | None, dict[str, Post]] = {}
    for versions in firsts(ctx.announcements):
        first = versions[0]
        if not unit.department.is_obliged(first.obligated, first.publisher) or not _is_recent(first, ctx):
            continue
        due = deadline(versions, ctx)
        bound = obliged(unit, ctx, start_of(first), due.at if due else None)
        platforms: list[Platform | None] = [None]
        if ctx.settings.word("platforms") == "each" and bound:
            platforms = list(dict.fromkeys(seen.account.platform for seen in bound))
        for platform in platforms:
            if platform not in by_platform:
                by_platform[platform] = {post.key: post for post in posts_of(unit, ctx, platform)}
            accounts = [seen for seen in bound if platform in (None, seen.account.platform)]
            yield _finding(Case(versions, unit, by_platform[platform], accounts, due, platform), ctx)


def _is_recent(announcement: Announcement, ctx: Context) -> bool:
    at = announcement.published_at
    return at is None or not ctx.now.reached(at + timedelta(days=ctx.settings.integer("max_age_days")))


def _finding(case: Case, ctx: Context) -> Finding:
    verdict, text, facts = _judge(case, ctx)
    shown, record = facts.pop("shown", ()), facts.pop("record", {})
    due = case.due
    words = {"title": case.first.title, "due": until(due.at) if due else "", "where": "", "lag": "", "unread": ""}
    if case.platform:
        words["where"] = f"在{PLATFORMS[case.platform]}"
    suffix = f"/{case.platform}" if case.platform else ""
    return Finding(
        rule=META.id,
        subject=f"{case.first.id}@{case.unit.department.id}{suffix}",
        department=case.unit.department.id,
        verdict=verdict,
        severity=ctx.settings.severity if verdict is Verdict.VIOLATION else Severity.LOW,
        reason=ctx.settings.text(text, **(words | facts)),
        since=due.at if due and verdict is Verdict.VIOLATION else None,
        settled=text == "late",
        deadline=due.at if due else None,
        evidence=(_evidence_of(case.first), *shown),
        facts={
            "status": STATUS.get(text, text),
            "announcement": case.first.id,
            "published_at": case.first.published_at,
            "scope": str(case.platform) if case.platform else "any",
            **record,
        },
        provisional_calendar=bool(due and due.provisional),
    )


STATUS = {
    "warning": "pending",
    "unknown_coverage": "unknown",
    "unknown_uncertain": "uncertain",
    "unknown_time": "unknown",
    "unknown_body": "unknown",
    "unknown_repost": "unknown",
}
"""By sentence; the others are statuses themselves."""


def _judge(case: Case, ctx: Context) -> Told:
    if not case.accounts:
        return Verdict.NOT_APPLICABLE, "exempt", {}
    start, due = case.start, case.due
    if due is None or start is None:
        return Verdict.UNKNOWN, "unknown_time", {}
    found = reposts(case.posts, case.versions, start, ctx)
    sure = [one for one in found if one.match.decision is Decision.REPOST]
    standing = [one for one in sure if one.gone_since is None]
    in_time = [one for one in standing if one.earliest < due.at]
    if in_time:
        return Verdict.OK, "in_time", _about(in_time[0], case, ctx)
    withdrawn = [one for one in sure if one.gone_since and one.earliest < due.at]
    if withdrawn and not standing and ctx.settings.word("deleted") != "ignored":
        gone = withdrawn[-1]
        verdict = Verdict.VIOLATION if ctx.settings.word("deleted") == "violation" else Verdict.WARNING
        assert gone.gone_since is not None
        return verdict, "deleted", _about(gone, case, ctx) | {"gone": moment(gone.gone_since)}
    if withdrawn:
        return Verdict.OK, "in_time", _about(withdrawn[0], case, ctx)
    if not ctx.now.reached(due.at):
        soon = ctx.now.reached(due.at - timedelta(hours=ctx.settings.integer("warn_hours")))
        return (Verdict.WARNING, "warning", {}) if soon else (Verdict.OK, "pending", {})
    return _unseen(case, found, start, due.at, ctx) or _overdue(standing, case, start, due.at, ctx)


def _unseen(case: Case, found: list[Repost], start: datetime, due: datetime, ctx: Context) -> Told | None:
    """Why nobody can say that nothing was reposted in time."""
    doubtful = [r for r in found if r.match.decision is Decision.UNCERTAIN and r.earliest < due]
    if doubtful:
        return Verdict.UNKNOWN, "unknown_uncertain", _about(doubtful[0], case, ctx)
    blind = [account_name(a.account) for a in case.accounts if not covered(a.polls, start, due)]
    if ctx.settings.word("columns") != "ignored":
        blind += _sites(case, start, due, Sight.PARTLY)
    if ctx.settings.word("columns") == "covered":
        blind += _sites(case, start, due, Sight.NEVER)
    if blind:
        return Verdict.UNKNOWN, "unknown_coverage", {"accounts": "、".join(blind), "shown": _polls(case.accounts)}
    if not case.first.body.strip():
        return Verdict.UNKNOWN, "unknown_body", {}
    hidden = next(veiled(case.posts.values(), start, due), None)
    return (Verdict.UNKNOWN, "unknown_repost", _about(hidden, case, ctx)) if hidden else None


def _overdue(standing: list[Repost], case: Case, start: datetime, due: datetime, ctx: Context) -> Told:
    """The duty is the accounts'; who reads the accusation has to know of a site that cannot be read, for a copy there counts."""
    unread = _sites(case, start, due, Sight.NEVER) if ctx.settings.word("columns") == "accepted" else []
    words = {"unread": ctx.settings.text("unread", sites="、".join(unread)) if unread else ""}
    if not standing:
        return Verdict.VIOLATION, "missing", words | {"shown": _polls(case.accounts)}
    late = ctx.calendar.working_time(due, standing[0].earliest)
    told = _about(standing[0], case, ctx) | words
    told["record"]["late_hours"] = _hours(late)
    return Verdict.VIOLATION, "late", told | {"lag": span(late)}


def _sites(case: Case, start: datetime, due: datetime, sight: Sight) -> list[str]:
    return sites(case.unit.sites, start, due, sight) if case.platform is None else []


def _about(repost: Repost, case: Case, ctx: Context) -> dict[str, Any]:
    accounts: dict[str, Account] = {seen.account.id: seen.account for seen in case.unit.accounts}
    account = accounts.get(repost.post.account_id or "")
    assert case.start is not None
    return {
        "account": account_name(account) if account else "网站",
        "posted": moment(repost.earliest, repost.post.precision),
        "why": "、".join(repost.match.why),
        "shown": (post_evidence(repost.post),),
        "record": {
            "post": repost.post.key,
            "account": repost.post.account_id,
            "platform": str(repost.post.platform),
            "posted_at": repost.earliest,
            "lag_hours": _hours(ctx.calendar.working_time(case.start, repost.earliest)),
            "score": repost.match.score,
            "why": list(repost.match.why),
            **({"gone_since": repost.gone_since} if repost.gone_since else {}),
        },
    }


def _hours(length: timedelta) -> float:
    return round(length.total_seconds() / 3600, 2)


def _evidence_of(announcement: Announcement) -> Evidence:
    return Evidence(
        kind="announcement",
        ref=announcement.id,
        at=announcement.published_at,
        url=announcement.url,
        quote=announcement.title,
    )


def _polls(seen: list[AccountSeen]) -> tuple[Evidence, ...]:
    return tuple(poll_evidence(max(s.polls, key=attrgetter("at"))) for s in seen if s.polls)


RULE = Rule(meta=META, evaluate=evaluate)
