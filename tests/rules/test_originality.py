"""The share of own content: told as information, and only where enough was seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gzcrawl.items import SHANGHAI, Outcome, Poll, Tally, quarter
from gzcrawl.registry import State
from scheduler.findings import Finding, Severity, Verdict
from scheduler.rules import originality
from tests.rules.units import NOW, WEIBO, judge, poll, seen, unit

START = quarter(NOW)[0]


def tally(posts: int = 26, passed_on: int = 4, copies: int = 1) -> Tally:
    return Tally(account_id=WEIBO.id, quarter=START, posts=posts, passed_on=passed_on, copies=copies)


def judged(*polls: Poll, counted: Tally | None = None, now: datetime = NOW) -> Finding:
    account = replace(seen(polls=polls), tally=counted or tally())
    (found,) = judge(originality.RULE, unit(account), now=now)
    return found


def test_the_share_is_told_and_is_information() -> None:
    found = judged(poll())
    assert (found.verdict, found.severity, found.facts["share"]) == (Verdict.OK, Severity.INFO, 81)
    assert found.reason == "微博“健康章江”2025年第4季度以来发布26条，其中原创21条（81%），转发4条，转载公告1条"


def test_an_account_without_anything_of_its_own_is_no_violation_either() -> None:
    assert judged(poll(), counted=tally(30, 29, 1)).verdict is Verdict.OK


def test_a_few_posts_say_nothing_about_a_share() -> None:
    assert judged(poll(), counted=tally(10)).verdict is Verdict.OK
    assert judged(poll(), counted=tally(9)).verdict is Verdict.NOT_APPLICABLE


def test_a_thinly_covered_quarter_is_unknown() -> None:
    length = NOW - START
    four_fifths = (length * 0.8) / timedelta(days=1)
    assert judged(poll(days=four_fifths)).verdict is Verdict.OK
    assert judged(poll(days=four_fifths - 1 / 86400)).verdict is Verdict.UNKNOWN
    assert judged(poll(days=None)).verdict is Verdict.UNKNOWN
    assert judged().verdict is Verdict.UNKNOWN
    assert judged(poll(START), now=START).verdict is Verdict.UNKNOWN  # the first instant of a quarter


@pytest.mark.parametrize("outcome", [o for o in Outcome if not o.observed])
def test_what_could_not_be_seen_is_unknown(outcome: Outcome) -> None:
    assert judged(poll(outcome=outcome)).verdict is Verdict.UNKNOWN


def test_closed_accounts_are_not_spoken_of() -> None:
    assert judge(originality.RULE, unit(seen(replace(WEIBO, state=State.CLOSED)))) == []


@pytest.mark.parametrize(
    ("at", "start", "end"),
    [
        ("2025-10-01 00:00", "2025-10-01", "2026-01-01"),
        ("2025-12-31 23:59", "2025-10-01", "2026-01-01"),
        ("2026-01-01 00:00", "2026-01-01", "2026-04-01"),
        ("2025-06-30 23:59", "2025-04-01", "2025-07-01"),
        ("2025-09-30 23:59", "2025-07-01", "2025-10-01"),
    ],
)
def test_a_quarter_begins_and_ends_at_midnight_in_beijing(at: str, start: str, end: str) -> None:
    local = [datetime.fromisoformat(text).replace(tzinfo=SHANGHAI) for text in (at, start, end)]
    assert quarter(local[0]) == (local[1], local[2])
