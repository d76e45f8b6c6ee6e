"""A round that was not ended is taken up again, with what it had only begun."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database

from gzcrawl.store import read, rounds

Db = Database[dict[str, Any]]

T0 = datetime(2025, 10, 13, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_round_that_broke_off_is_taken_up_for_six_hours_and_a_finished_one_never(db: Db) -> None:
    first = rounds.begin(db, T0)
    rounds.advance(db, first, "crawling", finished_at=T0 + HOUR)
    assert rounds.begin(db, T0 + 2 * HOUR) == first
    assert rounds.last_finished(db) == T0 + HOUR
    second = rounds.begin(db, T0 + 7 * HOUR)
    assert second != first
    rounds.advance(db, second, "done", finished_at=T0 + 8 * HOUR)
    assert rounds.begin(db, T0 + 9 * HOUR) not in (first, second)


def test_what_the_round_itself_has_polled_does_not_put_off_what_it_has_yet_to_read(db: Db) -> None:
    poll = {
        "channel": "weibo.profile", "url": "", "outcome": "ok", "reason": "ok", "seen": 0, "complete": False,
        "covers_from": None, "covers_to": None, "target_id": "wjw-weibo",
    }  # fmt: skip
    for number in range(2):
        db.polls.insert_one({**poll, "_id": f"r{number}|wjw-weibo", "round_id": f"r{number}", "at": T0 + number * HOUR})
    assert read.last_polls(db, not_of="r1") == {"wjw-weibo": T0}
