"""How a department stands towards an announcement, as people read it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Status:
    word: str
    mark: str  # in a small cell
    colour: str
    ink: str = "#24292f"


STATUSES = {
    "missing": Status("未转发", "未", "#c0392b", "#ffffff"),
    "deleted": Status("疑似已删", "删", "#8e5ea2", "#ffffff"),
    "late": Status("迟转发", "迟", "#e8a33d"),
    "uncertain": Status("待认定", "？", "#f6e58d"),
    "unknown": Status("未能核实", "—", "#dfe3e8", "#57606a"),
    "pending": Status("未到期", "待", "#eaf2fb", "#57606a"),
    "in_time": Status("按时", "按时", "#a9dfbf"),
    "exempt": Status("不适用", "", "#ffffff", "#57606a"),
}
"""Worst first."""
