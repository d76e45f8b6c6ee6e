"""What analysts read of reposts, and what proves that one is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from gzcrawl.items import Outcome
from gzcrawl.store import reposts as rows
from gzcrawl.store import rounds
from scheduler import reposts
from scheduler.alerts.apply import apply_round
from scheduler.alerts.documents import in_writing
from scheduler.findings import Finding, Judged
from scheduler.rules import repost_lag
from scheduler.rules.base import Matches
from scheduler.withdrawn import withdrawn
from tests.reposts.conftest import Crawls, copy
from tests.rules.units import ANNOUNCEMENT, NOW, WEIBO, at, judge, poll, seen, unit

LATER = NOW + timedelta(days=1)


def found(*posts: Any) -> tuple[Finding, ...]:
    return tuple(judge(repost_lag.RULE, unit(seen(posts=posts, polls=(poll(),))), announcements=(ANNOUNCEMENT,)))


def store(db: Any, *found: Judged, at: datetime = NOW) -> None:
    round_id = f"{at:%d%H}"
    apply_round(db, round_id, [in_writing(one, round_id) for one in found], at)


def test_a_row_for_each_announcement_and_department_says_what_when_where_and_why(db: Any) -> None:
    store(db, Judged("wjw", found(copy("2025-10-09 12:00:00"))))
    (row,) = rows.rows(db)
    assert row["_id"] == f"{ANNOUNCEMENT.id}@wjw"
    assert (row["status"], row["scope"], row["platform"], row["account_id"]) == ("late", "any", "weibo", "wjw-weibo")
    assert row["posted_at"] == at("2025-10-09 12:00:00")
    assert (row["late_hours"], row["due"]) == (60.0, at("2025-09-29 00:00:00"))
    assert row["post_key"] == copy("2025-10-09 12:00:00").key
    assert row["why"]
    store(db, Judged("wjw", found()), at=LATER)
    (row,) = rows.rows(db)
    assert (row["status"], row["post_key"], row["why"]) == ("missing", None, [])


def test_rows_of_announcements_too_old_to_be_judged_stay_and_those_of_the_released_go(db: Any) -> None:
    store(db, Judged("wjw", found()))
    store(db, Judged("wjw", ()), at=LATER)
    assert len(rows.rows(db)) == 1
    store(db, Judged("wjw", found()), at=LATER + timedelta(hours=1))
    other = tuple(replace(f, subject=f"{ANNOUNCEMENT.id}@other", department="other") for f in found())
    store(db, Judged("wjw", ()), Judged("other", other), at=LATER + timedelta(hours=2))
    assert [row["department"] for row in rows.rows(db)] == ["other"]


def test_a_row_a_killed_round_did_not_come_to_write_is_written_by_the_next(
    db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(rows, "record", killed)
        store(db, Judged("wjw", found()))
    store(db, Judged("wjw", found()), at=LATER)
    assert len(rows.rows(db)) == 1


def killed(*_args: object) -> None:
    raise KeyboardInterrupt


def looks(crawls: Crawls, *outcomes: Outcome, days: float = 31) -> dict[str, Any]:
    """Rounds after the post was seen, each with one look at the account; what is held to be gone then."""
    polls = []
    for day, outcome in enumerate(outcomes, 1):
        when = NOW + timedelta(days=day)
        round_id = rounds.begin(crawls.db, when)
        rounds.advance(crawls.db, round_id, "done")
        polls.append(poll(when, outcome, days=days, round_id=round_id))
    matches: Matches = reposts.matches_of(crawls.db, [WEIBO.id], {})
    return withdrawn(crawls.db, [unit(seen(polls=tuple(polls)))], matches)


@pytest.fixture
def seen_once(crawls: Crawls) -> Crawls:
    crawls.announce()
    crawls.bring(copy())
    crawls.compare()
    return crawls


def test_two_complete_looks_that_miss_a_post_prove_that_it_is_gone(seen_once: Crawls) -> None:
    assert looks(seen_once, Outcome.OK, Outcome.OK) == {copy().key: LATER}


@pytest.mark.parametrize(
    ("outcomes", "days"),
    [
        ((Outcome.OK,), 31),
        ((Outcome.OK, Outcome.BLOCKED), 31),
        ((Outcome.GONE, Outcome.GONE), 31),
        ((Outcome.OK, Outcome.OK), 10),
    ],
    ids=["only one look", "the second was refused", "the account is gone", "not so far back"],
)
def test_less_proves_nothing(seen_once: Crawls, outcomes: tuple[Outcome, ...], days: float) -> None:
    assert looks(seen_once, *outcomes, days=days) == {}


def test_a_post_that_was_shown_again_is_there(seen_once: Crawls) -> None:
    seen_once.bring(copy(), when=NOW + timedelta(days=2, minutes=5))
    assert looks(seen_once, Outcome.OK, Outcome.OK) == {}
