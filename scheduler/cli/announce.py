"""`gzcrawl announce`: announcements named by the operator."""

from __future__ import annotations

import argparse

from gzcrawl import clock
from gzcrawl.clock import ClockError
from gzcrawl.items import SHANGHAI, Announcement, Precision
from gzcrawl.sources.govsite import canonical_url
from gzcrawl.store import announcements as store
from gzcrawl.store import read
from gzcrawl.store.registry import load_registry
from scheduler.cli.database import open_database
from scheduler.cli.errors import CliError
from scheduler.units import WINDOW


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    announce = subparsers.add_parser("announce", help="重大发布：登记、列出、撤销各单位须转发的公告")
    actions = announce.add_subparsers(metavar="动作", required=True)
    add = actions.add_parser("add", help="登记一条须转发的公告")
    add.add_argument("url", help="公告网址")
    add.add_argument("--title", required=True, help="标题")
    add.add_argument("--published", required=True, metavar="时间", help="发布时间，如 2025-10-10T10:00:00+08:00")
    add.add_argument("--publisher", metavar="单位", help="发布单位的编号")
    add.add_argument("--body", default="", help="正文或其主要内容，用于识别摘编转发")
    add.add_argument(
        "--for", dest="group", default="all", metavar="范围", help="须转发的单位：all、级别或分组名（默认 all）"
    )
    add.add_argument("--due", metavar="时间", help="截止时间；不填则按方案的工作日规则")
    add.set_defaults(run=run_add)
    actions.add_parser("list", help="列出近两个月的公告").set_defaults(run=run_list)
    remove = actions.add_parser("remove", help="撤销一条公告")
    remove.add_argument("id")
    remove.set_defaults(run=run_remove)


def run_add(args: argparse.Namespace) -> int:
    try:
        published = clock.parse_instant(args.published)
        due = clock.parse_instant(args.due) if args.due else None
    except ClockError as error:
        raise CliError(str(error)) from error
    made = Announcement(
        id=f"website:{canonical_url(args.url)}",
        title=args.title,
        body=args.body,
        url=args.url,
        published_at=published,
        precision=Precision.SECOND,
        publisher=args.publisher,
        obligated=args.group,
        due=due,
        origin="operator",
    )
    with open_database(args) as db:
        registry = load_registry(db)
        if args.publisher and args.publisher not in {d.id for d in registry.departments}:
            raise CliError(f"台账里没有单位 {args.publisher!r}；可用 gzcrawl registry export 查看编号")
        obligated = registry.obligated(args.group, args.publisher)
        if not obligated:
            raise CliError(f"范围 {args.group!r} 里没有任何单位，请检查台账中的级别和分组")
        store.save(db, [made])
    print(f"已登记 {made.id}，须转发的单位 {len(obligated)} 个")
    return 0


def run_list(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        for item in read.announcements(db, clock.now() - WINDOW):
            when = (
                item.published_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if item.published_at else "时间不明"
            )
            print(f"{when}  {item.title}\n                  {item.id}（{item.publisher or '—'} → {item.obligated}）")
    return 0


def run_remove(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        if not store.remove(db, args.id):
            raise CliError(f"没有编号为 {args.id!r} 的公告；用 gzcrawl announce list 查看")
    print(f"已撤销 {args.id}")
    return 0
