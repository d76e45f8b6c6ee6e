"""How easily a citizen finds a code and a phone reads it: facts of the rendered page, parts from 0 to 1, a weighted score. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

PARTS = ("size", "position", "shown", "readable", "phone")

WEIGHTS = {"size": 1.0, "position": 1.0, "shown": 1.5, "readable": 1.5, "phone": 1.0}
"""Where no profile says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was measured. Lengths are CSS pixels; the desktop window is 1920×1080, the phone 390×844."""

    side: float  # the shorter side of the code
    screens: float  # how many screens down its top is; 0: on the first screen
    shown: str  # "visible", or only on "hover" or "click"
    contrast: float  # between its light and dark modules, 0 to 1
    quiet: bool  # a calm margin around it
    plain: bool  # the rendered pixels decode as they are
    phone_side: float | None = None  # on the phone's screen; None: not seen there

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return cls(**document)


def parts(facts: Facts) -> dict[str, float]:
    """Each part from 0 (a citizen will not get by) to 1 (as good as it can be).

    Size: 40 px is hardly read from an arm's length, 120 px well. Position: a screen further down costs a sixth.
    """
    readable = (min(1.0, facts.contrast / 0.5) + facts.quiet + facts.plain) / 3
    return {
        "size": _between(facts.side, 40, 120),
        "position": max(0.0, 1 - int(facts.screens) / 6),
        "shown": {"visible": 1.0, "hover": 0.5}.get(facts.shown, 0.3),
        "readable": round(readable, 3),
        "phone": _between(facts.phone_side or 0, 20, 80),
    }


def score(facts: Facts, weights: Mapping[str, float] = WEIGHTS) -> float:
    """The weighted mean of the parts, 0 to 1."""
    found = parts(facts)
    total = sum(weights[name] for name in PARTS)
    return round(sum(found[name] * weights[name] for name in PARTS) / total, 3) if total else 1.0


def weakest(facts: Facts, weights: Mapping[str, float]) -> list[str]:
    """The parts that cost the score most, worst first; those that are whole are left out."""
    found = parts(facts)
    lost = {name: (1 - found[name]) * weights[name] for name in PARTS}
    return [name for name in sorted(lost, key=lambda name: -lost[name]) if lost[name] > 0.05]


def _between(value: float, low: float, high: float) -> float:
    return round(min(1.0, max(0.0, (value - low) / (high - low))), 3)
