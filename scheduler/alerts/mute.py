"""What keeps an alert from being told: a silence a person set, or another alert that explains it.

As in Alertmanager, a muted alert lives on and is judged as ever; it is only not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from scheduler.alerts.life import Alert
from scheduler.alerts.policy import Policy
from scheduler.findings import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Alerts of a department and a rule are not told in [starts_at, ends_at); None stands for all of them.

    One that starts in the future is a maintenance window.
    """

    id: str
    reason: str
    by: str
    starts_at: datetime
    ends_at: datetime
    department: str | None = None
    rule: str | None = None

    def covers(self, alert: Alert, now: datetime) -> bool:
        return (
            self.starts_at <= now < self.ends_at
            and self.department in (None, alert.department)
            and self.rule in (None, alert.rule)
        )


def silence_document(silence: Silence) -> dict[str, Any]:
    document = asdict(silence)
    document["_id"] = document.pop("id")
    return document


def silence_from(document: Mapping[str, Any]) -> Silence:
    return Silence(**{("id" if name == "_id" else name): value for name, value in document.items()})


def muted(alerts: Sequence[Alert], silences: Iterable[Silence], policy: Policy, now: datetime) -> dict[str, str | None]:
    """For each alert what mutes it: "silence:ID", "alert:ID" or None."""
    listed = list(silences)
    by_target: dict[str, list[Alert]] = {}
    for alert in alerts:
        if alert.stands and alert.verdict is Verdict.VIOLATION and not alert.unobserved_since:
            for target in _targets(alert):
                by_target.setdefault(target, []).append(alert)

    def what(alert: Alert) -> str | None:
        for silence in listed:
            if silence.covers(alert, now):
                return f"silence:{silence.id}"
        stronger = policy.rule(alert.rule).inhibited_by
        for target in _targets(alert):
            for other in by_target.get(target, ()):
                if other.rule in stronger and other.department == alert.department:
                    return f"alert:{other.id}"
        return None

    return {alert.id: what(alert) for alert in alerts}


def _targets(alert: Alert) -> list[str]:
    """What the alert is about: "account@site" is about both."""
    return alert.subject.split("@")
