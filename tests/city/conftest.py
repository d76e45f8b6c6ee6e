"""The city as it stands by default; made once, it never changes."""

from __future__ import annotations

import pytest

from fixtures.city import City


@pytest.fixture(scope="session")
def city() -> City:
    return City()
