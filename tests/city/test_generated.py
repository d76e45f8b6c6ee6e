"""Cities drawn by chance: what is wrong in them is found, nobody else is accused (bench/cities.py does a hundred)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cities import one_city


@pytest.mark.slow
@pytest.mark.parametrize("seed", [5, 8])
def test_in_a_drawn_city_everything_wrong_is_found_and_nobody_else_accused(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """City 5 has two codes of one platform on a page, city 8 a repost that only a list filled by script shows."""
    monkeypatch.chdir(tmp_path)
    report, differences = one_city(seed)
    assert differences == []
    assert report.found == report.planted > 10
