"""`gzcrawl alerts`: what stands, what it rests on, and what a person decides about it."""

from __future__ import annotations

import argparse
import getpass
import json
from datetime import datetime

from gzcrawl import clock
from gzcrawl.store import alerts as store
from gzcrawl.store.registry import load_registry
from scheduler.alerts.documents import alert_document, alert_from
from scheduler.alerts.life import Alert
from scheduler.alerts.people import NoSuchAlert, acknowledge_alert, waive_alert
from scheduler.cli.database import open_database
from scheduler.cli.errors import CliError, not_found
from scheduler.cli.patrol import table
from scheduler.cli.silence import moment
from scheduler.notify.texts import when
from scheduler.rules import TITLES

STATES = {"open": "未处理", "acknowledged": "处理中", "waived": "已豁免", "resolved": "已解决"}


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    alerts = subparsers.add_parser("alerts", help="预警：列出、查看依据、确认、豁免")
    actions = alerts.add_subparsers(metavar="动作", required=True)
    listing = actions.add_parser("list", help="列出未解决的预警")
    listing.add_argument("--all", action="store_true", help="包括已解决的")
    listing.add_argument("--department", metavar="单位", help="只看一个单位（编号）")
    listing.add_argument("--json", action="store_true", help="输出 JSON")
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", help="一条预警的依据和经过")
    show.add_argument("id")
    show.add_argument("--json", action="store_true", help="输出 JSON")
    show.set_defaults(run=run_show)
    ack = actions.add_parser("ack", help="确认：已有人在处理")
    ack.add_argument("id")
    ack.add_argument("--note", default="", help="备注")
    ack.add_argument("--by", default=getpass.getuser(), help="经办人")
    ack.set_defaults(run=run_ack)
    waive = actions.add_parser("waive", help="豁免：写明理由和期限")
    waive.add_argument("id")
    waive.add_argument("--reason", required=True, help="理由")
    waive.add_argument("--until", metavar="日期", help="豁免到这一天（含），如 2025-12-31；不填为长期")
    waive.add_argument("--by", default=getpass.getuser(), help="经办人")
    waive.set_defaults(run=run_waive)


def run_list(args: argparse.Namespace) -> int:
    query: dict[str, object] = {} if args.all else {"state": {"$ne": "resolved"}}
    if args.department:
        query["department"] = args.department
    with open_database(args) as db:
        found = [alert_from(document) for document in store.find_alerts(db, query)]
        names = load_registry(db).department_names
    if args.json:
        print(json.dumps([alert_document(a) for a in found], ensure_ascii=False, default=_json, indent=2))
        return 0
    if not found:
        print("没有预警")
        return 0
    rows = [
        (a.id, names.get(a.department, a.department), TITLES.get(a.rule, a.rule), _state(a), a.reason) for a in found
    ]
    table([("编号", "单位", "规则", "状态", "说明"), *rows])
    return 0


def run_show(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        alert = _find(db, args.id)
        entries = store.history(db, args.id)
    if args.json:
        print(json.dumps({**alert_document(alert), "history": entries}, ensure_ascii=False, default=_json, indent=2))
        return 0
    print(f"{alert.reason}\n状态：{_state(alert)}（第 {alert.episode} 次，{when(alert.opened_at)} 起）")
    if alert.unobserved_since:
        print(f"{when(alert.unobserved_since)} 起看不到最新情况：{alert.unobserved_reason}")
    if alert.quiet_since:
        print(f"{when(alert.quiet_since)} 起看到已恢复；近期多次反复，继续观察后才算解决")
    if alert.muted:
        print(f"不通知：{alert.muted}")
    if alert.note:
        print(f"备注：{alert.note}（{alert.by}）")
    print("依据：")
    for evidence in alert.evidence:
        print(f"  {when(evidence.at)}  {evidence.quote}\n      {evidence.url or ''}  [{evidence.kind} {evidence.ref}]")
    print("经过：")
    for entry in entries:
        by = f"  {entry['by']}：{entry.get('note') or ''}" if "by" in entry else ""
        print(f"  {when(entry['at'])}  {entry['change']}  {entry['reason']}{by}")
    return 0


def run_ack(args: argparse.Namespace) -> int:
    with open_database(args) as db:
        try:
            acknowledge_alert(db, args.id, by=args.by, note=args.note, now=clock.now())
        except NoSuchAlert:
            raise _missing(args.id) from None
    print(f"已确认 {args.id}")
    return 0


def run_waive(args: argparse.Namespace) -> int:
    until = moment("--until", args.until, last=True) if args.until else None
    if until and until <= clock.now():
        raise CliError(f"--until {args.until} 已经过去")
    with open_database(args) as db:
        try:
            waive_alert(db, args.id, by=args.by, reason=args.reason, until=until, now=clock.now())
        except NoSuchAlert:
            raise _missing(args.id) from None
    print(f"已豁免 {args.id}")
    return 0


def _find(db: store.Db, id: str) -> Alert:
    found = store.alerts_by_id(db, [id])
    if id not in found:
        raise _missing(id)
    return alert_from(found[id])


def _missing(id: str) -> CliError:
    return not_found("未解决预警", id, "alerts list")


def _state(alert: Alert) -> str:
    marks = (("看不到", alert.unobserved_since), ("恢复观察中", alert.quiet_since), ("不通知", alert.muted))
    return STATES[alert.state] + "".join(f"（{word}）" for word, marked in marks if marked)


def _json(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
