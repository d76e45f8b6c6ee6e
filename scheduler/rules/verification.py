"""The public verification text (认证信息) names the sponsoring unit (主办单位)."""

from __future__ import annotations

from collections.abc import Iterator

from gzcrawl.registry import State
from scheduler.findings import Finding, RuleMeta, Verdict
from scheduler.rules.base import AccountSeen, Context, Rule, Unit, finding
from scheduler.rules.names import names_unit
from scheduler.rules.profiles import State as Seen
from scheduler.rules.profiles import current, profile_evidence
from scheduler.rules.sentences import account_name, attempt

META = RuleMeta(
    id="verification",
    title="认证信息",
    title_en="Account verification",
    duty="The account is verified, and its public verification text names the sponsoring unit.",
    observed="The verification on the account's own page; the unit is named by its name or a registered alias, common abbreviations "
    "on either side folded (卫健委 is 卫生健康委员会).",
    unknown_when="The page was not seen within the last week, does not tell the verification, or the body is known from Sogou's "
    "index only and is another.",
    example="微博“章江人社”的认证信息“章江市就业创业促进会官方微博”没有写明主办单位章江市人力资源和社会保障局",
)


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    for seen in unit.accounts:
        state = current(seen, ctx, live=True)
        indexed = current(seen, ctx, live=False)
        shown = state if state and _tells(state) else indexed or state
        verdict, reason = _judge(seen, shown, unit)
        facts = {
            "account": account_name(seen.account),
            "department": unit.department.name,
            "verification": (shown[1].verification if shown else "") or "",
            "attempt": attempt(seen.polls),
        }
        evidence = (profile_evidence(shown),) if shown else ()
        yield finding(META, unit, ctx, seen.account.id, verdict, reason, facts, evidence=evidence)


def _tells(state: Seen) -> bool:
    return state[1].verified is False or bool(state[1].verification)


def _judge(seen: AccountSeen, shown: Seen | None, unit: Unit) -> tuple[Verdict, str]:
    if seen.account.state is State.CLOSED:
        return Verdict.NOT_APPLICABLE, "closed"
    if shown is None:
        return Verdict.UNKNOWN, "unknown"
    if not _tells(shown):
        return Verdict.UNKNOWN, "unknown_untold"
    profile = shown[1]
    if profile.verified is False:
        return Verdict.VIOLATION, "unverified"
    if names_unit(profile.verification or "", unit.department):
        return Verdict.OK, "ok"
    return (Verdict.UNKNOWN, "unknown_index") if profile.source.startswith("sogou.") else (Verdict.VIOLATION, "other")


RULE = Rule(meta=META, evaluate=evaluate)
