"""`gzcrawl mail`: is the mail server set up, and what waits to be sent."""

from __future__ import annotations

import argparse
from email.message import EmailMessage
from email.policy import SMTP

from gzcrawl import clock
from gzcrawl.store import alerts as store
from gzcrawl.store.alerts import Db
from gzcrawl.store.connect import data_dir
from gzcrawl.store.lease import Busy, lease
from gzcrawl.store.registry import load_registry
from scheduler.alerts.policy import policy_of
from scheduler.cli.database import open_database
from scheduler.cli.errors import CliError
from scheduler.cli.patrol import calendar, default_profile
from scheduler.notify.channels import Note, send_note
from scheduler.notify.outbox import deliver
from scheduler.notify.recipients import Recipient
from scheduler.notify.render import message_id
from scheduler.notify.smtp import DeliveryError, send
from scheduler.notify.texts import when
from scheduler.profile import load_profile
from scheduler.rules import METAS
from scheduler.tell import Telling, telling


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    mail = subparsers.add_parser("mail", help="邮件：试发、查看发件箱、重发")
    actions = mail.add_subparsers(metavar="动作", required=True)
    actions.add_parser("test", help="向所有收件人试发一封，指出哪一步有问题").set_defaults(run=run_test)
    actions.add_parser("outbox", help="还没有送达的邮件").set_defaults(run=run_outbox)
    retry = actions.add_parser("retry", help="立即发送到期的邮件")
    retry.add_argument("--dead", action="store_true", help="连同已放弃的一起重发")
    retry.set_defaults(run=run_retry)


def configured(db: Db) -> Telling:
    how = telling(
        load_registry(db), METAS, policy_of(load_profile(default_profile()), calendar()), calendar(), data_dir()
    )
    if how.settings is None and not how.channels:
        raise CliError(
            "没有设置邮件服务器，请设置 GZCRAWL_SMTP_HOST、GZCRAWL_MAIL_FROM、GZCRAWL_MAIL_TO（docs/deploy.md）"
        )
    return how


def run_test(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        how = configured(db)
    failed = 0
    for recipient in how.recipients:
        try:
            _try(how, recipient)
        except DeliveryError as error:
            failed += 1
            print(f"✗ {recipient.name}：{error}")
        else:
            print(f"✓ {recipient.name}：已接收")
    return 1 if failed else 0


def _try(how: Telling, recipient: Recipient) -> None:
    now = clock.now()
    identity = message_id(f"test|{now.isoformat()}|{recipient.name}", how.sender)
    title, text = "【政务新媒体巡查】试发", "这是一条测试消息。收到它，说明设置正确。"
    if recipient.mail is None:
        send_note(recipient.to, Note(id=identity, title=title, text=text), now)
        return
    if how.settings is None:
        raise DeliveryError("没有设置邮件服务器，请设置 GZCRAWL_SMTP_HOST")
    mail = EmailMessage(policy=SMTP)
    mail["Subject"], mail["From"], mail["To"] = title, how.sender, recipient.mail
    mail["Message-ID"] = identity
    mail.set_content(text)
    send(how.settings, mail, recipient.mail)


def run_outbox(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        waiting = store.outbox(db)
    for entry in waiting:
        state = {"pending": "待发", "sending": "发送中", "dead": "已放弃"}[entry["state"]]
        print(f"{state}  {entry['recipient']}  {entry['subject']}")
        print(
            f"      已试 {entry['attempts']} 次，下次 {when(entry['next_attempt_at'])}  {entry.get('last_error', '')}"
        )
    if not waiting:
        print("发件箱是空的，没有等待发送的邮件")
    return 0


def run_retry(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        if not args.dead and not store.outbox(db, ("pending", "sending")):
            return 0
        how = configured(db)
        if args.dead:
            store.retry_dead(db, clock.now())
        try:
            with lease(db, "deliver", data_dir()):
                report = deliver(db, how.settings, clock.now(), how.channels)
        except Busy as error:
            raise CliError(str(error), exit_code=75) from error
    for problem in report.errors:
        print(f"未送达：{problem}")
    print(f"已发送 {report.sent} 封，等待 {report.waiting} 封，放弃 {report.dead} 封")
    return 1 if report.waiting or report.dead else 0
