"""Rounds of plain findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from pymongo.database import Database

from scheduler.alerts.apply import RoundChanges, apply_round
from scheduler.alerts.documents import in_writing
from scheduler.alerts.life import PLAIN
from scheduler.alerts.policy import Policy
from scheduler.findings import Finding, Judged


def judged(findings: Sequence[Finding]) -> list[Judged]:
    by_department = groupby(sorted(findings, key=lambda f: f.department), key=lambda f: f.department)
    return [Judged(department, tuple(found)) for department, found in by_department]


def round_of(
    db: Database[dict[str, Any]], id: str, findings: Sequence[Finding], at: datetime, policy: Policy = PLAIN
) -> RoundChanges:
    """All that is found in the city."""
    return apply_round(db, id, [in_writing(one, id) for one in judged(findings)], at, policy)
