"""`gzcrawl parse` and `gzcrawl capture`: what a parser says of a saved page, and how to save one."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from gzcrawl import clock
from gzcrawl.capture import CaptureError, write_capture
from gzcrawl.clock import ClockError
from gzcrawl.messages import reason_text
from gzcrawl.saved import read_saved
from gzcrawl.sources import Page, Parsed
from gzcrawl.sources.outcomes import LARGEST_BODY, refusal
from gzcrawl.sources.registry import PARSERS
from scheduler.cli.errors import CliError

USAGE = 2


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parse = subparsers.add_parser("parse", help="解析一个保存的网页，输出 JSON（报告解析问题时用）")
    parse.add_argument("source", metavar="来源", help="、".join(PARSERS))
    parse.add_argument(
        "file", metavar="文件", type=Path, help="网页原文、浏览器保存的网页（含 MHTML），或 gzcrawl capture 保存的文件"
    )
    parse.add_argument(
        "--now", metavar="时间", help="网页的抓取时间，如 2025-10-13T09:00:00+08:00（默认：保存时间，否则现在）"
    )
    parse.add_argument("--url", metavar="网址", help="网页的网址（默认：保存的网址，否则网页自己写明的）")
    parse.set_defaults(run=run_parse)
    capture = subparsers.add_parser("capture", help="抓取并保存一个公开网页（含响应头，不含 Cookie）")
    capture.add_argument("url", metavar="网址")
    capture.add_argument("-o", "--output", metavar="文件", type=Path, required=True, help="保存到（WARC 格式）")
    capture.add_argument("--ignore-robots", action="store_true", help="robots.txt 不允许时也抓取（须有权这样做）")
    capture.set_defaults(run=run_capture)


def run_parse(args: argparse.Namespace) -> int:
    parser = PARSERS.get(args.source)
    if parser is None:
        raise CliError(f"没有名为 {args.source!r} 的来源；可用的来源：{'、'.join(PARSERS)}", exit_code=USAGE)
    page, at = load(args.file)
    if args.url:
        page = dataclasses.replace(page, url=args.url)
    try:
        now = clock.parse_instant(args.now) if args.now else at or clock.now()
    except ClockError as error:
        raise CliError(str(error), exit_code=USAGE) from error
    parsed = parser(page, now)
    if args.source == "sogou.accounts":
        # One item for each account; its last article, which the spider stores as a post too, is in `extra`.
        parsed.items = list(parsed.profiles)
    print_json({"source": args.source, **as_json(parsed)})
    if parsed.reason:
        print(f"{parsed.outcome}：{reason_text(parsed.reason)}", file=sys.stderr)
    return 0


def run_capture(args: argparse.Namespace) -> int:
    from gzcrawl.fetch import fetch  # starts Scrapy, which other commands need not wait for

    if not args.url.lower().startswith(("http://", "https://")):
        raise CliError(f"网址 {args.url!r} 应以 http:// 或 https:// 开头", exit_code=USAGE)
    answer = fetch(args.url, robots=not args.ignore_robots)
    if isinstance(answer, Parsed):
        raise CliError(f"未能抓取 {args.url}：{reason_text(answer.reason)}（{answer.detail}）")
    page, at = answer
    try:
        write_capture(args.output, page, at)
    except OSError as error:
        raise CliError(f"不能写入 {args.output}：{error.strerror}") from error
    print(f"已保存 {page.url}（HTTP {page.status}，{len(page.body)} 字节）到 {args.output}")
    if refused := refusal(page):
        print(f"注意：{reason_text(refused.reason)}", file=sys.stderr)
    return 0


def load(path: Path) -> tuple[Page, datetime | None]:
    """The page in a file and, where the file tells, when it was fetched. Never more than the parsers' limit is read."""
    try:
        with path.open("rb") as file:
            return read_saved(file, LARGEST_BODY)
    except CaptureError as error:
        raise CliError(f"{path} 不是完好的网页存档（WARC）：{error}") from error
    except OSError as error:
        raise CliError(f"不能读取 {path}：{error.strerror}") from error


def as_json(parsed: Parsed) -> dict[str, Any]:
    """Outcome, reason and items with the field names of docs/data-model.md; instants in ISO 8601, UTC."""
    items = [dataclasses.asdict(item) for item in parsed.items]
    return {"outcome": str(parsed.outcome), "reason": parsed.reason, "detail": parsed.detail, "items": items}


def print_json(value: dict[str, Any]) -> None:
    """One object, in UTF-8 whatever the console's encoding, because it is for programs and for bug reports."""
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(encoding="utf-8", errors="replace")
    print(json.dumps(value, ensure_ascii=False, indent=2, default=datetime.isoformat))
