"""The website can be opened. What is wrong with a site that cannot be is not told beside it (`inhibited_by`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import takewhile
from urllib.parse import urlsplit

from gzcrawl.items import Outcome, Poll
from gzcrawl.registry import State
from scheduler.findings import Finding, RuleMeta, Verdict
from scheduler.rules.base import Context, Rule, SiteSeen, Unit, finding
from scheduler.rules.sentences import attempt, moment, poll_evidence

META = RuleMeta(
    id="site_down",
    title="网站无法访问",
    title_en="Website down",
    duty="The website can be opened.",
    observed="Looks at the home page of the last week. Down: no connection, no answer in time, an error of the server (5xx), a name "
    "that does not resolve; such looks in `looks` rounds, `confirm_hours` from the first to the last, with no other answer between, "
    "of no page of the site. Looks of a round in which half of all sites or more gave no answer say nothing: then it is rather our "
    "own line, or a firewall before all of them.",
    unknown_when="The site was not looked at lately, it was silent in fewer rounds, only its home page was silent while other pages "
    "answered, or most sites were silent at the same time.",
    example="网站zjj.zhangjiang.example无法打开（2025年10月12日 21:00起多次查看，连接中断）",
)

HOMES = ("govsite.home", "website.home")

SILENT = {
    "timeout": "连接或响应超时",
    "connection_refused": "拒绝连接",
    "connection_lost": "连接中断",
    "http_error": "服务器出错",
    "dns": "域名无法解析",
}
"""Reasons of polls that speak of the site. TLS errors, our own proxy, robots.txt and addresses we refuse do not."""


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    for seen in unit.sites:
        if seen.site.state is not State.CLOSED:
            yield _judge(seen, unit, ctx)


def _judge(seen: SiteSeen, unit: Unit, ctx: Context) -> Finding:
    host = urlsplit(seen.site.home).netloc
    looks = sorted((p for p in seen.polls if _tells(p, ctx)), key=lambda poll: (poll.at, poll.channel), reverse=True)
    window = timedelta(days=ctx.settings.integer("window_days"))
    # The newest first, and no further than needed: each question about the time is one more reason to judge again.
    down = list(takewhile(lambda poll: _silent(poll) and ctx.now.within(window, poll.at), looks))
    fresh = timedelta(hours=ctx.settings.integer("max_observation_age_hours"))
    confirmed = timedelta(hours=ctx.settings.number("confirm_hours"))
    if not looks or not ctx.now.within(fresh, looks[0].at):
        verdict, reason = Verdict.UNKNOWN, "unknown"
    elif not down:
        verdict, reason = Verdict.OK, "ok"
    elif down[0].at - down[-1].at < confirmed or len({p.round_id for p in down}) < ctx.settings.integer("looks"):
        verdict, reason = Verdict.UNKNOWN, "unconfirmed"
    elif any(poll.at >= down[-1].at and _answered_at(poll, host) for poll in seen.polls):
        verdict, reason = Verdict.UNKNOWN, "unknown_home_only"
    else:
        verdict, reason = Verdict.VIOLATION, "violation"
    facts = {
        "site": host,
        "since": moment(down[-1].at) if down else "",
        "why": SILENT[down[0].reason] if down else "",
        "attempt": attempt([poll for poll in seen.polls if poll.channel in HOMES]),
    }
    evidence = [poll_evidence(poll) for poll in ([down[0], down[-1]] if len(down) > 1 else looks[:1])]
    since = down[-1].at if verdict is Verdict.VIOLATION else None
    return finding(META, unit, ctx, seen.site.id, verdict, reason, facts, evidence=evidence, since=since)


def _tells(poll: Poll, ctx: Context) -> bool:
    """Whether the poll says if the site is there: something of it answered, or it alone did not."""
    if poll.channel not in HOMES:
        return False
    return poll.round_id in ctx.steady if _silent(poll) else _answered(poll)


def _answered_at(poll: Poll, host: str) -> bool:
    return urlsplit(poll.url).netloc == host and not _silent(poll) and _answered(poll)


def _silent(poll: Poll) -> bool:
    return poll.outcome is Outcome.UNREACHABLE and poll.reason in SILENT


def _answered(poll: Poll) -> bool:
    """A firewall, a foreign page, a page too large: all of them answers. Being left alone by us is none."""
    return poll.outcome.observed or bool(poll.http_status) or poll.outcome is Outcome.TOO_LARGE


RULE = Rule(meta=META, evaluate=evaluate)
