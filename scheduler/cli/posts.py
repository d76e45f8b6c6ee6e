"""`gzcrawl posts import`: posts that a person saw, from a table."""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from gzcrawl import clock
from gzcrawl.items import Post
from gzcrawl.sources import Page
from gzcrawl.sources.encoding import decode
from gzcrawl.sources.manual import COLUMNS, RowError, missing_columns, read_row
from gzcrawl.store.connect import connect_async, mongo_uri
from gzcrawl.store.observations import write
from gzcrawl.store.registry import load_registry
from scheduler.cli.database import open_database
from scheduler.cli.errors import CliError

LARGEST = 20 * 1024 * 1024
MOST_ROWS = 100_000


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    posts = subparsers.add_parser("posts", help="人工补录：导入机器看不到的发布记录")
    actions = posts.add_subparsers(metavar="动作", required=True)
    importing = actions.add_parser("import", help="从 .csv 或 .xlsx 导入；有错则一条也不导入，可重复执行")
    importing.add_argument("file", type=Path, help=f"第一行为表头：{'、'.join(COLUMNS)}")
    importing.add_argument("--dry-run", action="store_true", help="只检查，不写入")
    importing.set_defaults(run=run_import)


def run_import(args: argparse.Namespace) -> int:
    rows = list(_rows(args.file))
    now = clock.now()
    with mongo_uri() as uri, open_database(args) as db:
        accounts = {account.id: account.platform for account in load_registry(db).accounts}
        posts, problems = _read(rows, accounts, now)
        if problems:
            shown = "\n".join(problems[:20])
            more = f"\n……共 {len(problems)} 处" if len(problems) > 20 else ""
            raise CliError(f"{args.file} 中有错，一条也没有导入：\n{shown}{more}")
        if not args.dry_run:
            asyncio.run(_store(uri, posts, now))
    print(
        f"{'检查通过' if args.dry_run else '已导入'}：{len(posts)} 条发布记录，{len({p.account_id for p in posts})} 个账号"
    )
    return 0


def _read(rows: list[tuple[int, dict[str, str]]], accounts: Any, now: datetime) -> tuple[list[Post], list[str]]:
    posts, problems = [], []
    for number, row in rows:
        try:
            posts.append(read_row(row, accounts, now))
        except RowError as error:
            problems.append(f"第 {number} 行：{error}")
    return posts, problems


async def _store(uri: str, posts: list[Post], now: datetime) -> None:
    client, db = connect_async(uri)
    try:
        await write(db, [(post, now) for post in posts])
    finally:
        await client.close()


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(row number as a spreadsheet shows it, cells by header) of every row that is not empty."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise CliError(f"读不了 {path}：{error.strerror}") from error
    if len(body) > LARGEST:
        raise CliError(f"{path} 超过 {LARGEST // 2**20} MB，请分成几份导入")
    table = _csv(body) if path.suffix.lower() == ".csv" else _xlsx(path, body)
    header = [cell.strip() for cell in next(table, [])]
    if missing := missing_columns(header):
        raise CliError(f"{path} 的表头缺少：{'、'.join(missing)}。表头应为 {'、'.join(COLUMNS)}")
    for number, cells in enumerate(table, start=2):
        if number > MOST_ROWS:
            raise CliError(f"{path} 超过 {MOST_ROWS} 行，请分成几份导入")
        if any(cell.strip() for cell in cells):
            yield number, dict(zip(header, cells, strict=False))


def _csv(body: bytes) -> Iterator[list[str]]:
    """UTF-8, or GB18030 as Excel saves it."""
    yield from csv.reader(io.StringIO(decode(Page(url="", body=body)), newline=""))


def _xlsx(path: Path, body: bytes) -> Iterator[list[str]]:
    try:
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise CliError(f"{path} 不是可以读取的 .xlsx 或 .csv 文件") from error
    for row in book.worksheets[0].iter_rows(values_only=True):
        yield [_text(cell) for cell in row]


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return "" if cell is None else str(cell)
