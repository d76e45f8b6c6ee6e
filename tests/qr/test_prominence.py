"""What makes a code easier to find or to read never lowers its score, and each part stands alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from gzcrawl.qr.prominence import PARTS, WEIGHTS, Facts, parts, score, weakest

GOOD = Facts(side=120, screens=0, shown="visible", contrast=1.0, quiet=True, plain=True, phone_side=80)
HARD = Facts(side=40, screens=6, shown="phone", contrast=0.0, quiet=False, plain=False, phone_side=None)

BETTER: dict[str, tuple[str, list[Any]]] = {  # the part that a fact is told by -> the fact, from bad to good
    "size": ("side", [40, 60, 90, 120]),
    "position": ("screens", [6.2, 4.9, 2.1, 1.0, 0.4]),
    "shown": ("shown", ["click", "hover", "visible"]),
    "readable": ("contrast", [0.1, 0.3, 0.5]),
    "phone": ("phone_side", [None, 30, 50, 80]),
}


@pytest.mark.parametrize("part", BETTER)
@pytest.mark.parametrize("other", [GOOD, HARD], ids=["else good", "else hard"])
def test_a_bigger_upper_visible_clearer_code_scores_more_and_only_in_its_part(part: str, other: Facts) -> None:
    name, values = BETTER[part]
    codes = [replace(other, **{name: value}) for value in values]
    for worse, better in pairwise(codes):
        assert score(worse) < score(better)
        assert {p for p in PARTS if parts(worse)[p] != parts(better)[p]} == {part}


def test_the_best_code_has_all_and_the_hardest_next_to_nothing() -> None:
    assert score(GOOD) == 1.0
    assert score(HARD) < 0.1
    assert not weakest(GOOD, WEIGHTS)


def test_a_calm_margin_and_pixels_that_decode_as_they_are_make_it_more_readable() -> None:
    assert parts(replace(GOOD, quiet=False))["readable"] == parts(replace(GOOD, plain=False))["readable"] < 1.0


def test_the_part_that_costs_most_is_told_first() -> None:
    assert weakest(replace(GOOD, shown="click", side=110), WEIGHTS) == ["shown", "size"]


def test_weights_of_nought_leave_nothing_to_hold_against_a_code() -> None:
    assert score(HARD, dict.fromkeys(PARTS, 0.0)) == 1.0
