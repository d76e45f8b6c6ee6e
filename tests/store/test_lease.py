"""One patrol at a time."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from gzcrawl.store.lease import Busy, lease, when_free

Db = Database[dict[str, Any]]


def test_a_second_patrol_on_the_machine_is_refused(db: Db, tmp_path: Path) -> None:
    with lease(db, "patrol", tmp_path), pytest.raises(Busy, match="本机"), lease(db, "patrol", tmp_path):
        pass


def test_a_patrol_on_another_machine_is_refused(db: Db, tmp_path: Path) -> None:
    with lease(db, "patrol", tmp_path / "a"), pytest.raises(Busy), lease(db, "patrol", tmp_path / "b"):
        pass


def test_what_a_killed_patrol_left_is_taken_over_at_once_on_its_machine(db: Db, tmp_path: Path) -> None:
    with lease(db, "patrol", tmp_path):
        left = db.locks.find_one()
    assert left is not None
    db.locks.insert_one(left)
    with lease(db, "patrol", tmp_path):
        pass
    assert db.locks.count_documents({}) == 0


def test_a_lease_that_ran_out_is_free_for_everybody(db: Db, tmp_path: Path) -> None:
    with lease(db, "patrol", tmp_path / "a"):
        db.locks.update_one({}, [{"$set": {"until": {"$subtract": ["$$NOW", 1000]}}}])
        with lease(db, "patrol", tmp_path / "b"):
            pass


def test_who_waits_takes_over_from_a_machine_that_died(db: Db, tmp_path: Path) -> None:
    holder = {"_id": "scheduler", "host": "dead-machine:/srv", "until": datetime(2000, 1, 1, tzinfo=UTC)}
    db.locks.insert_one(holder | {"until": datetime(2999, 1, 1, tzinfo=UTC)})
    reasons = []

    def waiting(reason: str) -> None:
        reasons.append(reason)
        db.locks.replace_one({"_id": "scheduler"}, holder)  # it renews no more: its time runs out

    with contextlib.ExitStack() as stack:
        assert when_free(stack, lambda: lease(db, "scheduler", tmp_path), threading.Event(), waiting, 0.01)
        assert (db.locks.find_one() or {})["host"].endswith(str(tmp_path))
    assert reasons == ["dead-machine:/srv 上的进程正在运行"]


def test_a_holder_hears_that_another_took_its_lease(db: Db, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gzcrawl.store.lease.RENEW_SECONDS", 0.02)
    lost = threading.Event()
    with lease(db, "scheduler", tmp_path, lost.set):
        until = datetime(2999, 1, 1, tzinfo=UTC)
        db.locks.replace_one({"_id": "scheduler"}, {"host": "other:/srv", "until": until})
        assert lost.wait(10)
    assert (db.locks.find_one() or {})["host"] == "other:/srv"
