"""Reposts in the sandbox city are judged wholly right: every verdict of `repost_lag`, over many seeds and as time goes on.

    python bench/reposts_seeds.py [--seeds 20] [--first 1]

Each seed is a patrol over a generated city (fixtures/city/generate.py). Every finding, `unknown` and `ok` included, must be what
fixtures/city/derive.py says. Then one city is patrolled on three days: a repost taken down after the first must be told as
`deleted`, not before two looks missed it. Exit code 1 when anything differs.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.city import NOW, City
from fixtures.city.derive import derive
from fixtures.city.generate import generated
from gzcrawl.browser import ENV as ENV_BROWSER
from gzcrawl.store import reposts
from gzcrawl.store.connect import connect, mongo_uri
from scheduler.cli.patrol import basis_of
from scheduler.patrol import patrol
from scheduler.profile import DEFAULT
from scheduler.sandbox import sandbox, settle

TAKEN_DOWN = "@tjj"
"""Whose repost of the holiday announcement goes on 14 October (fixtures/city/story.yaml)."""

NOT_NEEDED = {
    ENV_BROWSER: "none",
    "GZCRAWL_LINKS_PER_ROUND": "0",
    "GZCRAWL_COMMENTS_PER_ROUND": "0",
    "GZCRAWL_LOG_LEVEL": "CRITICAL",
    "GZCRAWL_PATIENCE": "1000000",
    "GZCRAWL_TIMEOUT": "10",
}
"""What tells nothing of reposts and costs most of a patrol is left out; no host is left alone, for the truth does not know it."""

AGREES = {"ok": ("ok", "not_applicable"), "unknown": ("unknown",), "violation": ("violation",), "warning": ("warning",)}


@contextlib.contextmanager
def patrolled(city: City, folder: Path) -> Iterator[Any]:
    """The database after one more round over the city."""
    with sandbox(folder, city=city), mongo_uri() as uri, connect(uri) as db:
        settle(db, city, uri)
        patrol(db, uri=uri, data_dir=folder, basis=basis_of(DEFAULT), say=lambda _text: None)
        yield db


def differences(city: City, db: Any) -> list[str]:
    """Where the rows of `reposts` and the truth differ, whichever way."""
    true = {e.subject: e.verdict for e in derive(city.world, city.now) if e.rule == "repost_lag"}
    rows = {row["_id"]: row for row in reposts.rows(db)}
    found = [
        f"{id}: {row['verdict']} ({row['status']}, {row['reason']}), true: {true.get(id, 'ok')}"
        for id, row in rows.items()
        if row["verdict"] not in AGREES[true.get(id, "ok")]
    ]
    return found + [f"{id}: nothing said, true: {verdict}" for id, verdict in true.items() if id not in rows]


def one_seed(seed: int) -> tuple[int, list[str]]:
    city = generated(seed)
    with tempfile.TemporaryDirectory() as folder, patrolled(city, Path(folder)) as db:
        return len(reposts.rows(db)), differences(city, db)


def taken_down() -> list[str]:
    """The status of the repost that goes, on three days."""
    seen = []
    with tempfile.TemporaryDirectory() as folder:
        for days in range(4):
            with patrolled(City(now=NOW + timedelta(days=days)), Path(folder)) as db:
                (row,) = (r for r in reposts.rows(db) if r["_id"].endswith(TAKEN_DOWN) and "c11053ac" in r["_id"])
                seen.append(row["status"])
    return seen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1)
    args = parser.parse_args()
    os.environ |= NOT_NEEDED
    judged, wrong = 0, 0
    for seed in range(args.first, args.first + args.seeds):
        rows, different = one_seed(seed)
        judged, wrong = judged + rows, wrong + len(different)
        print(f"seed {seed}: {rows} pairs judged, {len(different)} wrong", *different, sep="\n  ", flush=True)
    gone = taken_down()
    print(f"{args.seeds} seeds: {judged} pairs judged, {wrong} wrong; a repost taken down on the second day: {gone}")
    return 1 if wrong or gone != ["in_time", "in_time", "deleted", "deleted"] else 0


if __name__ == "__main__":
    sys.exit(main())
