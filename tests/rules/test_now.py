"""What is asked of the time tells when an answer will be another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gzcrawl.items import quarter
from scheduler.rules.now import TICK, Now

YEAR = st.datetimes(datetime(2025, 1, 1), datetime(2026, 1, 1)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=UTC)
)
AGE = st.integers(1, 40).map(lambda days: timedelta(days=days))

QUESTIONS: st.SearchStrategy[Callable[[Now], Any]] = st.one_of(
    YEAR.map(lambda at: lambda now: now.reached(at)),
    YEAR.map(lambda at: lambda now: now.passed(at)),
    st.tuples(AGE, YEAR).map(lambda pair: lambda now: now.within(*pair)),
    YEAR.map(lambda at: lambda now: now.days_since(at)),
    YEAR.map(lambda at: lambda now: now.days_until(at)),
    st.dates(date(2025, 1, 1), date(2025, 12, 31)).map(lambda day: lambda now: now.ended(day)),
    st.just(lambda now: now.today),
    st.just(lambda now: now.period(quarter)),
)


@given(st.lists(QUESTIONS, min_size=1, max_size=5), YEAR, st.data())
def test_until_then_every_answer_is_the_same_and_then_one_is_another(
    questions: list[Callable[[Now], Any]], at: datetime, data: st.DataObject
) -> None:
    now = Now(at)
    answers = [ask(now) for ask in questions]
    turn = now.changes_at
    assert turn is None or turn > at
    limit = (turn - TICK if turn else at + timedelta(days=4000)).astimezone(UTC)
    later = at + data.draw(st.integers(0, (limit - at) // TICK)) * TICK
    assert [ask(Now(later)) for ask in questions] == answers
    if turn:
        assert [ask(Now(turn)) for ask in questions] != answers


def test_who_reads_the_time_itself_is_judged_again_at_every_evaluation() -> None:
    at = datetime(2025, 10, 13, 1, 0, tzinfo=UTC)
    now = Now(at)
    assert now.exactly == at
    assert now.changes_at == at
