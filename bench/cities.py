"""Generated cities: everything wrong in them is found, nobody else is accused.

    python bench/cities.py [--cities 100] [--first 1]

Runs a patrol over each city (fixtures/city/generate.py) and compares what it says with what is true of the city. Prints every
difference; exit code 1 when there is one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from fixtures.city.generate import generated
from fixtures.city.truth import Report, compare
from gzcrawl.store.connect import connect, mongo_uri
from scheduler.cli.patrol import basis_of
from scheduler.evaluation import findings
from scheduler.findings import Verdict
from scheduler.patrol import patrol
from scheduler.profile import DEFAULT
from scheduler.sandbox import environment, sandbox, settle


def one_city(seed: int) -> tuple[Report, list[str]]:
    """A first patrol over city `seed` against its truth: the report, and a line for each difference."""
    city = generated(seed)
    # Which hosts are left alone depends on the order of answers, which no truth knows. What is silent is not waited for long.
    hurried = environment({"GZCRAWL_PATIENCE": "1000000", "GZCRAWL_TIMEOUT": "10"})
    with (
        tempfile.TemporaryDirectory() as folder,
        sandbox(Path(folder), city=city),
        hurried,
        mongo_uri() as uri,
        connect(uri) as db,
    ):
        settle(db, city, uri)
        patrol(db, uri=uri, data_dir=Path(folder), basis=basis_of(DEFAULT), say=lambda _text: None)
        kept = findings(db, *Verdict)
    report = compare(kept, city.truth)
    said = {(f.rule, f.subject): f"{f.verdict} {f.reason}" for f in kept}
    missed = [f"missed {e.rule} {e.subject}: {said.get((e.rule, e.subject), 'nothing said')}" for e in report.missed]
    return report, missed + [f"false {f.rule} {f.subject}: {said[f.rule, f.subject]}" for f in report.false]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cities", type=int, default=100)
    parser.add_argument("--first", type=int, default=1)
    args = parser.parse_args()
    planted = found = missed = false = 0
    for seed in range(args.first, args.first + args.cities):
        report, differences = one_city(seed)
        planted, found = planted + report.planted, found + report.found
        missed, false = missed + len(report.missed), false + len(report.false)
        for difference in differences:
            print(f"city {seed} at {generated(seed).now:%Y-%m-%d %H:%M:%S}: {difference}", flush=True)
        print(f"city {seed}: planted {report.planted}, found {report.found}", file=sys.stderr, flush=True)
    print(f"{args.cities} cities: planted {planted}, found {found}, missed {missed}, false {false}")
    return 1 if missed or false else 0


if __name__ == "__main__":
    sys.exit(main())
