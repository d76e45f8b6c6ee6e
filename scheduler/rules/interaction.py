"""Public questions under an account's posts are answered within some working days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from gzcrawl.items import CommentCheck, Platform, Precision, interval
from gzcrawl.registry import State
from scheduler.calendar import Deadline
from scheduler.findings import Evidence, Finding, RuleMeta, Verdict
from scheduler.rules.base import AccountSeen, Context, Rule, Unit, finding
from scheduler.rules.sentences import account_name, moment, until

META = RuleMeta(
    id="interaction",
    title="互动回应",
    title_en="Answering comments",
    duty="Comments and messages are answered.",
    observed="Comments under the account's Weibo posts of the last 31 days that ask the office something, cautiously told from "
    "chatter. An answer is any reply of the account under the question, its own comment after it, or a later post that names who "
    "asked. A violation needs a look after the deadline that showed all comments and all replies. No names are stored.",
    unknown_when="Comments were not shown (Weibo often asks to log in), not all of them were seen, or nobody looked after the "
    "deadline. "
    "WeChat's comments are not public, letters on websites are not read.",
    example="微博“白鹭发布”有1条提问超过5个工作日未见回应（2025年9月26日 10:12：“请问老年证在哪里办理？”，"
    "应于2025年10月10日 24:00前）",
)


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    for seen in unit.accounts:
        if seen.account.platform is Platform.WEIBO and seen.account.state is not State.CLOSED:
            yield _judge(seen, unit, ctx)


def _judge(seen: AccountSeen, unit: Unit, ctx: Context) -> Finding:
    lately = timedelta(days=ctx.settings.integer("max_observation_age_days"))
    checks = [check for check in seen.comments if ctx.now.within(lately, check.at)]
    asked = [(check, q, _due(q, ctx)) for check in checks for q in check.questions if q["answered_at"] is None]
    asked.sort(key=lambda each: (each[2].at, each[1]["id"]))
    late = [each for each in asked if ctx.now.reached(each[2].at)]
    proven = [(c, q, due) for c, q, due in late if c.complete and q["whole"] and c.at >= due.at]
    verdict, reason, shown = Verdict.OK, "ok", asked
    if ctx.paused(seen.account):
        verdict, reason = Verdict.NOT_APPLICABLE, "paused"
    elif proven:
        verdict, reason, shown = Verdict.VIOLATION, "late", proven
    elif late:
        verdict, reason, shown = Verdict.UNKNOWN, "unknown_late", late
    elif not checks:
        verdict, reason = Verdict.UNKNOWN, "unknown"
    elif not all(check.complete for check in checks):
        verdict, reason = Verdict.UNKNOWN, "unknown_partial"
    elif asked:
        reason = "pending"
    facts = {"account": account_name(seen.account), "count": len(shown), "days": ctx.settings.integer("workdays")}
    first = _told(shown[0]) if shown else {}
    return finding(
        META, unit, ctx, seen.account.id, verdict, reason, facts | first,
        evidence=[_evidence(check, q) for check, q, _due_at in shown[:5]],
        since=proven[0][2].at if verdict is Verdict.VIOLATION else None,
        deadline=asked[0][2].at if asked else None,
        provisional=bool(shown) and shown[0][2].provisional,
    )  # fmt: skip


def _due(question: dict[str, Any], ctx: Context) -> Deadline:
    """From the latest moment at which it can have been asked."""
    latest = interval(question["asked_at"], Precision(question["precision"]))[1] - timedelta(microseconds=1)
    return ctx.calendar.deadline(latest, ctx.settings.integer("workdays"))


def _told(each: tuple[CommentCheck, dict[str, Any], Deadline]) -> dict[str, str]:
    _check, question, due = each
    return {"asked": _moment(question), "text": question["text"], "due": until(due.at)}


def _moment(question: dict[str, Any]) -> str:
    at: datetime = question["asked_at"]
    return moment(at, Precision(question["precision"]))


def _evidence(check: CommentCheck, question: dict[str, Any]) -> Evidence:
    quote = f"评论：“{question['text']}”"
    return Evidence(
        kind="comment", ref=f"{check.post_key}#{question['id']}", at=question["asked_at"], url=check.url, quote=quote,
        precision=question["precision"],
    )  # fmt: skip


RULE = Rule(meta=META, evaluate=evaluate)
