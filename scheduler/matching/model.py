"""A small learned model: boosted trees over the features, written out as JSON by bench/train_matcher.py."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from scheduler.matching.features import NAMES

FILE = "model.json"


@cache
def trees() -> dict[str, Any] | None:
    """`{"baseline": float, "trees": [[node, …], …]}`; a node is `[feature, threshold, left, right]` or `[value]`.

    None when the file is not there or was made for other features: the rules then decide alone.
    """
    file = resources.files(__package__) / FILE
    if not file.is_file():
        return None
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded if loaded["features"] == list(NAMES) else None


def probability(measured: Mapping[str, float]) -> float | None:
    """How likely the post is a repost, 0 … 1; None without a model."""
    model = trees()
    if model is None:
        return None
    values = [measured[name] for name in NAMES]
    total: float = model["baseline"]
    for nodes in model["trees"]:
        node = nodes[0]
        while len(node) == 4:
            node = nodes[node[2] if values[node[0]] <= node[1] else node[3]]
        total += node[0]
    return 1 / (1 + math.exp(-total))
