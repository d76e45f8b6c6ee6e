"""`gzcrawl event`: major public-opinion events, in which the obliged departments must not be silent."""

from __future__ import annotations

import argparse
import hashlib

from gzcrawl import clock
from gzcrawl.items import SHANGHAI, Event
from gzcrawl.store import events as store
from gzcrawl.store.registry import load_registry
from scheduler.cli.database import open_database
from scheduler.cli.errors import CliError, not_found
from scheduler.notify.texts import when


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    event = subparsers.add_parser("event", help="重大舆情：登记、列出、结束、撤销，有关单位不得失声")
    actions = event.add_subparsers(metavar="动作", required=True)
    add = actions.add_parser("add", help="登记一起重大舆情")
    add.add_argument("--title", required=True, help="名称")
    add.add_argument("--from", dest="start", required=True, metavar="时间", help="开始，如 2025-10-10T14:00:00+08:00")
    add.add_argument("--until", required=True, metavar="时间", help="回应的截止时间")
    add.add_argument("--keywords", required=True, metavar="词,词", help="内容含其中之一即为发声")
    add.add_argument(
        "--for",
        dest="groups",
        default="all",
        metavar="范围",
        help="应回应的单位：all、级别、分组名或单位编号，逗号分隔",
    )
    add.add_argument("--min-posts", type=int, default=1, metavar="次数", help="至少发声几次（默认 1）")
    add.set_defaults(run=run_add)
    actions.add_parser("list", help="列出登记的舆情").set_defaults(run=run_list)
    end = actions.add_parser("end", help="提前结束：此后的内容不再计入，立即研判")
    end.add_argument("id")
    end.set_defaults(run=run_end)
    remove = actions.add_parser("remove", help="撤销一起舆情")
    remove.add_argument("id")
    remove.set_defaults(run=run_remove)


def run_add(args: argparse.Namespace) -> int:
    start, end = clock.parse_instant(args.start), clock.parse_instant(args.until)
    keywords = _split(args.keywords)
    if start >= end or not keywords or args.min_posts < 1:
        raise CliError("截止时间须晚于开始时间，关键词至少一个，--min-posts 至少为 1")
    digest = hashlib.sha256(f"{args.title}|{start}".encode()).hexdigest()[:6]
    event = Event(
        id=f"{start.astimezone(SHANGHAI):%Y%m%d}-{digest}",
        title=args.title,
        starts_at=start,
        ends_at=end,
        keywords=keywords,
        obligated=_split(args.groups),
        min_posts=args.min_posts,
    )
    with open_database(args) as db:
        registry = load_registry(db)
        found = {group: {d.id for d in registry.obligated(group, None)} for group in event.obligated}
        empty = [group for group, departments in found.items() if not departments]
        if empty:
            raise CliError(f"范围 {'、'.join(empty)} 里没有任何在用单位，请检查台账中的级别、分组和单位编号")
        store.save(db, event)
    print(f"已登记 {event.id}，应回应的单位 {len(set().union(*found.values()))} 个")
    return 0


def run_list(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        for event in store.events(db):
            told = f"{'、'.join(event.keywords)} → {'、'.join(event.obligated)}"
            least = f"，至少 {event.min_posts} 次" if event.min_posts > 1 else ""
            print(
                f"{event.id}  {when(event.starts_at)} 至 {when(event.ends_at)}  {event.title}\n                 {told}{least}"
            )
    return 0


def run_end(args: argparse.Namespace) -> int:
    now = clock.now()
    with open_database(args) as db:
        event = next((e for e in store.events(db) if e.id == args.id), None)
        if event is None or not event.starts_at < now < event.ends_at:
            raise CliError(f"没有正在进行的舆情 {args.id!r}；用 gzcrawl event list 查看")
        event.ends_at = now
        store.save(db, event)
    print(f"已结束 {args.id}")
    return 0


def run_remove(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        if not store.remove(db, args.id):
            raise not_found("舆情", args.id, "event list")
    print(f"已撤销 {args.id}")
    return 0


def _split(text: str) -> list[str]:
    return [part for part in (each.strip() for each in text.replace("，", ",").split(",")) if part]
