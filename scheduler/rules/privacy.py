"""No leak of personal information: resident ID numbers, mobile numbers and bank cards of persons in posts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from gzcrawl.items import Poll, Post
from scheduler.findings import Finding, RuleMeta, Verdict
from scheduler.rules.base import Context, Rule, Unit, finding
from scheduler.rules.sentences import account_name, attempt, moment, post_evidence

META = RuleMeta(
    id="privacy",
    title="个人信息",
    title_en="Personal information",
    duty="No leak of personal information.",
    observed="Posts and site articles of the last `max_age_days`: resident ID numbers (check digit; 15 digits beside a word for "
    "it), bank cards (Luhn, leading digits, beside a word for it), mobile numbers in a sentence about a person. Numbers are masked "
    "before they are stored, and nowhere shown whole. Masked lists (公示名单), hotlines, contacts of offices and public accounts "
    "are none.",
    unknown_when="Nothing of the account or site was read lately.",
    example="微博“白鹭发布”于2025年10月10日 16:30发布的内容含有未隐去的身份证号（3699**********5921）",
)

KINDS = {"resident_id": "身份证号", "bank_card": "银行卡号", "mobile": "手机号码"}


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    for seen in unit.accounts:
        yield _judge(seen.account.id, account_name(seen.account), seen.posts, seen.polls, unit, ctx)
    for site in unit.sites:
        yield _judge(site.site.id, f"网站“{site.site.name}”", site.posts, site.polls, unit, ctx)


def _judge(
    subject: str, name: str, posts: tuple[Post, ...], polls: tuple[Poll, ...], unit: Unit, ctx: Context
) -> Finding:
    lately = timedelta(days=ctx.settings.integer("max_age_days"))
    leaking = [
        post for post in posts if post.private and post.published_at and ctx.now.within(lately, post.published_at)
    ]
    if leaking:
        first = leaking[0]
        assert first.published_at is not None
        kinds = dict.fromkeys(KINDS[leak["kind"]] for post in leaking for leak in post.private)
        evidence = [
            replace(post_evidence(post), quote=f"……{leak['context']}……")
            for post in leaking[:3]
            for leak in post.private[:3]
        ]
        facts = {
            "account": name,
            "posted": moment(first.published_at, first.precision),
            "kinds": "、".join(kinds),
            "masked": first.private[0]["masked"],
            "count": len(leaking),
        }
        since = min(post.published_at for post in leaking if post.published_at)
        return finding(META, unit, ctx, subject, Verdict.VIOLATION, "violation", facts, evidence=evidence, since=since)
    read = any(poll.outcome.observed and ctx.now.within(lately, poll.at) for poll in polls)
    verdict, reason = (Verdict.OK, "ok") if read else (Verdict.UNKNOWN, "unknown")
    return finding(META, unit, ctx, subject, verdict, reason, {"account": name, "attempt": attempt(polls)})


RULE = Rule(meta=META, evaluate=evaluate)
