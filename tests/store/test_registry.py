"""The registry as it is stored: whole, and each state of it once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.database import Database

from gzcrawl import clock
from gzcrawl.items import Platform
from gzcrawl.registry import Account, Department, Registry, Site
from gzcrawl.store import names
from gzcrawl.store.registry import COLLECTIONS, load_registry, save_registry
from gzcrawl.store.schema import VALIDATORS

Db = Database[dict[str, Any]]

T0 = datetime(2025, 10, 13, 1, 0, tzinfo=UTC)
FIRST = Registry(
    (Department(id="jy", name="章江市教育局"),),
    (Account(id="jy-weibo", department="jy", platform=Platform.WEIBO, name="章江教育", uid="71"),),
    (Site(id="jy-site", department="jy", name="章江教育", home="https://jy.example/"),),
)


def test_changes_within_one_instant_leave_the_last(db: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: T0)
    save_registry(db, FIRST)
    save_registry(db, replace(FIRST, sites=()))
    second = replace(FIRST, departments=(replace(FIRST.departments[0], level="county"),))
    assert save_registry(db, second) == {"added": 1, "changed": 1, "removed": 0}
    assert load_registry(db) == load_registry(db, T0) == second


def test_what_is_stored_is_what_analysts_are_promised(db: Db) -> None:
    """Checked here: it is written without asking the validators."""
    save_registry(db, FIRST)
    for name in (*COLLECTIONS.values(), names.REGISTRY_HISTORY):
        assert db[name].count_documents({}) == db[name].count_documents({"$jsonSchema": VALIDATORS[name]}) > 0
