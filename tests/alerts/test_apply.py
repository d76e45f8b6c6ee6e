"""A round's findings applied to the stored alerts, on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from scheduler.alerts import apply
from scheduler.alerts.life import Change
from scheduler.alerts.people import NoSuchAlert, acknowledge_alert, waive_alert
from scheduler.findings import Evidence, Finding, Verdict
from tests.alerts.rounds import round_of

Db = Database[dict[str, Any]]

T0 = datetime(2025, 10, 13, 1, 0, tzinfo=UTC)


def finding(subject: str, verdict: Verdict = Verdict.VIOLATION, department: str = "wjw") -> Finding:
    return Finding(
        rule="dormant", subject=subject, department=department, verdict=verdict, reason="已17天未更新",
        evidence=(Evidence(kind="post", ref="weibo:1", at=T0, quote="最后一条"),), facts={"newest_at": T0},
    )  # fmt: skip


def state(db: Db) -> dict[str, Any]:
    return {name: sorted(db[name].find(), key=lambda d: str(d["_id"])) for name in ("alerts", "findings", "audit")}


def test_a_round_run_again_changes_nothing_and_tells_the_same_changes(db: Db) -> None:
    found = [finding("a"), finding("b", Verdict.OK), finding("c", Verdict.UNKNOWN)]
    first = round_of(db, "r1", found, T0)
    before = state(db)
    assert round_of(db, "r1", found, T0) == first
    assert state(db) == before
    assert first[Change.OPENED] == ("dormant|a",)


def test_a_round_killed_between_two_batches_is_finished_by_running_it_again(
    db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [finding(f"a{n}", department=f"d{n}") for n in range(6)]
    monkeypatch.setattr(apply, "UNITS", 2)
    moved = apply._move
    calls = []

    def dies_in_the_second(*args: Any) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        moved(*args)

    monkeypatch.setattr(apply, "_move", dies_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        round_of(db, "r1", found, T0)
    assert db.alerts.count_documents({}) == 2
    monkeypatch.setattr(apply, "_move", moved)
    changes = round_of(db, "r1", found, T0)
    assert sorted(changes[Change.OPENED]) == sorted(f.key for f in found)
    assert db.alerts.count_documents({}) == 6


def test_a_subject_that_left_the_registry_ends_its_alert(db: Db) -> None:
    round_of(db, "r1", [finding("a"), finding("b")], T0)
    changes = round_of(db, "r2", [finding("b")], T0 + timedelta(days=1))
    assert changes[Change.RESOLVED] == ("dormant|a",)
    assert [f["_id"] for f in db.findings.find()] == ["dormant|b"]


def test_a_persons_decision_is_kept_with_name_and_reason(db: Db) -> None:
    round_of(db, "r1", [finding("a")], T0)
    acknowledge_alert(db, "dormant|a", by="张三", note="已电话通知", now=T0)
    waive_alert(
        db, "dormant|a", by="李四", reason="机构合并中", until=T0 + timedelta(days=9), now=T0 + timedelta(hours=1)
    )
    assert (db.alerts.find_one() or {})["state"] == "waived"
    told = [(e["change"], e["by"], e["note"]) for e in db.audit.find({"by": {"$exists": True}}).sort("at")]
    assert told == [("acknowledged", "张三", "已电话通知"), ("waived", "李四", "机构合并中")]


def test_deciding_on_an_alert_that_is_not_there_is_an_error(db: Db) -> None:
    with pytest.raises(NoSuchAlert):
        acknowledge_alert(db, "dormant|nobody", by="张三", note="", now=T0)
