"""How alerts behave with time: the profile's part of their life."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from scheduler.calendar import Calendar
from scheduler.findings import Finding, Severity, Verdict
from scheduler.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePolicy:
    family: str = ""  # rules of one family are told in one mail
    raise_days: tuple[int, ...] = ()  # days after `since`, each of which makes a violation one step graver
    inhibited_by: tuple[str, ...] = ()  # rules whose violation of the same target explains this one


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Without arguments: nothing grows, is damped, repeated or escalated."""

    rules: Mapping[str, RulePolicy] = field(default_factory=dict)
    flap_returns: int = 0  # so many returns within `flap_days` are flapping; 0: never
    flap_days: int = 7
    settle_hours: int = 48  # how long a flapping alert must be seen in order before it is resolved
    repeat_days: int = 0  # 0: never
    escalation_due: Callable[[datetime], datetime] | None = None  # from when a violation is known to when it escalates

    def rule(self, id: str) -> RulePolicy:
        return self.rules.get(id, RulePolicy(family=id))

    def severity(self, finding: Finding, since: datetime, now: datetime) -> Severity:
        """The rule's severity, graver with every threshold the violation has outlasted."""
        if finding.verdict is not Verdict.VIOLATION:
            return finding.severity
        return Severity(min(finding.severity + self.grown(finding.rule, since, now), max(Severity)))

    def grown(self, rule: str, since: datetime, now: datetime) -> int:
        """How many of the rule's thresholds a violation has outlasted."""
        return sum(now - since >= timedelta(days=days) for days in self.rule(rule).raise_days)

    def flapping(self, returns: tuple[datetime, ...], now: datetime) -> bool:
        return 0 < self.flap_returns <= len(self.recent(returns, now))

    def recent(self, returns: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
        return tuple(at for at in returns if now - at <= timedelta(days=self.flap_days))


def policy_of(profile: Profile, calendar: Calendar) -> Policy:
    """The policy a profile states in `[alerts]` and in each rule's own part."""
    alerts = profile.values["alerts"]
    workdays = int(alerts["escalate_workdays"])
    return Policy(
        rules={
            id: RulePolicy(
                family=str(values.get("family", id)),
                raise_days=tuple(values.get("raise_days", ())),
                inhibited_by=tuple(values.get("inhibited_by", ())),
            )
            for id, values in profile.values["rules"].items()
        },
        flap_returns=int(alerts["flap_returns"]),
        flap_days=int(alerts["flap_days"]),
        settle_hours=int(alerts["settle_hours"]),
        repeat_days=int(alerts["repeat_days"]),
        escalation_due=cache(lambda known: calendar.deadline(known, workdays).at) if workdays else None,
    )
