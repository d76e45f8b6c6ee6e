"""`gzcrawl scheduler`: the daemon. Of several that are started one works; the others wait to take over."""

from __future__ import annotations

import argparse
import contextlib
import logging

from gzcrawl.store.connect import connect, data_dir, mongo_uri
from gzcrawl.store.lease import lease, when_free
from scheduler.app import Daemon
from scheduler.cli.errors import CliError


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    daemon = subparsers.add_parser("scheduler", help="常驻：按时巡查、研判、发送摘要；SIGTERM 干净退出")
    daemon.set_defaults(run=run)


def run(_args: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    daemon = Daemon()
    daemon.heed_signals()
    lost: list[bool] = []

    def taken_from_us() -> None:
        lost.append(True)
        daemon.stop()

    with contextlib.ExitStack() as stack:
        # The embedded database lives as long as the daemon: jobs find it running.
        db = stack.enter_context(connect(stack.enter_context(mongo_uri())))
        ours = when_free(
            stack,
            lambda: lease(db, "scheduler", data_dir(), taken_from_us),
            daemon.stopped,
            lambda reason: print(f"待命：{reason}；它停止后一分钟内由本进程接替", flush=True),
        )
        if ours:
            print("已启动，时区 Asia/Shanghai：", flush=True)
            daemon.run()
    if lost:
        raise CliError("与数据库失联过久，另一个常驻进程已经接替，本进程退出", exit_code=75)
    return 0
