"""Where a post's words stand in an announcement, and what was put in their place where they do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scheduler.matching.text import stock

FOUR = 4
PIECE = 10
"""Characters that may have been replaced between two equal runs."""

_HOLE = re.compile(rb"(?<=\x01)\x00{1,%d}(?=\x01)" % PIECE)
_PLACE = re.compile(r"[省市县区州盟旗镇乡村路街]")
_COUNTS = re.compile(r"[\da-z一二三四五六七八九十百零〇两]")


@dataclass(frozen=True, slots=True)
class Overlap:
    covered: float  # share of the post that stands in the announcement, common runs apart
    run: int  # the longest piece of it, in characters
    matched: int  # all pieces of eight characters and more
    swapped: int  # characters in whose place the announcement has others
    places: float  # pieces that name another place, for each hundred characters that match


def overlap(text: str, known: str, fours: frozenset[str]) -> Overlap:
    """`known`: the announcement's normalised text, `fours` its runs of four characters."""
    hit = bytearray(len(text))
    for at in range(len(text) - FOUR + 1):
        if text[at : at + FOUR] in fours:
            hit[at : at + FOUR] = b"\1\1\1\1"
    common = stock(text)
    free = [0]
    for at, inside in enumerate(hit):
        if not inside:
            free.append(0)
        elif not common[at]:
            free[-1] += 1
    own = sum(not mark for mark in common)
    matched = sum(piece for piece in free if piece >= 8)
    swaps = list(_swaps(text, known, hit))
    return Overlap(
        covered=sum(free) / max(1, own),
        run=max(free),
        matched=matched,
        swapped=sum(len(mine) for mine, _ in swaps),
        places=sum(bool(_PLACE.search(mine) and _PLACE.search(theirs)) for mine, theirs in swaps)
        * 100
        / max(100, matched),
    )


def _swaps(text: str, known: str, hit: bytearray) -> Iterator[tuple[str, str]]:
    """Short pieces between two equal runs, with what the announcement has there; the next character comes along.

    Pieces with figures are left to slots.py.
    """
    for gap in _HOLE.finditer(bytes(hit)):
        start, end = gap.span()
        left, right = text[start - FOUR : start], text[end : end + FOUR]
        at = known.find(left)
        until = known.find(right, at + FOUR) if at >= 0 else -1
        if until < 0 or not at + FOUR < until <= at + FOUR + PIECE:
            continue
        mine, theirs = text[start : end + 1], known[at + FOUR : until + 1]
        if mine[:-1] not in theirs and not _COUNTS.search(mine[:-1]):
            yield mine, theirs
