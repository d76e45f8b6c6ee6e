"""For which time we have looked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gzcrawl.coverage import covered, covered_until, spans
from gzcrawl.items import Outcome, Poll

T0 = datetime(2025, 10, 1, tzinfo=UTC)


def poll(start: int | None, end: int, *, complete: bool = True, outcome: Outcome = Outcome.OK) -> Poll:
    """Hours after T0."""
    at = T0 + timedelta(hours=end)
    return Poll(
        round_id="r", target_id="a", channel="weibo.timeline", url="u", at=at, outcome=outcome, complete=complete,
        covers_from=None if start is None else T0 + timedelta(hours=start), covers_to=None if start is None else at,
    )  # fmt: skip


def hours(start: int, end: int) -> tuple[datetime, datetime]:
    return T0 + timedelta(hours=start), T0 + timedelta(hours=end)


def test_spans_that_touch_are_one() -> None:
    assert spans([poll(4, 8), poll(0, 4), poll(10, 12)]) == [hours(0, 8), hours(10, 12)]


def test_a_gap_is_not_covered_though_there_were_polls_on_both_sides() -> None:
    polls = [poll(0, 4), poll(6, 9)]
    assert covered(polls, *hours(0, 4))
    assert not covered(polls, *hours(3, 7))


def test_incomplete_and_failed_polls_cover_nothing() -> None:
    polls = [poll(0, 9, complete=False), poll(0, 9, outcome=Outcome.BLOCKED), poll(None, 9)]
    assert spans(polls) == []
    assert covered_until(polls, T0) is None
