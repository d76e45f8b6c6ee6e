"""How long an evaluation takes in a city of 10,000 accounts (or 100,000 with 5 million posts), whole and incremental.

    python bench/evaluate.py [--accounts 10000] [--posts 50] [--polls 8]
    python bench/evaluate.py --accounts 100000        # some 6 GB of disk, half an hour with the generation

Generates the database directly, then judges a tenth, three tenths and all of the city, each from nothing; then again with nothing
changed, after a round that polled 500 targets, and after an hour has passed.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from gzcrawl.items import Announcement, Outcome, Platform, Poll, Precision, Profile, QrSighting, SiteProbe, quarter
from gzcrawl.mongod import Embedded
from gzcrawl.registry import Account, Department, Registry, Site
from gzcrawl.store import evaluations, names
from gzcrawl.store.connect import connect
from gzcrawl.store.documents import to_document
from gzcrawl.store.merge import merge
from gzcrawl.store.registry import load_registry, save_registry
from gzcrawl.store.schema import ensure_schema
from scheduler import reposts
from scheduler.calendar import Calendar
from scheduler.evaluation import Basis, evaluate
from scheduler.profile import load_profile

NOW = datetime(2025, 10, 13, 1, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BASIS = Basis(calendar=Calendar(), profile=load_profile())
BATCH = 5000
Rows = Iterator[dict[str, Any]]


def city(accounts: int) -> Registry:
    """Two accounts for each department, a site for every fifth."""
    departments, listed, sites = [], [], []
    for n in range(accounts // 2):
        id, name = f"d{n:06}", f"章江市第{n}局"
        declared = dict.fromkeys(("passwords_on", "roster_on", "plan_on", "training_on"), date(2025, 8, 1))
        departments.append(Department(id=id, name=name, responsible="王芳", contact="0797", **declared))
        for platform in (Platform.WEIBO, Platform.WECHAT):
            listed.append(
                Account(id=f"{id}-{platform}", department=id, platform=platform, name=name, uid=str(7_000_000_000 + n),
                        qr_payloads=(code(id, platform, n),), opened_on=date(2020, 1, 1))
            )  # fmt: skip
        if n % 5 == 0:
            sites.append(Site(id=f"{id}-site", department=id, name=name, home=f"https://{id}.example/"))
    return Registry(tuple(departments), tuple(listed), tuple(sites))


def code(department: str, platform: Platform, n: int) -> str:
    return (
        f"https://weibo.com/u/{7_000_000_000 + n}"
        if platform is Platform.WEIBO
        else f"http://weixin.qq.com/r/{department}"
    )


def age(account: int) -> timedelta:
    """Of the newest post: three in a hundred accounts are silent."""
    return timedelta(hours=random.Random(account).uniform(13 * 24, 40 * 24) if account % 33 == 0 else account % 97)


def posts(registry: Registry, each: int) -> Rows:
    from gzcrawl.items import Post

    seed = Post(
        platform=Platform.WEIBO,
        native_id="",
        source="weibo.timeline",
        text="x",
        published_at=NOW,
        precision=Precision.SECOND,
    )
    template = merge(None, seed, NOW)
    for n, account in enumerate(registry.accounts):
        at = NOW - age(n)
        for number in range(each):
            native = f"{n:06}{number:03}"
            yield template | {
                "_id": f"{account.platform}:{native}", "native_id": native, "platform": str(account.platform),
                "account_id": account.id, "text": f"第{number}条：{'今日工作动态，请市民朋友关注。' * 6}", "published_at": at,
                "latest_at": at + timedelta(seconds=1), "first_seen_at": at + HOUR, "last_seen_at": at + HOUR,
                "marks": ["partial"] if number % 25 == 7 else [], "long_text": number % 25 == 7, "compared": reposts.matcher(),
                "source_label": "章江市第0局" if number < 3 else None,
            }  # fmt: skip
            at -= timedelta(hours=23)


def polls(registry: Registry, each: int) -> Rows:
    for n, account in enumerate(registry.accounts):
        weibo = account.platform is Platform.WEIBO
        for number in range(each):
            at = NOW - timedelta(hours=n % 20) - number * 60 * DAY / each
            outcome = Outcome.BLOCKED if n % 41 == 0 else Outcome.OK
            yield look(
                account.id, "weibo.timeline" if weibo else "wechat.album:1", at, f"r{number}", outcome, complete=weibo
            )
        yield look(account.id, "weibo.profile" if weibo else "sogou.accounts", NOW - timedelta(hours=n % 20))
    for site in registry.sites:
        for channel in ("govsite.home", "qr.static"):
            yield look(site.id, channel, NOW - HOUR, reason="static_settled")


def profiles(registry: Registry) -> Rows:
    for account in registry.accounts:
        source = "weibo.profile" if account.platform is Platform.WEIBO else "sogou.accounts"
        shown = Profile(platform=account.platform, source=source, native_id=account.uid, account_id=account.id, name=account.name,
                        verified=True, verification=f"{account.name}官方账号")  # fmt: skip
        yield to_document(shown) | {
            "_id": f"{account.id}|{source}|0",
            "first_seen_at": NOW - DAY,
            "last_seen_at": NOW - HOUR,
        }


def tallies(registry: Registry) -> Rows:
    start = quarter(NOW)[0]
    for account in registry.accounts:
        yield {"_id": f"{account.id}|{start:%Y%m%d}", "account_id": account.id, "quarter": start, "state": "counted", "posts": 50,
               "passed_on": 3, "copies": 2}  # fmt: skip


def probes(registry: Registry) -> Rows:
    for site in registry.sites:
        for check in ("certificate", "https", "hsts", "ipv6", "html5", "viewport"):
            yield to_document(SiteProbe(round_id="r0", site_id=site.id, check=check, at=NOW - HOUR, status="ok")) | {
                "_id": f"r0|{site.id}|{check}"
            }


def sightings(registry: Registry) -> Rows:
    """Three sites in a hundred lack a code."""
    for n, site in enumerate(registry.sites):
        for account in registry.accounts_of(site.department) if n % 33 else ():
            seen = QrSighting(round_id="r0", site_id=site.id, page_url=site.home, image_url=site.home, image_sha256=account.id,
                              at=NOW - HOUR, payload=account.qr_payloads[0], meaning="weibo_account")  # fmt: skip
            yield to_document(seen) | {"_id": seen.key}


ANNOUNCEMENTS = [
    Announcement(id=f"website:a{n}", title=f"关于做好第{n}项工作的通知", body="各单位：请认真落实。" * 20,
                 published_at=NOW - n * 3 * DAY, precision=Precision.SECOND, publisher="d000000")
    for n in (1, 2)
]  # fmt: skip


def matches(registry: Registry) -> Rows:
    """Nearly everybody has reposted everything."""
    for n, account in enumerate(registry.accounts):
        for item in ANNOUNCEMENTS if account.platform is Platform.WEIBO and n % 40 else ():
            key = f"weibo:{n:06}{item.id[-1]:0>3}"
            yield {
                "_id": f"{item.id}|{key}", "announcement_id": item.id, "post_key": key, "account_id": account.id,
                "decision": "repost", "score": 1.0, "why": ["链接相同"], "made_by": reposts.mark_of(item),
            }  # fmt: skip


def look(
    target: str, channel: str, at: datetime, round_id: str = "r0", outcome: Outcome = Outcome.OK, **more: Any
) -> dict[str, Any]:
    """A poll that covers thirty days."""
    poll = Poll(
        round_id=round_id, target_id=target, channel=channel, url="https://m.weibo.cn/", at=at, outcome=outcome, seen=10,
        covers_from=at - 30 * DAY, covers_to=at, **more,
    )  # fmt: skip
    return to_document(poll) | {"_id": poll.key, "closed": True}


def fill(db: Any, name: str, rows: Rows) -> int:
    total = 0
    while batch := list(islice(rows, BATCH)):
        db[name].insert_many(batch, ordered=False, bypass_document_validation=True)
        total += len(batch)
    return total


def generate(db: Any, registry: Registry, args: argparse.Namespace) -> None:
    """Before the indexes are made: that is faster by a factor."""
    made = {
        names.POSTS: posts(registry, args.posts), names.POLLS: polls(registry, args.polls), names.PROFILES: profiles(registry),
        names.TALLIES: tallies(registry), names.SITE_PROBES: probes(registry), names.MATCHES: matches(registry),
        names.QR_SIGHTINGS: sightings(registry),
    }  # fmt: skip
    counts = {name: fill(db, name, rows) for name, rows in made.items()}
    for item in ANNOUNCEMENTS:
        told = to_document(item)
        del told["id"]
        db[names.ANNOUNCEMENTS].insert_one(told | {"_id": item.id, "compared": reposts.mark_of(item)})
    ensure_schema(db)
    print(", ".join(f"{count:,} {name}" for name, count in counts.items()), flush=True)


def timed(db: Any, what: str, work: Callable[[], Any]) -> None:
    """Seconds on the clock, and of CPU here (with helping processes) and in mongod: on a busy machine only those tell."""
    before = time.perf_counter(), own_cpu(), server_cpu(db)
    told = work()
    after = time.perf_counter(), own_cpu(), server_cpu(db)
    wall, own, server = (b - a for a, b in zip(before, after, strict=True))
    print(
        f"{what:<42} {wall:7.1f} s, CPU {own:6.1f} + {server:6.1f} s   {told if told is not None else ''}", flush=True
    )


def own_cpu() -> float:
    return sum(os.times()[:4])


def server_cpu(db: Any) -> float:
    used = db.command("serverStatus")["extra_info"]
    return float(used["user_time_us"] + used["system_time_us"]) / 1e6


def polled(db: Any, registry: Registry, count: int) -> None:
    chosen = random.Random(0).sample(registry.accounts, count)
    at = NOW + HOUR
    fill(db, names.POLLS, (look(a.id, "weibo.timeline", at, "new", complete=True) for a in chosen))
    evaluations.mark(db, [account.id for account in chosen])


def part(registry: Registry, share: float) -> Registry:
    kept = registry.departments[: int(len(registry.departments) * share)]
    ids = {d.id for d in kept}
    return Registry(
        kept,
        tuple(a for a in registry.accounts if a.department in ids),
        tuple(s for s in registry.sites if s.department in ids),
    )


def forget(db: Any) -> None:
    """Dropped, not emptied: a collection of a million deleted documents is no new one."""
    for name in (
        names.FINDINGS,
        names.EVALUATIONS,
        names.ALERTS,
        names.AUDIT,
        names.CHAINS,
        names.NOTICES,
        names.REPOSTS,
    ):
        db.drop_collection(name)
    ensure_schema(db)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--posts", type=int, default=50, help="of each account, over 48 days")
    parser.add_argument("--polls", type=int, default=8, help="of each account, over 60 days")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Embedded(Path(folder)) as mongod, connect(mongod.uri) as db:
        registry = city(args.accounts)
        timed(db, "generation", lambda: generate(db, registry, args))
        timed(db, "importing the registry", lambda: save_registry(db, registry))
        for share in (0.1, 0.3, 1.0):
            some = part(registry, share)
            forget(db)
            timed(
                db,
                f"whole, from nothing: {len(some.accounts):,} accounts",
                lambda some=some: evaluate(db, "r1", some, NOW, BASIS, uri=mongod.uri),
            )
        print(
            f"{db[names.FINDINGS].estimated_document_count():,} findings, {db[names.ALERTS].estimated_document_count():,} alerts"
        )
        evaluations.mark(db, [evaluations.EVERYTHING])
        timed(db, "whole, nothing changed", lambda: evaluate(db, "r2", registry, NOW, BASIS, uri=mongod.uri))
        polled(db, registry, 500)
        timed(
            db,
            "after a round that polled 500 targets",
            lambda: evaluate(db, "r3", registry, NOW + HOUR, BASIS, uri=mongod.uri),
        )
        timed(db, "after another hour", lambda: evaluate(db, "r4", registry, NOW + 2 * HOUR, BASIS, uri=mongod.uri))
        timed(db, "loading the registry", lambda: len(load_registry(db).accounts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
