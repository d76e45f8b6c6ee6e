"""What a mail shows of a digest: by department and family, worst first, and no more than a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gzcrawl.registry import Department
from scheduler.findings import RuleMeta
from scheduler.notify.digest import Blind, Digest, Entry

MOST = 40
"""Findings that are told whole in one mail; the workbook has all of them. Gmail cuts a mail at 102 KB."""
AT_LEAST = 10
"""Of each section, whatever the sections before it took."""
MOST_LINES = 30


@dataclass(frozen=True, slots=True)
class Group:
    """One department's findings, those of one family together."""

    name: str
    department: Department | None
    families: tuple[tuple[str, tuple[Entry, ...]], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """`rest`: what is not shown, as (department, how many)."""

    title: str
    colour: str
    total: int
    groups: tuple[Group, ...]
    rest: tuple[tuple[str, int], ...]

    @property
    def hidden(self) -> int:
        return sum(count for _name, count in self.rest)


def sections(digest: Digest) -> list[Section]:
    """New ones first: they have the first claim on the room."""
    left = MOST
    made = []
    for title, colour, entries in (
        ("新增问题", "#c0392b", digest.new),
        ("仍未整改", "#d35400", digest.standing),
        ("提醒：尚未违规，请提示单位", "#b7950b", digest.reminders),
    ):
        if entries:
            room = max(left, AT_LEAST)
            shown, hidden = entries[:room], entries[room:]
            left -= len(shown)
            rest = _by_name(hidden)
            counts = tuple((name, len(of_it)) for name, of_it in rest.items())
            made.append(Section(title, colour, len(entries), tuple(_groups(shown)), counts))
    return made


def shown(digest: Digest) -> Iterator[Entry]:
    """The findings that are told whole, in their order."""
    for section in sections(digest):
        for group in section.groups:
            for _family, entries in group.families:
                yield from entries


def blind(digest: Digest) -> tuple[list[tuple[str, list[tuple[RuleMeta, str, int]]]], int]:
    """What could not be observed: department -> (rule, first reason, how many more of the kind); departments left out."""
    found: dict[str, dict[RuleMeta, list[str]]] = {}
    for one in digest.blind:
        found.setdefault(_blind_name(one), {}).setdefault(one.rule, []).append(one.reason)
    lines = 0
    listed: list[tuple[str, list[tuple[RuleMeta, str, int]]]] = []
    for name, rules in found.items():
        if listed and lines + len(rules) > MOST_LINES:
            break
        lines += len(rules)
        listed.append((name, [(rule, reasons[0], len(reasons) - 1) for rule, reasons in rules.items()]))
    return listed, len(found) - len(listed)


def _blind_name(one: Blind) -> str:
    return one.department.name if one.department else ""


def _groups(entries: Sequence[Entry]) -> Iterator[Group]:
    """In the order in which the entries, worst first, name a department or a family first."""
    for name, of_it in _by_name(entries).items():
        families: dict[str, list[Entry]] = {}
        for entry in of_it:
            families.setdefault(entry.family, []).append(entry)
        listed = tuple((family, tuple(ones)) for family, ones in families.items())
        yield Group(name, of_it[0].department, listed)


def _by_name(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.name, []).append(entry)
    return found
