"""The console of all command tests: a real database, a frozen clock."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from scheduler.cli import main

Db = Database[dict[str, Any]]

ROOT = Path(__file__).parents[2]
NOW = datetime(2025, 10, 13, 1, 0, tzinfo=UTC)


@pytest.fixture
def console(
    db: Db, db_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Run a command; (exit code, what it printed)."""
    monkeypatch.setenv("GZCRAWL_MONGO_URI", db_uri)
    monkeypatch.setenv("GZCRAWL_DATA", str(tmp_path))
    monkeypatch.setenv("GZCRAWL_NOW", NOW.isoformat())

    def run(*args: object) -> tuple[int, str]:
        code = main([str(arg) for arg in args])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return run


@pytest.fixture
def city(console: Any) -> Any:
    assert console("registry", "import", ROOT / "fixtures/city/registry.yaml")[0] == 0
    return console
