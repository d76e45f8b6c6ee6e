"""kill -9 of whatever runs (bench/kills.py does this 300 times over days)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bench.kills import disturbed, problems, undisturbed


@pytest.mark.slow
def test_whatever_is_killed_no_post_and_no_alert_is_lost_and_no_mail_comes_twice(tmp_path: Path) -> None:
    reference = undisturbed(tmp_path / "undisturbed", days=1)
    world, killed = disturbed(tmp_path / "killed", kills=3, per_day=3, chance=random.Random(9), mean=0.8)
    assert problems(reference, world, killed.total()) == []
