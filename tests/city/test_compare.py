"""How findings are held against the truth."""

from __future__ import annotations

from dataclasses import dataclass

from fixtures.city.truth import Entry, compare, line


@dataclass(frozen=True)
class Found:
    rule: str
    subject: str
    verdict: str


def entry(subject: str, verdict: str, deferred: str | None = None) -> Entry:
    return Entry(id=subject, rule="dormant", subject=subject, verdict=verdict, note="", deferred=deferred)


TRUTH = (
    entry("silent", "violation"),
    entry("nearly", "warning"),
    entry("fine", "ok"),
    entry("blind", "unknown"),
    entry("later", "violation", "naming"),
)
RIGHT = [Found("dormant", "silent", "violation"), Found("dormant", "nearly", "warning")]


def test_all_found_and_nobody_else_accused_is_a_clean_line() -> None:
    report = compare(RIGHT, TRUTH)
    assert line(report) == "truth: planted 1, found 1, missed 0, false 0, deferred 1"


def test_a_violation_not_found_is_missed() -> None:
    report = compare([RIGHT[1], Found("dormant", "silent", "unknown")], TRUTH)
    assert [e.subject for e in report.missed] == ["silent"]
    assert line(report) == "truth: planted 1, found 0, missed 1, false 0, deferred 1"


def test_a_reminder_not_given_is_missed() -> None:
    assert [e.subject for e in compare(RIGHT[:1], TRUTH).missed] == ["nearly"]


def test_a_violation_where_a_reminder_is_due_is_false_once() -> None:
    report = compare([RIGHT[0], Found("dormant", "nearly", "violation")], TRUTH)
    assert (len(report.missed), [f.subject for f in report.false]) == (0, ["nearly"])


def test_accusing_the_fine_the_unseen_and_the_unlisted_is_false() -> None:
    wrong = [Found("dormant", subject, "violation") for subject in ("fine", "blind", "stranger")]
    assert [f.subject for f in compare([*RIGHT, *wrong], TRUTH).false] == ["blind", "fine", "stranger"]


def test_the_same_subject_under_another_rule_is_another_matter() -> None:
    report = compare([*RIGHT, Found("repost_lag", "silent", "violation")], TRUTH)
    assert [f.rule for f in report.false] == ["repost_lag"]


def test_what_a_later_rule_finds_early_is_not_false() -> None:
    assert not compare([*RIGHT, Found("dormant", "later", "violation")], TRUTH).false


def test_without_deferred_entries_the_line_does_not_mention_them() -> None:
    assert line(compare(RIGHT, TRUTH[:4])) == "truth: planted 1, found 1, missed 0, false 0"
