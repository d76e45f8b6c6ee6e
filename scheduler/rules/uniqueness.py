"""One account per platform per unit in principle."""

from __future__ import annotations

from collections.abc import Iterator

from gzcrawl.items import Platform
from gzcrawl.registry import State
from scheduler.findings import Evidence, Finding, RuleMeta, Verdict
from scheduler.rules.base import AccountSeen, Context, Rule, Unit, finding
from scheduler.rules.dormant import gone
from scheduler.rules.sentences import PLATFORMS, account_name

META = RuleMeta(
    id="uniqueness",
    title="一单位一账号",
    title_en="One account per platform",
    duty="In principle one account per platform per unit.",
    observed="The registry: accounts of the unit on one platform that are neither closed nor in a declared pause. The first one "
    "in the registry is taken for the unit's account, the others are too many. `exempt` names accounts the office allows.",
    unknown_when="One of the accounts is gone from the platform, or could not be looked at, so that only one may be left.",
    example="章江市教育局在微信公众号有2个在用账号，“章江教育服务”为“章江教育”之外的账号，原则上一个单位只开设一个",
)


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    for platform in (Platform.WEIBO, Platform.WECHAT):
        seen = [account for account in unit.accounts if account.account.platform is platform]
        running = [account for account in seen if _is_running(account, ctx)]
        for account in seen:
            yield _judge(account, running, unit, ctx)


def _is_running(seen: AccountSeen, ctx: Context) -> bool:
    account = seen.account
    exempt = account.id in ctx.settings.values["exempt"]
    return account.state is not State.CLOSED and not exempt and not ctx.paused(account)


def _judge(seen: AccountSeen, running: list[AccountSeen], unit: Unit, ctx: Context) -> Finding:
    account, allowed = seen.account, ctx.settings.integer("allowed")
    facts = {
        "account": account_name(account),
        "department": unit.department.name,
        "platform": PLATFORMS[account.platform],
        "count": len(running),
        "allowed": allowed,
        "name": account.name,
        "first": running[0].account.name if running else "",
    }
    evidence = [_registered(other) for other in running]
    if seen not in running:
        verdict, reason = Verdict.NOT_APPLICABLE, "exempt"
    elif seen in running[:allowed]:
        verdict, reason = Verdict.OK, "ok"
    elif any(gone(other.polls) for other in running):
        verdict, reason = Verdict.UNKNOWN, "unknown_gone"
    elif not all(map(_may_be_there, running)):
        verdict, reason = Verdict.UNKNOWN, "unknown_unseen"
    else:
        verdict, reason = Verdict.VIOLATION, "violation"
    return finding(META, unit, ctx, account.id, verdict, reason, facts, evidence=evidence)


def _may_be_there(seen: AccountSeen) -> bool:
    """Whether nothing was asked about the account, or something answered: else it may be gone, and nobody saw it."""
    return not seen.polls or any(poll.outcome.observed for poll in seen.polls)


def _registered(seen: AccountSeen) -> Evidence:
    return Evidence(kind="registry", ref=seen.account.id, quote=f"台账：{account_name(seen.account)}，在用")


RULE = Rule(meta=META, evaluate=evaluate)
