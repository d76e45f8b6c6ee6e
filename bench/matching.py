"""How fast posts find the announcements they repost, against a fuzzy comparison of all pairs.

    python bench/matching.py [--announcements 1000] [--posts 100000]

The texts are drawn words and figures among sentences of the sandbox city; one post in fifty is a repost. The baseline,
rapidfuzz's partial ratio (extra `bench`), is timed on a sample of the same pairs in the same run and extrapolated.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import statistics
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from time import perf_counter, process_time

import yaml

from gzcrawl.items import Announcement, Platform, Post, Precision
from scheduler.matching import Index, match

PROSE = Path(__file__).parents[1] / "fixtures/city/prose.yaml"
START = datetime(2025, 9, 1, tzinfo=UTC)
SAMPLE = 3000
CORES = 2
WORDS = 20_000


class Writer:
    """Texts of drawn words, rare ones rarely, between sentences of the city's prose and figures."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        prose = yaml.safe_load(PROSE.read_text(encoding="utf-8"))
        self.known = [one["advice"] for theme in prose["themes"].values() for one in theme]
        self.words = ["".join(chr(self.r.randint(0x4E00, 0x6000)) for _ in range(2)) for _ in range(WORDS)]
        self.weights = list(accumulate(1 / (rank + 10) for rank in range(WORDS)))

    def text(self, length: int) -> str:
        parts = [self.r.choice(self.known)] if self.r.random() < 0.05 else []
        while sum(map(len, parts)) < length:
            drawn = self.r.choices(self.words, cum_weights=self.weights, k=9)
            parts.append(f"{''.join(drawn)}{self.r.randint(1, 999)}，")
        return "".join(parts)[:length]


def made(announcements: int, posts: int) -> tuple[list[Announcement], list[Post]]:
    """One post in fifty begins like an announcement."""
    writer, known, said = Writer(7), [], []
    for number in range(announcements):
        title, body = f"关于{writer.text(20)}的通知", writer.text(writer.r.choice([150, 400, 1200]))
        known.append(
            Announcement(id=str(number), title=title, body=body, published_at=START, precision=Precision.SECOND)
        )
    for number in range(posts):
        source = writer.r.choice(known) if number % 50 == 0 else None
        text = f"【{source.title}】{source.body}"[:140] if source else writer.text(140)
        at = START + timedelta(minutes=writer.r.randint(1, 2000))
        said.append(
            Post(
                platform=Platform.WEIBO,
                native_id=str(number),
                source="bench",
                text=text,
                published_at=at,
                precision=Precision.SECOND,
            )
        )
    return known, said


_MADE: tuple[list[Announcement], list[Post]] = ([], [])
"""What the forked processes find in their memory, as a crawl's own process has its posts."""


def judged(core: int) -> tuple[Counter[str], list[float], float]:
    """How often which decision was taken, the seconds of each post, and those of the processor for everything."""
    known, posts = _MADE[0], _MADE[1][core::CORES]
    start = process_time()
    index, counted, spent = Index(known), Counter[str](), []
    for post in posts:
        begin = process_time()
        for announcement in index.candidates(post):
            counted["compared"] += 1
            counted[str(match(announcement, post).decision)] += 1
        spent.append(process_time() - begin)
    return counted, spent, process_time() - start


def baseline(known: list[Announcement], posts: list[Post]) -> float:
    """Seconds for one pair."""
    from rapidfuzz import fuzz

    r = random.Random(1)
    pairs = [(r.choice(known), r.choice(posts)) for _ in range(SAMPLE)]
    begin = process_time()
    for announcement, post in pairs:
        fuzz.partial_ratio(post.text, f"{announcement.title}\n{announcement.body}")
    return (process_time() - begin) / SAMPLE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--announcements", type=int, default=1000)
    parser.add_argument("--posts", type=int, default=100_000)
    args = parser.parse_args()
    global _MADE
    known, posts = _MADE = made(args.announcements, args.posts)
    begin = perf_counter()
    with multiprocessing.get_context("fork").Pool(CORES) as pool:
        parts = pool.map(judged, range(CORES))
    total = perf_counter() - begin
    counted = sum((part for part, _, _ in parts), Counter[str]())
    each = sorted(seconds for _, spent, _ in parts for seconds in spent)
    processor = sum(seconds for _, _, seconds in parts)
    pair = baseline(known, posts)
    everything = pair * len(known) * len(posts)
    answer = {
        "seconds": round(total, 2),
        "processor_seconds_per_core": round(processor / CORES, 2),
        "counted": dict(counted),
        "post_ms_median": round(statistics.median(each) * 1000, 3),
        "post_ms_p99": round(each[int(len(each) * 0.99)] * 1000, 3),
        "rapidfuzz_pair_ms": round(pair * 1000, 4),
        "rapidfuzz_all_pairs_processor_seconds": round(everything),
        "times_faster": round(everything / processor),
    }
    print(json.dumps(answer, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
