"""Passwords, duty roster, emergency plan, trained contacts: declared by the unit, reminded of when stale."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from gzcrawl.items import SHANGHAI
from gzcrawl.registry import State
from scheduler.findings import Blocked, Evidence, Finding, RuleMeta, Verdict
from scheduler.rules.base import Context, Rule, Unit, finding
from scheduler.rules.filing import day

META = RuleMeta(
    id="security_duty",
    title="安全保障",
    title_en="Account security",
    duty="Passwords are changed, a duty roster and an emergency plan are kept, contacts are trained.",
    observed="Nothing of it can be seen from outside: the unit declares each with a date in the registry. One older "
    "than its limit is a reminder, never a violation.",
    unknown_when="The unit has not declared it.",
    example="章江市教育局的口令更换申报于2024年6月1日，已超过180天，请重新申报",
    blocked=Blocked.AS_EVER,
)

DUTIES = {
    "password": ("passwords_on", "口令更换"),
    "roster": ("roster_on", "值班安排"),
    "plan": ("plan_on", "应急预案"),
    "training": ("training_on", "联系人培训"),
}


def evaluate(unit: Unit, ctx: Context) -> Iterator[Finding]:
    department = unit.department
    if department.state is not State.ACTIVE or all(seen.account.state is State.CLOSED for seen in unit.accounts):
        return
    declared: dict[str, date | None] = {duty: getattr(department, name) for duty, (name, _label) in DUTIES.items()}
    until = {duty: on + timedelta(days=ctx.settings.integer(f"{duty}_days")) for duty, on in declared.items() if on}
    stale = [duty for duty, last in until.items() if ctx.now.ended(last)]
    absent = [DUTIES[duty][1] for duty, on in declared.items() if on is None]
    facts = {
        "department": department.name,
        "absent": "、".join(absent),
        "stale": "、".join(_told(d, declared) for d in stale),
    }
    verdict, reason = Verdict.OK, "ok"
    if stale:
        verdict, reason = Verdict.WARNING, "stale"
    elif absent:
        verdict, reason = Verdict.UNKNOWN, "unknown"
    next_day = min((last for duty, last in until.items() if duty not in stale), default=None)
    due = datetime.combine(next_day + timedelta(days=1), time(), SHANGHAI) if next_day else None
    evidence = [
        Evidence(kind="registry", ref=department.id, quote=f"台账：{_told(duty, declared)}") for duty in stale or until
    ]
    yield finding(META, unit, ctx, department.id, verdict, reason, facts, evidence=evidence, deadline=due)


def _told(duty: str, declared: dict[str, date | None]) -> str:
    on = declared[duty]
    return f"{DUTIES[duty][1]}（{day(on)}申报）" if on else DUTIES[duty][1]


RULE = Rule(meta=META, evaluate=evaluate)
