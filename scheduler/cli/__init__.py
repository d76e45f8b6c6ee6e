"""The `gzcrawl` command. One module per group of subcommands; each registers itself and returns an exit code."""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from scheduler.cli.console import harmless
from scheduler.cli.errors import CliError

MODULES = (
    "patrol",
    "daemon",
    "evaluate",
    "assess",
    "registry",
    "announce",
    "reposts",
    "event",
    "posts",
    "alerts",
    "silence",
    "evidence",
    "mail",
    "health",
    "watchdog",
    "match",
    "words",
    "parse",
    "qr",
    "profile",
    "rules",
    "database",
)
"""Modules of this package, in the order of `gzcrawl --help`; each has `register(subparsers)`."""

EPILOG = """\
常用：
  gzcrawl patrol --sandbox     在沙盒城市里完整走一遍（不联网）
  gzcrawl registry template 台账.xlsx；填好后 gzcrawl registry import 台账.xlsx
  gzcrawl patrol               巡查一轮；--due 只巡查到期的对象（适合 cron）
  gzcrawl scheduler            常驻：按时巡查、研判、发送摘要
  gzcrawl alerts list          现有预警

设置用环境变量：GZCRAWL_DATA 数据目录，GZCRAWL_MONGO_URI 数据库，GZCRAWL_SMTP_HOST 等发信参数（docs/deploy.md）。
"""


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="gzcrawl",
        description="政务新媒体与政府网站巡查：账号是否更新、公告是否转发、二维码是否在位",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--debug", action="store_true", help="出错时显示完整的调用栈")
    commands = root.add_subparsers(title="命令", dest="command", metavar="命令", required=True)
    for name in MODULES:
        importlib.import_module(f"scheduler.cli.{name}").register(commands)
    return root


def main(argv: list[str] | None = None) -> int:
    """Run one command; its exit code. Errors become one Chinese line on stderr, a traceback only with --debug."""
    with harmless():
        return _main(argv)


def _main(argv: list[str] | None) -> int:
    args = parser().parse_args(argv)
    try:
        return int(args.run(args))
    except CliError as error:
        if args.debug:
            raise
        print(f"gzcrawl: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("gzcrawl: 已中断，已保存的数据不受影响", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `gzcrawl … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if args.debug:
            raise
        print(f"gzcrawl: {describe(error)}", file=sys.stderr)
        return 1


def describe(error: Exception) -> str:
    """One line for an error that reached the top: the typed errors of our boundaries carry their own sentence."""
    from pymongo.errors import PyMongoError

    from gzcrawl.clock import ClockError
    from gzcrawl.mongod import ENV_URI, MongodError
    from gzcrawl.store.connect import StoreError
    from scheduler.calendar import CalendarError
    from scheduler.notify.settings import MailSettingsError
    from scheduler.profile import ProfileError
    from scheduler.words import WordListError

    if isinstance(error, PyMongoError):
        return f"数据库出错：{str(error)[:300]}。请检查 {ENV_URI} 和数据库服务"
    if isinstance(
        error, ClockError | MongodError | StoreError | CalendarError | MailSettingsError | ProfileError | WordListError
    ):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.strerror or error}：{error.filename or ''}"
    return f"内部错误 {type(error).__name__}：{error}（加 --debug 显示详情，并请报告）"
