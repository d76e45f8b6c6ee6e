"""Recorded answers of sites, feeds and official interfaces: each is read as its folder says."""

from __future__ import annotations

import pytest

from fixtures.cases import Case, cases
from gzcrawl.sources import Page
from gzcrawl.sources.registry import PARSERS


@pytest.mark.parametrize("case", cases("govsite", "feed", "official"), ids=lambda case: case.name)
def test_a_recorded_answer_is_read_as_it_says(case: Case) -> None:
    assert case.differences(PARSERS[case.source](Page(**case.request), case.fetched_at)) == []
