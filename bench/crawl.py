"""What storing costs: CPU of our crawl against a bare Scrapy spider that does the same fetches and selector work.

    python bench/crawl.py [--accounts 300] [--rounds 3]

Both crawl the same Weibo profiles and timelines from one local server (a process of its own, not counted) and parse
them with the same parsers. The bare spider yields its items into nothing; ours keeps the book of visits and stores
everything in a real MongoDB (also a process of its own).
Prints the CPU seconds of each crawling process (user + system, best round) and their ratio.
Target: at most 1.3.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Process, Queue
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

POSTS = 10
NOW = datetime(2025, 10, 13, 1, tzinfo=UTC)
FIRST_UID = 7_000_000_000


class Weibo(BaseHTTPRequestHandler):
    """A proxy that answers for m.weibo.cn, over plain HTTP."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        uid = query.get("value", "")
        body = json.dumps(timeline(uid) if "containerid" in query else profile(uid)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        pass


def profile(uid: str) -> dict[str, Any]:
    user = {
        "id": int(uid or 0),
        "screen_name": f"账号{uid}",
        "verified": True,
        "verified_type": 1,
        "statuses_count": 900,
    }
    tabs = [{"tab_type": "weibo", "containerid": f"107603{uid}"}]
    return {"ok": 1, "data": {"userInfo": {**user, "verified_reason": "官方微博"}, "tabsInfo": {"tabs": tabs}}}


def timeline(uid: str) -> dict[str, Any]:
    cards = []
    for number in range(POSTS):
        at = NOW - timedelta(days=4 * number)
        blog = {
            "id": f"{uid}{number:04}", "mid": f"{uid}{number:04}", "bid": f"B{uid}{number}", "user": {"id": int(uid)},
            "created_at": at.strftime("%a %b %d %H:%M:%S +0000 %Y"), "isLongText": False, "source": "微博网页版",
            "text": '<a href="/n/x">@章江发布</a> 今日办理事项 ' + f"{number} 件，请市民错峰前往。<br />" * 6,
        }  # fmt: skip
        cards.append({"card_type": 9, "mblog": blog})
    return {"ok": 1, "data": {"cards": cards, "cardlistInfo": {"page": None}}}


def serve(port: Queue[int]) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Weibo)
    port.put(server.server_address[1])
    server.serve_forever()


def bare_spider(accounts: int) -> type:
    """A spider as one writes it in an afternoon: the same requests, the same parsers, items yielded and dropped."""
    import scrapy

    from gzcrawl.sources import Page
    from gzcrawl.sources.weibo import parse_profile, parse_timeline
    from gzcrawl.spiders.weibo import profile_url, timeline_url

    class Bare(scrapy.Spider):
        name = "bare"

        async def start(self) -> AsyncIterator[Any]:
            for number in range(accounts):
                uid = str(FIRST_UID + number)
                yield scrapy.Request(profile_url(uid), cb_kwargs={"uid": uid}, dont_filter=True)

        def parse(self, response: Any, uid: str) -> Any:
            parsed = parse_profile(Page(url=response.url, body=response.body), NOW)
            yield from parsed.items
            url = timeline_url(uid, parsed.hints["containerid"])
            yield scrapy.Request(url, callback=self.timeline, dont_filter=True)

        def timeline(self, response: Any) -> Any:
            yield from parse_timeline(Page(url=response.url, body=response.body), NOW).items

    return Bare


def crawl(kind: str, accounts: int) -> None:
    """In a process of its own: crawl, then print the CPU seconds it took."""
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings

    from gzcrawl.spiders import weibo

    weibo.BASE = "http://m.weibo.cn"  # the same without TLS, whose cost is not the question
    settings = Settings()
    settings.setmodule("gzcrawl.settings", priority="project")
    settings.set("ROBOTSTXT_OBEY", False, priority="cmdline")
    settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", 16, priority="cmdline")
    if kind == "bare":
        for name in ("ITEM_PIPELINES", "EXTENSIONS", "DOWNLOADER_MIDDLEWARES"):
            settings.set(name, {}, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    if kind == "bare":
        process.crawl(bare_spider(accounts))
    else:
        process.crawl("weibo", round_id=f"bench-{os.getpid()}")
    before = os.times()
    process.start()
    after = os.times()
    print(json.dumps(after.user + after.system - before.user - before.system))


def measured(kind: str, accounts: int, environment: dict[str, str]) -> float:
    command = [sys.executable, __file__, "--accounts", str(accounts), "--child", kind]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=True)
    return float(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        crawl(args.child, args.accounts)
        return
    from gzcrawl.items import Platform
    from gzcrawl.mongod import Embedded
    from gzcrawl.registry import Account, Department, Registry
    from gzcrawl.store.connect import connect
    from gzcrawl.store.registry import save_registry
    from gzcrawl.store.schema import ensure_schema

    port: Queue[int] = Queue()
    server = Process(target=serve, args=(port,), daemon=True)
    server.start()
    accounts = tuple(
        Account(id=f"a{n}", department="d", platform=Platform.WEIBO, name=f"账号{n}", uid=str(FIRST_UID + n))
        for n in range(args.accounts)
    )
    with tempfile.TemporaryDirectory() as folder, Embedded(Path(folder)) as mongod:
        with connect(mongod.uri) as db:
            ensure_schema(db)
            save_registry(db, Registry((Department(id="d", name="d"),), accounts))
        proxy = f"http://127.0.0.1:{port.get()}"
        environment = {
            **os.environ, "http_proxy": proxy, "https_proxy": proxy, "GZCRAWL_DELAY": "0", "GZCRAWL_MONGO_URI": mongod.uri,
            "GZCRAWL_NOW": NOW.isoformat(),
        }  # fmt: skip
        pairs = [
            (measured("bare", args.accounts, environment), measured("ours", args.accounts, environment))
            for _ in range(args.rounds)
        ]
    server.terminate()
    bare, ours = (min(times) for times in zip(*pairs, strict=True))
    print(
        f"bare Scrapy {bare:.2f} s, ours with MongoDB {ours:.2f} s of CPU for {2 * args.accounts} pages: {ours / bare:.2f}x"
    )


if __name__ == "__main__":
    main()
