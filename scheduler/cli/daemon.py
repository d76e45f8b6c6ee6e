"""`gzcrawl scheduler`: the daemon."""

from __future__ import annotations

import argparse
import contextlib
import logging

from gzcrawl.store.connect import connect, data_dir, mongo_uri
from gzcrawl.store.lease import Busy, lease
from scheduler.app import Daemon
from scheduler.cli.errors import CliError


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    daemon = subparsers.add_parser("scheduler", help="常驻：按时巡查、研判、发送摘要；SIGTERM 干净退出")
    daemon.set_defaults(run=run)


def run(_args: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    with contextlib.ExitStack() as stack:
        # The embedded database lives as long as the daemon: jobs find it running.
        db = stack.enter_context(connect(stack.enter_context(mongo_uri())))
        try:
            stack.enter_context(lease(db, "scheduler", data_dir()))
        except Busy as error:
            raise CliError(str(error), exit_code=75) from error
        print("已启动，时区 Asia/Shanghai：", flush=True)
        return Daemon().run()
