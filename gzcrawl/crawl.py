"""One crawl of several spiders in one process: `python -m gzcrawl.crawl --round ID [--due] [SPIDER…]`.

The patrol runs it as a subprocess, because a reactor can be started only once and a hanging crawl must be killable.
It ends when its standard input does.
Exit code 0: every spider finished; 1: one of them did not (the data it had seen is stored).
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.utils.project import get_project_settings

from gzcrawl.extensions import COVERAGE, FIELDS
from gzcrawl.monitors import OUTCOMES, PROBLEMS
from gzcrawl.store.connect import connect, mongo_uri
from gzcrawl.store.health import note_crawl

SPIDERS = ("weibo", "wechat", "govsite", "website", "feed", "official")
FOLLOW_UPS = ("links", "comments")
"""Spiders that start from what the others stored, and so run after them."""


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--round", required=True)
    parser.add_argument("--due", action="store_true")
    parser.add_argument("spiders", nargs="*", default=SPIDERS)
    args = parser.parse_args(argv)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = get_project_settings()
    settings.setmodule("gzcrawl.settings", priority="project")
    process = AsyncCrawlerProcess(settings)
    crawlers = [process.create_crawler(name) for name in args.spiders]
    for crawler in crawlers:
        process.crawl(crawler, round_id=args.round, due="1" if args.due else "")
    process.start()
    with mongo_uri() as uri, connect(uri) as db:
        note_crawl(db, args.round, {str(c.spidercls.name): figures(c) for c in crawlers if polled(c)})
    unfinished = [c for c in crawlers if not c.stats or c.stats.get_value("finish_reason") != "finished"]
    return 1 if unfinished or process.bootstrap_failed else 0


def polled(crawler: Crawler) -> bool:
    return bool(crawler.stats and any(name.startswith(OUTCOMES) for name in crawler.stats.get_stats()))


def figures(crawler: Crawler) -> dict[str, Any]:
    """What a crawl came to: how it ended, what Spidermon found wrong, and the share of posts that have each field."""
    assert crawler.stats is not None
    stats = crawler.stats.get_stats()
    counts = dict(stats.get(COVERAGE, {}))
    posts = counts.pop("posts", 0)
    return {
        "finish": stats.get("finish_reason"),
        "problems": stats.get(PROBLEMS, []),
        "coverage": {name: round(counts.get(name, 0) / posts, 3) for name in FIELDS} if posts else {},
    }


def _end_with_parent() -> None:
    """The patrol holds our standard input open; when it is gone, however it ended, so are we.

    At once: what is still under way may depend on what went with it (the sandbox's city, a proxy), and a failure seen
    now would pass for the site's. What is not stored is done again when the round is resumed.
    """
    while os.read(0, 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
