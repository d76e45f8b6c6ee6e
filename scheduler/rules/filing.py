"""New accounts are filed within 3 working days of opening, with name, responsible person and contact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

from gzcrawl.items import SHANGHAI
from gzcrawl.registry import Account, State
from scheduler.findings import Blocked, Evidence, Finding, RuleMeta, Verdict
from scheduler.rules.base import Context, Rule, Unit, finding
from scheduler.rules.sentences import account_name, until

META = RuleMeta(
    id="filing",
    title="账号备案",
    title_en="Account filing",
    duty="New accounts are filed within 3 working days of opening with name, responsible person and contact; changes too.",
    observed="The registry: 开通日期 and 备案日期, 变更日期 and 变更备案日期, 责任人 and 联系电话 of the unit. "
    "Due at the end of the third working "
    "day after the day of opening or change. Accounts opened before `since` are not judged by it. A record that "
    "lacks the responsible person or the contact is a reminder.",
    unknown_when="The registry has no day of opening.",
    example="微博“章江公积金”开通于2025年10月9日，应于2025年10月14日 24:00前备案，台账的备案日期是2025年10月20日",
    blocked=Blocked.AS_EVER,
)


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    for seen in unit.accounts:
        account = seen.account
        if account.state is State.CLOSED:
            continue
        yield _judge(account, unit, ctx)


def _judge(account: Account, unit: Unit, ctx: Context) -> Finding:
    duties = (("opened", account.opened_on, account.filed_on), ("changed", account.changed_on, account.change_filed_on))
    since = date.fromisoformat(ctx.settings.word("since"))
    missing = [
        label
        for label, value in (("责任人", unit.department.responsible), ("联系电话", unit.department.contact))
        if not value
    ]
    facts = {"account": account_name(account), "missing": "、".join(missing)}
    evidence = (Evidence(kind="registry", ref=account.id, quote=_record(account)),)
    verdict, reason, due = Verdict.OK, "ok", None
    for what, began, filed in duties:
        if began is None or began < since or due:
            continue
        limit = ctx.calendar.deadline(datetime.combine(began, time(), SHANGHAI), ctx.settings.integer("workdays"))
        if filed is not None and datetime.combine(filed, time(), SHANGHAI) < limit.at:
            continue
        due = limit
        facts |= {"began": day(began), "due": until(due.at), "filed": day(filed) if filed else ""}
        if ctx.now.reached(due.at):
            verdict, reason = Verdict.VIOLATION, f"{what}_late" if filed else f"{what}_never"
        else:
            reason = f"{what}_pending"
    if verdict is Verdict.OK and missing:
        verdict, reason = Verdict.WARNING, "incomplete"
    elif reason == "ok" and account.opened_on is None:
        verdict, reason = Verdict.UNKNOWN, "unknown"
    return finding(
        META,
        unit,
        ctx,
        account.id,
        verdict,
        reason,
        facts,
        evidence=evidence,
        since=due.at if due and verdict is Verdict.VIOLATION else None,
        deadline=due.at if due else None,
        provisional=bool(due and due.provisional),
    )


def day(value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


def _record(account: Account) -> str:
    days = (("开通", account.opened_on), ("备案", account.filed_on), ("变更", account.changed_on),
            ("变更备案", account.change_filed_on))  # fmt: skip
    return "台账：" + ("，".join(f"{label}{day(value)}" for label, value in days if value) or "没有填写日期")


RULE = Rule(meta=META, evaluate=evaluate)
