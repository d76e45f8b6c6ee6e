"""On bad days nobody who is fine is accused (bench/chaos.py does this ten thousand times)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.chaos import one_day


@pytest.mark.parametrize("day", [103, 114])
def test_a_day_of_faults_accuses_nobody(day: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days on which codes and reposts were once missed: scripts answered by JSON, text of a wrong decoding."""
    monkeypatch.chdir(tmp_path)
    polls, found, accused = one_day(day, 0.3, stale=True)
    assert accused == []
    assert polls > 300
    assert found > 0
