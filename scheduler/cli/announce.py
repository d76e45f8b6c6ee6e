"""`gzcrawl announce`: announcements named by the operator, and those suggested to the operator."""

from __future__ import annotations

import argparse
import getpass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pymongo.database import Database

from gzcrawl import clock
from gzcrawl.items import Announcement, Post, Precision
from gzcrawl.registry import Account, Registry, Site
from gzcrawl.registry.fields import group
from gzcrawl.sources import Parsed, govsite, wechat
from gzcrawl.sources.govsite import canonical_url
from gzcrawl.store import announcements as store
from gzcrawl.store import read, suggestions
from gzcrawl.store.registry import load_registry
from scheduler.announcements import headline
from scheduler.calendar import Calendar
from scheduler.cli.console import UNDATED
from scheduler.cli.database import open_database
from scheduler.cli.errors import CliError, no_department, not_found
from scheduler.cli.patrol import calendar, default_profile
from scheduler.notify.texts import when
from scheduler.profile import load_profile
from scheduler.suggestions import announcement_of
from scheduler.units import WINDOW

Db = Database[dict[str, Any]]


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    announce = subparsers.add_parser("announce", help="重大发布：登记、列出、撤销各单位须转发的公告，处理建议")
    actions = announce.add_subparsers(metavar="动作", required=True)
    add = actions.add_parser("add", help="登记一条须转发的公告")
    add.add_argument("url", help="公告网址；没有给出标题、时间的，从已采集的内容或网页读取")
    add.add_argument("--title", help="标题")
    add.add_argument("--published", metavar="时间", help="发布时间，如 2025-10-10T10:00:00+08:00")
    add.add_argument("--publisher", metavar="单位", help="发布单位的编号")
    add.add_argument("--body", help="正文或其主要内容，用于识别摘编转发")
    add.add_argument(
        "--supersedes",
        metavar="公告编号",
        help="更正或重新发布的是哪一条：转发任一条均可，期限仍按那一条，除非另给 --due",
    )
    add.set_defaults(run=run_add)
    actions.add_parser("list", help="列出近两个月的公告").set_defaults(run=run_list)
    remove = actions.add_parser("remove", help="撤销一条公告")
    remove.add_argument("id")
    remove.set_defaults(run=run_remove)
    suggested = actions.add_parser("suggestions", help="多个单位在短时间内发布的相同内容，可能是须转发的公告")
    suggested.add_argument("--all", action="store_true", help="连同已采纳、已忽略的")
    suggested.set_defaults(run=run_suggestions)
    accept = actions.add_parser("accept", help="采纳一条建议；不给截止时间的，从现在起按方案的工作日计算")
    accept.add_argument("id")
    accept.set_defaults(run=run_accept)
    dismiss = actions.add_parser("dismiss", help="忽略一条建议，不再提示")
    dismiss.add_argument("id")
    dismiss.set_defaults(run=run_dismiss)
    for command in (add, accept):
        command.add_argument(
            "--for", dest="group", default="all", type=group, metavar="范围",
            help="须转发的单位：all、级别（如 县区）、分组名或单位编号（默认 all）",
        )  # fmt: skip
        command.add_argument("--due", metavar="时间", help="截止时间；不填则按方案的工作日规则")
    for command in (accept, dismiss):
        command.add_argument("--by", default=getpass.getuser(), help="经办人")


def run_add(args: argparse.Namespace) -> int:
    published, due = _instant(args.published), _instant(args.due)
    with open_database(args) as db:
        registry = load_registry(db)
        if args.publisher and args.publisher not in registry.department_names:
            raise no_department(args.publisher)
        if args.supersedes and not store.exists(db, args.supersedes):
            raise not_found("公告", args.supersedes, "announce list")
        obligated = _obligated(registry, args.group, args.publisher)
        known = store.post_at(db, args.url)
        if known is None and not (args.title and published):
            known = read_page(args.url)
        by = registry.by_id.get(known.account_id or "") if known else None
        title, at = (
            args.title or (headline(known) if known else ""),
            published or (known.published_at if known else None),
        )
        if not title or at is None:
            raise CliError(f"读不到 {args.url} 的标题或发布时间，请用 --title 和 --published 给出")
        made = Announcement(
            id=f"website:{canonical_url(args.url)}",
            title=title,
            body=args.body if args.body is not None else known.text if known else "",
            url=args.url,
            published_at=at,
            precision=Precision.SECOND if published or known is None else known.precision,
            publisher=args.publisher or (by.department if isinstance(by, Account | Site) else None),
            obligated=args.group,
            due=due,
            supersedes=args.supersedes,
            origin="operator",
        )
        store.save(db, [made])
    print(f"已登记 {made.id}，须转发的单位 {len(obligated)} 个")
    if not made.body:
        print("注意：没有正文，只能识别转发原文和链接；未见转发的列为“未能核实”")
    return 0


