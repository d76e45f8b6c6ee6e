"""Real answers of the platforms. They are data of third parties and stay outside of the repository."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gzcrawl.sources import Page

REAL = Path(__file__).parents[2].parent / "shared" / "real"


@pytest.fixture
def real() -> Callable[[str], Page]:
    """A page of the folder beside the repository; the test is skipped on a machine that has none."""
    if not REAL.is_dir():
        pytest.skip("no folder of real answers beside the repository")

    def page(name: str, url: str = "https://example.com/") -> Page:
        return Page(url=url, body=(REAL / name).read_bytes())

    return page
