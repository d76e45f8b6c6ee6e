"""Wrong names and errors of the operator's word list in posts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from gzcrawl.items import Poll, Post
from scheduler.findings import Finding, RuleMeta, Severity, Verdict
from scheduler.rules.base import Context, Rule, Unit, finding
from scheduler.rules.sentences import account_name, attempt, moment, post_evidence

META = RuleMeta(
    id="wording",
    title="规范用语",
    title_en="Correct wording",
    duty="Texts are right: names of institutions are the present ones, frequent errors are avoided.",
    observed="Posts and site articles of the last `max_age_days` checked with the operator's word list (`list`, or `GZCRAWL_WORDS`; "
    "docs/wording.md): width and spaces do not matter, a longer wording listed as an exception is right, an original that is "
    "passed on is the other account's. Each word has its own severity: from `accuse_from` on a violation, below it a reminder.",
    unknown_when="Nothing of the account or site was read lately. Without a word list the rule says nothing.",
    example="微博“白鹭发布”于2025年10月10日 16:30发布的内容出现“卫计委”，宜写作“卫健委”，共1条内容",
)


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    if not ctx.words:
        return
    for seen in unit.accounts:
        yield _judge(seen.account.id, account_name(seen.account), seen.posts, seen.polls, unit, ctx)
    for site in unit.sites:
        yield _judge(site.site.id, f"网站“{site.site.name}”", site.posts, site.polls, unit, ctx)


def _judge(subject: str, name: str, posts: Sequence[Post], polls: Sequence[Poll], unit: Unit, ctx: Context) -> Finding:
    lately = timedelta(days=ctx.settings.integer("max_age_days"))
    wrong = [post for post in posts if post.wording and post.published_at and ctx.now.within(lately, post.published_at)]
    if wrong:
        return _told(subject, name, wrong, unit, ctx)
    read = any(poll.outcome.observed and ctx.now.within(lately, poll.at) for poll in polls)
    verdict, reason = (Verdict.OK, "ok") if read else (Verdict.UNKNOWN, "unknown")
    return finding(META, unit, ctx, subject, verdict, reason, {"account": name, "attempt": attempt(polls)})


def _told(subject: str, name: str, wrong: Sequence[Post], unit: Unit, ctx: Context) -> Finding:
    """The worst words first: they decide."""
    hits = sorted(((post, hit) for post in wrong for hit in post.wording), key=lambda each: -_grade(each[1]))
    post, hit = hits[0]
    assert post.published_at is not None
    accuses = _grade(hit) >= Severity[ctx.settings.word("accuse_from").upper()]
    facts = {
        "account": name,
        "posted": moment(post.published_at, post.precision),
        "term": hit["term"],
        "instead": f"，宜写作“{hit['suggestion']}”" if hit["suggestion"] else "",
        "count": len(wrong),
    }
    verdict, reason = (Verdict.VIOLATION, "violation") if accuses else (Verdict.WARNING, "warning")
    evidence = [replace(post_evidence(p), quote=f"……{h['context']}……") for p, h in hits[:5]]
    since = min(p.published_at for p in wrong if p.published_at)
    return finding(
        META, unit, ctx, subject, verdict, reason, facts, evidence=evidence, since=since, severity=_grade(hit)
    )


def _grade(hit: dict[str, str]) -> Severity:
    return Severity[hit["severity"].upper()]


RULE = Rule(meta=META, evaluate=evaluate)
