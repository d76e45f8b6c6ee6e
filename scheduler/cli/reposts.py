"""`gzcrawl reposts`: how announcements were passed on, and the pairs that a person has to decide."""

from __future__ import annotations

import argparse
import getpass
import sys
import textwrap
from collections.abc import Iterator
from datetime import timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pymongo.database import Database

from gzcrawl import clock
from gzcrawl.items import Announcement, Post
from gzcrawl.store import announcements as store
from gzcrawl.store import matches, read
from gzcrawl.store import reposts as rows
from gzcrawl.store.registry import load_registry
from scheduler import pictured
from scheduler.cli.console import UNDATED
from scheduler.cli.database import open_database
from scheduler.cli.errors import CliError, not_found
from scheduler.cli.patrol import calendar, cells, table
from scheduler.notify.statuses import STATUSES
from scheduler.notify.texts import when
from scheduler.units import WINDOW

Db = Database[dict[str, Any]]

WIDTH = 46
"""Terminal cells of one of the two texts side by side."""
LINES = 14


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    group = subparsers.add_parser("reposts", help="公告转发：各单位转发情况，疑似转发的人工认定")
    actions = group.add_subparsers(metavar="动作", required=True)
    review = actions.add_parser("review", help="逐条列出疑似转发，两边对照；在终端里可直接回答")
    review.add_argument("--by", default=getpass.getuser(), help="认定人")
    review.set_defaults(run=run_review)
    decide = actions.add_parser("decide", help="认定一条：是转发，或不是；以最后一次为准，不再询问")
    decide.add_argument("announcement", help="公告编号，见 gzcrawl announce list")
    decide.add_argument("post", help="帖子编号，见 gzcrawl reposts review")
    decide.add_argument("answer", choices=("yes", "no"))
    decide.add_argument("--by", default=getpass.getuser(), help="认定人")
    decide.set_defaults(run=run_decide)
    picture = actions.add_parser("picture", help="转发情况热力图；加 --announcement 为一条公告的转发进度图")
    picture.add_argument("--announcement", metavar="公告编号")
    picture.add_argument("--days", type=int, default=30, help="热力图包括最近多少天的公告（默认 30）")
    picture.add_argument("-o", "--output", type=Path, required=True, metavar="文件.png")
    picture.set_defaults(run=run_picture)
    show = actions.add_parser("show", help="一条公告在各单位的转发情况")
    show.add_argument("announcement")
    show.set_defaults(run=run_show)


def run_review(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        pairs = list(undecided(db))
        for number, (announcement, post, match) in enumerate(pairs, 1):
            print(f"—— {number}/{len(pairs)}　{announcement.id}　{post.key}")
            print(f"理由：{'、'.join(match['why'])}（可能性 {match['score']:.0%}）　{post.url or ''}")
            print(beside(_announced(announcement), _posted(post)))
            if sys.stdin.isatty():
                answer = input("是转发吗？[y 是 / n 不是 / 回车跳过 / q 结束] ").strip().casefold()
                if answer == "q":
                    break
                if answer in ("y", "n"):
                    _keep(db, announcement.id, post.key, answer == "y", args.by)
        if not pairs:
            print("没有需要认定的疑似转发")
        elif not sys.stdin.isatty():
            print(f"共 {len(pairs)} 条；认定：gzcrawl reposts decide 公告编号 帖子编号 yes|no")
    return 0


def undecided(db: Db) -> Iterator[tuple[Announcement, Post, dict[str, Any]]]:
    """Uncertain pairs that nobody has decided, newest announcement first; none of departments that did repost in time."""
    decided = read.decisions(db)
    accounts = {target.id: target.department for target in load_registry(db).accounts}
    for announcement in read.announcements(db, clock.now() - WINDOW):
        settled = {
            row["department"] for row in rows.rows(db, [announcement.id]) if row["status"] in ("in_time", "exempt")
        }
        for match in matches.of_announcement(db, announcement.id, "uncertain"):
            post = store.find_post(db, match["post_key"])
            if accounts.get(match["account_id"]) in settled:
                continue
            if post is not None and (announcement.id, post.key) not in decided:
                yield announcement, post, match


def run_decide(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        if not store.exists(db, args.announcement):
            raise not_found("公告", args.announcement, "announce list")
        if store.find_post(db, args.post) is None:
            raise not_found("帖子", args.post, "reposts review")
        _keep(db, args.announcement, args.post, args.answer == "yes", args.by)
    print(f"已记录：{'是' if args.answer == 'yes' else '不是'}转发，下一轮研判起生效")
    return 0


def _keep(db: Db, announcement_id: str, post_key: str, is_repost: bool, by: str) -> None:
    store.decide(db, announcement_id, post_key, is_repost=is_repost, by=by, at=clock.now())


def run_show(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        found = rows.rows(db, [args.announcement])
        names = load_registry(db).department_names
        if not found:
            raise CliError(f"公告 {args.announcement!r} 没有转发记录：编号见 gzcrawl announce list，巡查后才有")
    order = list(STATUSES)
    found.sort(key=lambda row: (order.index(row["status"]), row["lag_hours"] or 0.0, row["department"]))
    listed = [
        (
            str(names.get(r["department"], r["department"])),
            STATUSES[r["status"]].word,
            _lag(r),
            when(r["posted_at"]) or "—",
            "、".join(r["why"]),
        )
        for r in found
    ]
    table([("单位", "状态", "用时（工作时间）", "转发时间", "识别依据"), *listed])
    return 0


def run_picture(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        if args.announcement:
            drawn = pictured.spread_curve(db, args.announcement, calendar())
        else:
            drawn = pictured.heat_map(db, load_registry(db), clock.now() - timedelta(days=args.days))
    if drawn is None:
        raise CliError("没有可画的转发记录：编号见 gzcrawl announce list，巡查后才有")
    args.output.write_bytes(drawn.data)
    print(f"已写入 {args.output}：{drawn.alt}")
    return 0


def _lag(row: dict[str, Any]) -> str:
    late = f"，迟 {row['late_hours']:g} 小时" if row["late_hours"] else ""
    return f"{row['lag_hours']:g} 小时{late}" if row["lag_hours"] is not None else "—"


def _announced(item: Announcement) -> str:
    return f"公告　{when(item.published_at, item.precision) or UNDATED}\n{item.title}\n{item.body}"


def _posted(post: Post) -> str:
    posted = when(post.published_at, post.precision) or UNDATED
    original = post.repost_of
    parts = [post.title, post.text, *((original.title, original.text) if original else ()), *post.links]
    return "\n".join([f"帖子　{posted}　{post.author_name or post.account_id}", *filter(None, parts)])


def beside(left: str, right: str) -> str:
    """Two texts side by side, the first LINES lines of each."""
    columns = [_folded(text)[:LINES] for text in (left, right)]
    rows_ = zip_longest(*columns, fillvalue="")
    return "\n".join(f"{one}{' ' * (WIDTH - cells(one))} │ {other}".rstrip() for one, other in rows_)


def _folded(text: str) -> list[str]:
    """In lines of at most WIDTH cells: a Chinese character takes two."""
    lines: list[str] = []
    for paragraph in textwrap.dedent(text).splitlines():
        line = ""
        for character in paragraph.strip():
            if cells(line + character) > WIDTH:
                lines.append(line)
                line = ""
            line += character
        lines.append(line)
    return lines
