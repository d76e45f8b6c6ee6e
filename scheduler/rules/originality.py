"""Original content is wanted: the share of own posts of each account in the running quarter. Information, never a violation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from gzcrawl.coverage import uncovered
from gzcrawl.items import SHANGHAI, quarter
from gzcrawl.registry import State
from scheduler.findings import Finding, RuleMeta, Verdict
from scheduler.rules.base import AccountSeen, Context, Rule, Unit, finding
from scheduler.rules.sentences import account_name, last_polls

META = RuleMeta(
    id="originality",
    title="原创内容",
    title_en="Original content",
    duty="Original content is wanted.",
    observed="The posts of the running quarter: own ones, those passed on by the platform's means (retweet, quick repost, reprint, "
    "share) and copies of other departments' announcements. Information only: it is never a violation and costs nothing.",
    unknown_when="Less than `min_coverage` of the quarter (of its last `coverage_days`) was covered by complete looks.",
    example="微博“白鹭发布”2025年第4季度以来发布26条，其中原创21条（81%），转发4条，转载公告1条",
)


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    for seen in unit.accounts:
        if seen.account.state is not State.CLOSED:
            yield _judge(seen, unit, ctx)


def _judge(seen: AccountSeen, unit: Unit, ctx: Context) -> Finding:
    start, _end = ctx.now.period(quarter)
    # Up to the newest look: what it says does not change by the hour.
    until = max((poll.at for poll in seen.polls if poll.outcome.observed), default=start)
    since = max(start, until - timedelta(days=ctx.settings.integer("coverage_days")))
    covered = 1 - uncovered(seen.polls, since, until) / (until - since) if until > since else 0.0
    tally = seen.tally
    posts, passed_on, copies = (tally.posts, tally.passed_on, tally.copies) if tally else (0, 0, 0)
    own = posts - passed_on - copies
    facts = {
        "account": account_name(seen.account),
        "quarter": _name(start),
        "posts": posts,
        "own": own,
        "passed_on": passed_on,
        "copies": copies,
        "share": round(100 * own / posts) if posts else 0,
        "covered": int(100 * covered),
    }
    if covered < ctx.settings.number("min_coverage"):
        verdict, reason = Verdict.UNKNOWN, "unknown"
    elif posts < ctx.settings.integer("min_posts"):
        verdict, reason = Verdict.NOT_APPLICABLE, "few"
    else:
        verdict, reason = Verdict.OK, "ok"
    evidence = last_polls([seen.polls])
    return finding(META, unit, ctx, seen.account.id, verdict, reason, facts, evidence=evidence)


def _name(start: datetime) -> str:
    local = start.astimezone(SHANGHAI)
    return f"{local.year}年第{(local.month + 2) // 3}季度"


RULE = Rule(meta=META, evaluate=evaluate)