def read_page(url: str) -> Post | None:
    """The article at that address, fetched as the spiders would; None when it cannot be read."""
    from gzcrawl.fetch import fetch

    if urlsplit(url).scheme not in ("http", "https"):
        raise CliError(f"{url!r} 不是网址")
    answer = fetch(url)
    if isinstance(answer, Parsed):
        return None
    page, at = answer
    parse = wechat.parse_article if urlsplit(url).hostname == "mp.weixin.qq.com" else govsite.parse_article
    return next(iter(parse(page, at).posts), None)


def run_list(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        for item in read.announcements(db, clock.now() - WINDOW):
            later = f"，更正 {item.supersedes}" if item.supersedes else ""
            print(
                f"{when(item.published_at, item.precision) or UNDATED}  {item.title}\n"
                f"                  {item.id}（{item.publisher or '—'} → {item.obligated}{later}）"
            )
    return 0


def run_remove(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        if not store.remove(db, args.id):
            raise not_found("公告", args.id, "announce list")
    print(f"已撤销 {args.id}")
    return 0


def run_suggestions(args: argparse.Namespace) -> int:
    states = {"open": "待处理", "accepted": "已采纳", "dismissed": "已忽略"}
    with open_database(args) as db:
        found = suggestions.listed(db, None if args.all else "open")
    for one in found:
        print(
            f"{when(one['published_at']) or UNDATED}  {one['title']}\n"
            f"                  {one['_id']}（{states[one['state']]}，{len(one['departments'])} 个单位发布）"
        )
    print(
        f"共 {len(found)} 条；采纳：gzcrawl announce accept 编号，忽略：gzcrawl announce dismiss 编号"
        if found
        else "没有建议"
    )
    return 0


def run_accept(args: argparse.Namespace) -> int:
    now = clock.now()
    due = _instant(args.due) or _fair_deadline(now, calendar())
    with open_database(args) as db:
        first = store.find_post(db, _suggested(db, args.id)["_id"])
        if first is None:
            raise CliError(f"建议 {args.id} 的原帖已不在库中，请用 gzcrawl announce add 登记")
        registry = load_registry(db)
        by = registry.by_id.get(first.account_id or "")
        made = announcement_of(first, by if isinstance(by, Account | Site) else None, args.group, due)
        obligated = _obligated(registry, args.group, made.publisher)
        store.save(db, [made])
        suggestions.settle(db, args.id, "accepted", by=args.by, at=now)
    print(f"已登记 {made.id}，须转发的单位 {len(obligated)} 个，截止 {when(due)}")
    return 0


def _fair_deadline(now: datetime, days: Calendar) -> datetime:
    """Nobody knew before that it had to be reposted."""
    settings = load_profile(default_profile()).rule("repost_lag")
    mode = "same_time" if settings.word("mode") == "same_time" else "end_of_day"
    return days.deadline(now, settings.integer("workdays"), mode).at  # type: ignore[arg-type]


def run_dismiss(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        suggestions.settle(db, _suggested(db, args.id)["_id"], "dismissed", by=args.by, at=clock.now())
    print(f"已忽略 {args.id}")
    return 0


def _suggested(db: Db, id: str) -> dict[str, Any]:
    found = suggestions.find(db, id)
    if found is None:
        raise not_found("建议", id, "announce suggestions")
    return found


def _obligated(registry: Registry, addressed: str, publisher: str | None) -> tuple[Any, ...]:
    found = registry.obligated(addressed, publisher)
    if not found:
        raise CliError(f"范围 {addressed!r} 里没有任何单位，请检查台账中的级别和分组")
    return found


def _instant(text: str | None) -> datetime | None:
    return clock.parse_instant(text) if text else None
