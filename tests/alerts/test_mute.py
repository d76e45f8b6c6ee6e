"""Silences, maintenance windows, inhibition: what is not told, and that it lives on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from gzcrawl.store import alerts as store
from gzcrawl.store.chain import broken
from scheduler.alerts.apply import refresh_mutes
from scheduler.alerts.life import TOLD, Change
from scheduler.alerts.mute import Silence
from scheduler.alerts.people import NoSuchSilence, add_silence, end_silence
from scheduler.alerts.policy import Policy, RulePolicy
from scheduler.findings import Finding, Verdict
from tests.alerts.rounds import round_of

Db = Database[dict[str, Any]]

T0 = datetime(2025, 10, 13, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = Policy(rules={"qr_code": RulePolicy(inhibited_by=("site_down",))})


def finding(rule: str, subject: str, verdict: Verdict = Verdict.VIOLATION, department: str = "wjw") -> Finding:
    return Finding(rule=rule, subject=subject, department=department, verdict=verdict, reason="r")


def silence(**changes: Any) -> Silence:
    values: dict[str, Any] = {"starts_at": T0, "ends_at": T0 + 5 * HOUR, "department": "wjw"}
    return Silence(id="", reason="机房维护", by="张三", **(values | changes))


def muted(db: Db) -> dict[str, str]:
    return {a["_id"]: a["muted"].partition(":")[0] for a in db.alerts.find({"muted": {"$ne": None}})}


def test_a_silence_covers_its_department_and_rule_for_its_time_only(db: Db) -> None:
    found = [finding("dormant", "a"), finding("qr_code", "b"), finding("dormant", "c", department="jyj")]
    add_silence(db, silence(rule="dormant"), T0)
    for hours, covered in ((0, {"dormant|a": "silence"}), (5, {})):
        round_of(db, f"r{hours}", found, T0 + hours * HOUR, POLICY)
        assert muted(db) == covered
    changes = [e["change"] for e in store.history(db, "dormant|a")]
    assert changes == ["opened", "muted", "unmuted"]


def test_a_maintenance_window_begins_when_it_says(db: Db) -> None:
    add_silence(db, silence(starts_at=T0 + 2 * HOUR), T0)
    round_of(db, "r1", [finding("dormant", "a")], T0, POLICY)
    assert muted(db) == {}
    refresh_mutes(db, T0 + 2 * HOUR, POLICY)
    assert muted(db) == {"dormant|a": "silence"}


def test_a_silence_ended_early_is_kept_with_who_ended_it(db: Db) -> None:
    made = add_silence(db, silence(), T0)
    end_silence(db, made.id, by="李四", now=T0 + HOUR)
    with pytest.raises(NoSuchSilence):
        end_silence(db, made.id, by="李四", now=T0 + 2 * HOUR)
    told = [(e["change"], e["by"]) for e in store.audit_trail(db)]
    assert told == [("silence_added", "张三"), ("silence_ended", "李四")]


def test_a_site_that_is_down_silences_its_qr_alert_until_it_is_back(db: Db) -> None:
    down, code = finding("site_down", "wjw-site"), finding("qr_code", "wjw-wechat@wjw-site")
    other = finding("qr_code", "wjw-wechat@wjw-second-site")
    round_of(db, "r1", [down, code, other], T0, POLICY)
    assert muted(db) == {"qr_code|wjw-wechat@wjw-site": "alert"}
    round_of(db, "r2", [finding("site_down", "wjw-site", Verdict.OK), code, other], T0 + HOUR, POLICY)
    assert muted(db) == {}


def test_every_change_people_are_told_of_is_noted_with_the_change_itself(db: Db) -> None:
    round_of(db, "r1", [finding("dormant", "a"), finding("dormant", "b", Verdict.OK)], T0)
    round_of(db, "r1", [finding("dormant", "a"), finding("dormant", "b", Verdict.OK)], T0)
    assert [(n["alert_id"], n["change"]) for n in store.notices(db, T0)] == [("dormant|a", "opened")]
    assert Change.RESOLVED not in TOLD


def test_the_audit_trail_is_a_chain_in_which_a_change_shows(db: Db) -> None:
    for number in range(3):
        round_of(db, f"r{number}", [finding("dormant", f"s{number}-{n}") for n in range(4)], T0 + number * HOUR)
    count, head, problem = broken(store.audit_trail(db))
    assert (count, head, problem) == (store.audit_head(db)["seq"], store.audit_head(db)["hash"], None)
    db.audit.update_one({"seq": 5}, {"$set": {"reason": "没有问题"}})
    assert broken(store.audit_trail(db))[::2] == (
        4,
        f"第 5 条（{(db.audit.find_one({'seq': 5}) or {})['_id']}）被改动过",
    )
    db.audit.delete_one({"seq": 3})
    assert "第 3 条缺失" in str(broken(store.audit_trail(db))[2])
