"""An account's name fits its unit and is the same on all platforms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gzcrawl.items import normalise_title
from gzcrawl.registry import State
from scheduler.findings import Evidence, Finding, RuleMeta, Verdict
from scheduler.rules.base import AccountSeen, Context, Rule, Unit, finding
from scheduler.rules.names import fits, same_name
from scheduler.rules.profiles import State as Seen
from scheduler.rules.profiles import current, profile_evidence
from scheduler.rules.sentences import PLATFORMS, account_name, attempt

META = RuleMeta(
    id="naming",
    title="账号名称",
    title_en="Account name",
    duty="The name fits the unit, and is the same on all platforms.",
    observed="The names the accounts' own pages show now (Weibo profile, WeChat articles and albums), without regard to width, case "
    "and punctuation. Several accounts on one platform: one of them must have the common name. A name other than the registered "
    "one, or one that shares no two characters with the unit's names, is a reminder. `exempt` names units allowed to differ.",
    unknown_when="An account's name was not seen within the last week, or its difference is known from Sogou's index only, which "
    "may be old.",
    example="章江市生态环境局的账号名称不一致：微博“章江环境”，微信公众号“章江生态环境”",
)


@dataclass(frozen=True, slots=True)
class Names:
    """What the accounts of a unit are called now."""

    live: dict[str, Seen] = field(default_factory=dict)  # account id -> state
    indexed: dict[str, Seen] = field(default_factory=dict)  # where only Sogou tells
    blind: list[AccountSeen] = field(default_factory=list)


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    accounts = [seen for seen in unit.accounts if seen.account.state is not State.CLOSED]
    names = _names(accounts, ctx)
    known = {**names.indexed, **names.live}
    verdict, reason, facts = _judge(unit, accounts, names, ctx)
    facts |= {"department": unit.department.name, "names": _listed(accounts, known)}
    evidence: tuple[Evidence, ...] = tuple(map(profile_evidence, known.values()))
    yield finding(META, unit, ctx, unit.department.id, verdict, reason, facts, evidence=evidence)


def _names(accounts: list[AccountSeen], ctx: Context) -> Names:
    names = Names()
    for seen in accounts:
        if state := current(seen, ctx, live=True):
            names.live[seen.account.id] = state
        elif state := current(seen, ctx, live=False):
            names.indexed[seen.account.id] = state
        else:
            names.blind.append(seen)
    return names


def _judge(unit: Unit, accounts: list[AccountSeen], names: Names, ctx: Context) -> tuple[Verdict, str, dict[str, str]]:
    if not accounts or unit.department.id in ctx.settings.values["exempt"]:
        return Verdict.NOT_APPLICABLE, "exempt", {}
    on_platforms: dict[str, set[str]] = {}
    for seen in accounts:
        state = names.live.get(seen.account.id) or names.indexed.get(seen.account.id)
        on_platforms.setdefault(seen.account.platform, set()).update(
            {normalise_title(state[1].name or "")} if state else ()
        )
    differ = all(on_platforms.values()) and not set.intersection(*on_platforms.values())
    if names.blind:
        blind = names.blind[0]
        return Verdict.UNKNOWN, "unknown", {"account": account_name(blind.account), "attempt": attempt(blind.polls)}
    if differ:
        return (Verdict.UNKNOWN, "unknown_index", {}) if names.indexed else (Verdict.VIOLATION, "differ", {})
    for seen in accounts:
        state = names.live.get(seen.account.id)
        if state and not same_name(state[1].name or "", seen.account.name):
            return Verdict.WARNING, "unregistered", {"registered": seen.account.name, "shown": state[1].name or ""}
        if state and not fits(state[1].name or "", unit.department):
            return Verdict.WARNING, "unfit", {"shown": state[1].name or ""}
    return Verdict.OK, "ok", {}


def _listed(accounts: list[AccountSeen], known: dict[str, Seen]) -> str:
    shown = ((PLATFORMS[seen.account.platform], known.get(seen.account.id)) for seen in accounts)
    return "，".join(f"{platform}“{state[1].name}”" for platform, state in shown if state)


RULE = Rule(meta=META, evaluate=evaluate)
