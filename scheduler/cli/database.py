"""`gzcrawl db init`, `gzcrawl mongo`, and how every command reaches the database."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
from collections.abc import Iterator
from typing import Any

from pymongo.database import Database

from gzcrawl.mongod import ENV_URI, Embedded
from gzcrawl.store.connect import connect, data_dir, mongo_uri
from gzcrawl.store.schema import ensure_schema
from scheduler.cli.errors import CliError


@contextlib.contextmanager
def open_database(_args: argparse.Namespace | None = None) -> Iterator[Database[dict[str, Any]]]:
    """The product's database, with collections, indexes and validators in place."""
    with mongo_uri() as uri, connect(uri) as db:
        ensure_schema(db)
        yield db


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    db = subparsers.add_parser("db", help="数据库：init 建立集合、索引和校验规则")
    actions = db.add_subparsers(metavar="动作", required=True)
    init = actions.add_parser("init", help="建立集合、索引和校验规则（可重复执行）")
    init.set_defaults(run=run_init)
    mongo = subparsers.add_parser("mongo", help="启动内置 MongoDB 并显示连接串，Ctrl-C 结束")
    mongo.set_defaults(run=run_mongo)


def run_init(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        print(f"数据库 {db.name} 就绪：{len(db.list_collection_names())} 个集合")
    return 0


def run_mongo(_args: argparse.Namespace) -> int:
    if os.environ.get(ENV_URI):
        raise CliError(f"已设置 {ENV_URI}，不需要内置数据库：mongosh '{os.environ[ENV_URI]}'")
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with Embedded(data_dir()) as embedded:
        print(
            f"内置 MongoDB 已就绪，数据在 {data_dir() / 'mongo'}。另开一个终端：\n  mongosh '{embedded.uri}'",
            flush=True,
        )
        signal.sigwait(ends)
    return 0
