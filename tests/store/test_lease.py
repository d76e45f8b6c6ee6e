"""One patrol at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from gzcrawl.store.lease import Busy, lease

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
