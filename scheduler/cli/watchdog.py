"""`gzcrawl watchdog`: from cron, tells the administrator what is wrong with the monitor itself, past the outbox."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

import pymongo
from pymongo.errors import PyMongoError

from gzcrawl import clock
from gzcrawl.mongod import MongodError
from gzcrawl.store.connect import StoreError, connect, data_dir, mongo_uri
from scheduler import watchdog
from scheduler.notify.channels import Note, send_note
from scheduler.notify.render import message_id
from scheduler.notify.settings import MailSettings, MailSettingsError, mail_settings
from scheduler.notify.smtp import DeliveryError, send
from scheduler.watchdog import Limits, News, Trouble

CHANNEL = "GZCRAWL_ADMIN_CHANNEL"
DATABASE_SECONDS = 60
STATE = "watchdog.json"


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = subparsers.add_parser(
        "watchdog", help="看门狗：巡查停止、来源失明、通知积压、数据库失联时告诉管理员（用于 cron）"
    )
    command.add_argument(
        "--patrol-hours", type=float, default=12, metavar="小时", help="多久没有完成一轮巡查算停止（12）"
    )
    command.add_argument(
        "--blind-hours", type=float, default=26, metavar="小时", help="一个来源多久什么也看不到算失明（26）"
    )
    command.add_argument("--outbox-hours", type=float, default=6, metavar="小时", help="通知多久发不出去算积压（6）")
    command.add_argument("--quiet", action="store_true", help="没有变化时不输出（cron 会把输出寄给 MAILTO）")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 1 as long as something is wrong."""
    now = clock.now()
    settings, found = _settings()
    found += _look(now, args)
    path = data_dir() / STATE
    known = watchdog.load(path)
    what = watchdog.news(known, found, now)
    if what.due or not args.quiet:
        print(what.text or "一切正常", file=sys.stderr if found else sys.stdout)
    if what.due and _tell(what, settings, now):
        watchdog.save(path, watchdog.told(known, found, now))
    return 1 if found else 0


def _settings() -> tuple[MailSettings | None, list[Trouble]]:
    try:
        return mail_settings(), []
    except MailSettingsError as error:
        return None, [Trouble("settings", f"发信设置有误：{error}")]


def _look(now: datetime, args: argparse.Namespace) -> list[Trouble]:
    hours = [timedelta(hours=value) for value in (args.patrol_hours, args.blind_hours, args.outbox_hours)]
    limits = Limits(patrol=hours[0], blind=hours[1], outbox=hours[2])
    try:
        # A database that stops answering must not hold up the one who is to tell of it.
        with mongo_uri() as uri, connect(uri) as db, pymongo.timeout(DATABASE_SECONDS):
            return list(watchdog.troubles(db, now, limits))
    except (PyMongoError, StoreError, MongodError) as error:
        return [Trouble(watchdog.DATABASE, f"数据库用不了：{str(error)[:300]}")]


def _tell(what: News, settings: MailSettings | None, now: datetime) -> bool:
    """Whether some way has taken it; without any other way the console (cron's mail) is one."""
    identity = message_id(
        f"watchdog|{now:%Y%m%d}|{hashlib.sha256(what.text.encode()).hexdigest()}",
        settings.sender if settings else "",
    )
    ways: list[Callable[[], None]] = []
    if settings and settings.admin:
        ways.append(lambda: send(settings, _mail(what, settings, identity), str(settings.admin)))
    channel = os.environ.get(CHANNEL, "").strip()
    if channel:
        ways.append(lambda: send_note(channel, Note(id=identity, title=what.subject, text=what.text), now))
    if not ways:
        print(f"没有设置 GZCRAWL_MAIL_ADMIN 或 {CHANNEL}，只能显示在这里", file=sys.stderr)
        return True
    taken = [_tried(way) for way in ways]
    return any(taken)


def _tried(way: Callable[[], None]) -> bool:
    try:
        way()
    except DeliveryError as error:
        print(f"没有告诉管理员：{error}", file=sys.stderr)
        return False
    return True


def _mail(what: News, settings: MailSettings, identity: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"], mail["From"], mail["To"] = what.subject, settings.sender, settings.admin
    mail["Message-ID"] = identity
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(what.text + "\n")
    return mail
