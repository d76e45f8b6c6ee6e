"""Thousands of polls of which every third meets a fault: nobody who is fine is accused.

    python bench/chaos.py [--polls 10000] [--rate 0.3] [--seed 1] [--no-stale]

Runs the sandbox patrol again and again, each on another bad day of the city (fixtures/city/chaos.py), until so many
polls were made. Prints each wrong accusation; exit code 1 when there is one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from fixtures.city.chaos import ChaoticCity
from fixtures.city.truth import compare
from gzcrawl.store.connect import connect, mongo_uri
from scheduler.cli.patrol import basis_of
from scheduler.evaluation import findings
from scheduler.findings import Verdict
from scheduler.patrol import patrol
from scheduler.profile import DEFAULT
from scheduler.sandbox import environment, sandbox, settle


def one_day(chaos: int, rate: float, *, stale: bool) -> tuple[int, int, list[str]]:
    """(polls, violations found, wrong accusations) of a first patrol on one bad day."""
    with tempfile.TemporaryDirectory() as folder:
        city = ChaoticCity(chaos=chaos, rate=rate, stale=stale)
        # Hosts are not left alone: every fault shall reach the parsers. What is dropped is not waited for long.
        hurried = environment({"GZCRAWL_PATIENCE": "1000000", "GZCRAWL_TIMEOUT": "8"})
        with sandbox(Path(folder), city=city), hurried, mongo_uri() as uri, connect(uri) as db:
            settle(db, city, uri)
            done = patrol(db, uri=uri, data_dir=Path(folder), basis=basis_of(DEFAULT), say=lambda _text: None)
            polls = sum(sum(counts.values()) for counts in done.outcomes.values())
            found = findings(db, *Verdict)
            report = compare(found, city.truth)
            return (
                polls,
                report.found,
                [f"{f.rule} {f.subject}: {f.reason}" for f in found if f in report.false],
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--polls", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-stale", dest="stale", action="store_false")
    args = parser.parse_args()
    polls = found = wrong = day = 0
    while polls < args.polls:
        made, right, accused = one_day(args.seed + day, args.rate, stale=args.stale)
        polls, found, wrong, day = polls + made, found + right, wrong + len(accused), day + 1
        for sentence in accused:
            print(f"day {args.seed + day - 1}: {sentence}", flush=True)
        print(f"day {args.seed + day - 1}: {polls} polls so far, {wrong} wrong accusations", flush=True)
    print(f"{polls} polls on {day} bad days: {found} violations found, {wrong} wrong accusations")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
