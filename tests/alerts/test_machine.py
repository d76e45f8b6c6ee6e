"""Days of findings and of what people do, against a small model written from docs/alerts.md."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from scheduler.alerts.life import TOLD, Alert, AlertState, Change, acknowledge, step, waive
from scheduler.alerts.mute import Silence, muted
from scheduler.alerts.policy import Policy, RulePolicy
from scheduler.findings import Finding, Severity, Verdict
from scheduler.notify.announce import groups
from scheduler.notify.recipients import Recipient

T0 = datetime(2025, 10, 13, 1, 0, tzinfo=UTC)
POLICY = Policy(
    rules={"dormant": RulePolicy(raise_days=(3, 6), inhibited_by=("site_down",))},
    flap_returns=2,
    flap_days=4,
    settle_hours=36,
    repeat_days=2,
    escalation_due=lambda known: known + timedelta(days=3),
)
OFFICE = Recipient(name="网信办", to="office@x.example", at_once=Severity.LOW)
CHIEF = Recipient(name="分管领导", to="chief@x.example", escalation=True)
DOWN = Alert(
    id="site_down|a", rule="site_down", subject="a", department="d", state=AlertState.OPEN, verdict=Verdict.VIOLATION,
    severity=Severity.HIGH, reason="r", opened_at=T0, changed_at=T0,
)  # fmt: skip
BAD = (Verdict.WARNING, Verdict.VIOLATION)


@dataclass
class Model:
    """One episode after another, each with what is known of it."""

    state: str = "none"  # none, open, acknowledged, waived, resolved
    began: datetime = T0
    violation_from: datetime | None = None
    waived_until: datetime | None = None
    blind: bool = False
    quiet: datetime | None = None
    returns: list[datetime] = field(default_factory=list)

    @property
    def active(self) -> bool:
        return self.state in ("open", "acknowledged", "waived")

    def look(self, verdict: Verdict, now: datetime) -> None:
        if self.state == "waived" and self.waived_until and self.waived_until <= now:
            self.state, self.waived_until = "open", None
            self.violation_from = now if self.violation_from else None
        if verdict in BAD:
            self._bad(verdict, now)
        elif self.active and verdict is Verdict.UNKNOWN:
            self.blind = True
        elif self.active:
            self._good(verdict, now)

    def _bad(self, verdict: Verdict, now: datetime) -> None:
        if not self.active:
            if self.state == "resolved":
                self.returns.append(now)
            self.state, self.began, self.violation_from = "open", now, None
        self.blind, self.quiet = False, None
        if verdict is Verdict.WARNING:
            self.violation_from = None
        elif self.violation_from is None:
            self.violation_from = now
            if self.state == "acknowledged" and self.began != now:
                self.state = "open"

    def _good(self, verdict: Verdict, now: datetime) -> None:
        self.blind = False
        lately = [at for at in self.returns if now - at <= timedelta(days=4)]
        if verdict is Verdict.OK and len(lately) >= 2:
            if self.quiet is None:
                self.quiet = now
            if now - self.quiet < timedelta(hours=36):
                return
        self.state, self.quiet, self.waived_until = "resolved", None, None


class AlertMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.alert: Alert | None = None
        self.model = Model()
        self.now = T0
        self.told: list[tuple[datetime, Change]] = []
        self.silences: list[tuple[datetime, datetime, str | None]] = []
        self.site_is_down = False
        self.notices: list[dict[str, Any]] = []

    @rule(verdict=st.sampled_from(Verdict), hours=st.integers(1, 50))
    def look(self, verdict: Verdict, hours: int) -> None:
        self.now += timedelta(hours=hours)
        finding = Finding(
            rule="dormant", subject="a", department="d", verdict=verdict, reason="r", severity=Severity.LOW
        )
        before = self.alert
        self.alert, changes = step(before, finding, self.now, POLICY)
        self.model.look(verdict, self.now)
        self.told += [(self.now, change) for change in changes if change in TOLD]
        self.notices += [
            {"_id": f"{len(self.told)}|{change}", "alert_id": "dormant|a", "change": str(change), "told_to": []}
            for change in changes
            if change in TOLD
        ]
        again, none = step(self.alert, finding, self.now, POLICY)
        assert (again, none) == (self.alert, ())  # a round that is run again changes nothing
        assert bool(changes) == (self._record(before) != self._record(self.alert)) or verdict in BAD
        assert verdict is Verdict.VIOLATION or not {Change.ESCALATED, Change.REPEATED, Change.RAISED} & set(changes)

    @staticmethod
    def _record(alert: Alert | None) -> object:
        return alert and (alert.state, alert.episode, alert.unobserved_since, alert.quiet_since)

    @precondition(lambda self: self.alert is not None and self.alert.active)
    @rule()
    def acknowledge(self) -> None:
        assert self.alert is not None
        self.alert, self.model.state = acknowledge(self.alert, self.now, "张三"), "acknowledged"
        self.model.waived_until = None

    @precondition(lambda self: self.alert is not None and self.alert.active)
    @rule(days=st.none() | st.integers(1, 4))
    def waive(self, days: int | None) -> None:
        assert self.alert is not None
        until = self.now + timedelta(days=days) if days else None
        self.alert = waive(self.alert, self.now, "李四", "合并", until)
        self.model.state, self.model.waived_until = "waived", until

    @rule(begins=st.integers(-5, 20), hours=st.integers(1, 60), department=st.sampled_from([None, "d", "other"]))
    def silence(self, begins: int, hours: int, department: str | None) -> None:
        start = self.now + timedelta(hours=begins)
        self.silences.append((start, start + timedelta(hours=hours), department))

    @rule(down=st.booleans())
    def site(self, down: bool) -> None:
        self.site_is_down = down

    @precondition(lambda self: self.alert is not None)
    @rule()
    def tell(self) -> None:
        """What is put into the outbox now: never what is covered, excused, settling, out of sight or only a reminder."""
        covered = self._covered()
        alerts = {"dormant|a": self._covers()}
        for recipient in (OFFICE, CHIEF):
            for group in groups(self.notices, alerts, recipient, POLICY):
                ((alert, _change),) = group.alerts
                assert self.model.state in ("open", "acknowledged")
                assert not (covered or self.model.blind or self.model.quiet)
                assert alert.verdict is Verdict.VIOLATION
                for notice in self.notices:
                    notice["told_to"] += [recipient.name] if notice["_id"] in group.notices else []
        standing = self.alert.stands and not covered and not self.model.blind  # type: ignore[union-attr]
        if standing and self.alert.verdict is Verdict.VIOLATION:  # type: ignore[union-attr]
            assert all(OFFICE.name in notice["told_to"] for notice in self.notices)
        for notice in self.notices:
            assert CHIEF.name not in notice["told_to"] or notice["change"] == Change.ESCALATED

    def _covered(self) -> bool:
        """By the model: a silence of the department or of all, now; or the site behind it."""
        silenced = any(start <= self.now < end and d in (None, "d") for start, end, d in self.silences)
        return silenced or self.site_is_down

    def _covers(self) -> Alert:
        """The alert as the product mutes it."""
        assert self.alert is not None
        silences = [
            Silence(id=str(n), reason="r", by="b", starts_at=start, ends_at=end, department=department)
            for n, (start, end, department) in enumerate(self.silences)
        ]
        found = muted([self.alert, *([DOWN] if self.site_is_down else [])], silences, POLICY, self.now)
        return replace(self.alert, muted=found[self.alert.id])

    @invariant()
    def an_alert_is_muted_exactly_by_a_silence_now_or_by_what_explains_it(self) -> None:
        if self.alert is not None:
            assert bool(self._covers().muted) == self._covered()

    @invariant()
    def the_alert_is_what_the_model_says(self) -> None:
        if self.alert is None:
            assert self.model.state == "none"
            return
        assert self.alert.state == self.model.state
        assert self.alert.quiet_since == self.model.quiet
        assert (self.alert.unobserved_since is not None) == self.model.blind
        if self.alert.active:
            assert self.alert.opened_at == self.model.began
            assert self.alert.accused_at == self.model.violation_from
            assert self.alert.episode == 1 + len(self.model.returns)

    @invariant()
    def nobody_is_accused_of_what_was_last_seen_in_order(self) -> None:
        if self.alert and self.alert.stands:
            assert self.model.active
            assert self.model.quiet is None

    @invariant()
    def an_open_violation_is_told_at_least_every_repeat_interval_it_is_seen(self) -> None:
        if self.alert and self.alert.active:
            assert self.told
            assert self.alert.told_at == max(at for at, _change in self.told)

    @invariant()
    def an_episode_escalates_at_most_once_and_only_when_open(self) -> None:
        if self.alert and self.alert.escalated_at and self.alert.active:
            since = [at for at, change in self.told if change is Change.ESCALATED and at >= self.alert.opened_at]
            assert self.alert.escalated_at in since

    @invariant()
    def a_violation_grows_graver_with_time_and_a_reminder_does_not(self) -> None:
        if self.alert and self.alert.verdict is Verdict.WARNING:
            assert self.alert.severity is Severity.LOW
        elif self.alert:
            assert Severity.LOW <= self.alert.severity <= Severity.HIGH


TestAlerts = AlertMachine.TestCase
TestAlerts.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
