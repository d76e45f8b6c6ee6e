"""Tens of thousands of damaged pages for each parser: none raises, none takes long, none invents a time.

    python bench/fuzz_parsers.py [--mutants 50000] [--seed 1] [--only SOURCE …]

Mutants are made of the recorded cases (fixtures/) by fixtures/mutations.py; a seed and a number name one for good.
Prints for each parser how its answers ended and the slowest page; exit code 1 when a page raised or took too long.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from random import Random
from time import process_time

from fixtures.cases import Case, cases
from fixtures.mutations import mutate
from gzcrawl.sources import Page
from gzcrawl.sources.registry import PARSERS

PLATFORMS = ("weibo", "sogou", "wechat", "govsite", "feed", "official")
SLOW_SECONDS = 2.0


def fuzz(source: str, known: list[Case], mutants: int, seed: int) -> tuple[Counter[str], float, str]:
    """(outcomes, seconds of the slowest page, its name) of so many mutants; a page that raises is an outcome too."""
    outcomes: Counter[str] = Counter()
    slowest, name = 0.0, ""
    for number in range(mutants):
        case = known[number % len(known)]
        body = mutate(case.request["body"], Random(f"{seed}|{source}|{number}"))
        page = Page(**{**case.request, "body": body})
        begin = process_time()
        try:
            outcome = str(PARSERS[source](page, case.fetched_at).outcome)
        except Exception as error:  # noqa: BLE001 -- what this looks for
            outcome = "RAISED"
            print(f"  {source} mutant {number} of {case.name}: {type(error).__name__}: {error}"[:200], flush=True)
        spent = process_time() - begin
        outcomes[outcome] += 1
        if spent > slowest:
            slowest, name = spent, f"mutant {number} of {case.name}"
    return outcomes, slowest, name


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[])
    args = parser.parse_args()
    known = cases(*PLATFORMS)
    bad = False
    for source in args.only or PARSERS:
        outcomes, slowest, name = fuzz(source, [c for c in known if c.source == source], args.mutants, args.seed)
        bad = bad or bool(outcomes["RAISED"]) or slowest > SLOW_SECONDS
        ended = ", ".join(f"{outcome} {count}" for outcome, count in outcomes.most_common())
        print(f"{source}: {ended}; slowest {slowest:.3f} s ({name})", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
