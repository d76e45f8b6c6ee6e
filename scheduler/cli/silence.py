"""`gzcrawl silence`: alerts of a department or rule that are not told for a time. They live on and are judged as ever."""

from __future__ import annotations

import argparse
import getpass
from datetime import datetime, time, timedelta

from gzcrawl import clock
from gzcrawl.items import SHANGHAI
from gzcrawl.store import alerts as store
from gzcrawl.store.registry import load_registry
from scheduler.alerts.apply import refresh_mutes
from scheduler.alerts.mute import Silence, silence_from
from scheduler.alerts.people import NoSuchSilence, add_silence, end_silence
from scheduler.alerts.policy import policy_of
from scheduler.cli.database import open_database
from scheduler.cli.errors import CliError, no_department, not_found
from scheduler.cli.patrol import calendar, default_profile, table
from scheduler.notify.texts import when
from scheduler.profile import load_profile
from scheduler.rules import TITLES


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    silence = subparsers.add_parser("silence", help="静默与维护窗口：一段时间内不通知某单位或某规则的预警")
    actions = silence.add_subparsers(metavar="动作", required=True)
    add = actions.add_parser("add", help="新增；开始时间在将来即为维护窗口")
    add.add_argument("--department", metavar="单位", help="只静默一个单位（编号）")
    add.add_argument(
        "--rule", metavar="规则", choices=sorted(TITLES), help=f"只静默一条规则：{'、'.join(sorted(TITLES))}"
    )
    add.add_argument("--from", dest="start", metavar="时间", help="开始，如 2025-12-01 或 2025-12-01T18:00；不填为现在")
    add.add_argument("--until", required=True, metavar="时间", help="结束；只写日期时含当天")
    add.add_argument("--reason", required=True, help="理由")
    add.add_argument("--by", default=getpass.getuser(), help="经办人")
    add.set_defaults(run=run_add)
    listing = actions.add_parser("list", help="列出")
    listing.add_argument("--all", action="store_true", help="包括已结束的")
    listing.set_defaults(run=run_list)
    end = actions.add_parser("end", help="提前结束")
    end.add_argument("id", metavar="编号")
    end.add_argument("--by", default=getpass.getuser(), help="经办人")
    end.set_defaults(run=run_end)


def run_add(args: argparse.Namespace) -> int:
    now = clock.now()
    start = moment("--from", args.start, last=False) if args.start else now
    end = moment("--until", args.until, last=True)
    if end <= max(start, now):
        raise CliError(f"--until {args.until} 不在开始时间和现在之后")
    if not args.department and not args.rule:
        raise CliError("请用 --department 或 --rule 说明静默什么")
    with open_database(args) as db:
        if args.department and args.department not in load_registry(db).department_names:
            raise no_department(args.department)
        wanted = Silence(
            id="",
            reason=args.reason,
            by=args.by,
            starts_at=start,
            ends_at=end,
            department=args.department,
            rule=args.rule,
        )
        made = add_silence(db, wanted, now)
        _refresh(db, now)
        covered = sum(a.get("muted") == f"silence:{made.id}" for a in store.active_alerts(db))
    print(f"已静默，编号 {made.id}：{when(start)} 至 {when(end)}，现有 {covered} 条预警不再通知")
    return 0


def run_list(args: argparse.Namespace) -> int:
    now = clock.now()
    with open_database(args) as db:
        found = [s for s in map(silence_from, store.silences(db)) if args.all or s.ends_at > now]
    rows = [
        (
            s.id,
            "已结束" if s.ends_at <= now else "生效中" if s.starts_at <= now else "未开始",
            s.department or "所有单位",
            TITLES.get(s.rule, s.rule) if s.rule else "所有规则",
            f"{when(s.starts_at)} 至 {when(s.ends_at)}",
            f"{s.reason}（{s.by}）",
        )
        for s in found
    ]
    if rows:
        table([("编号", "状态", "单位", "规则", "时间", "理由"), *rows])
    else:
        print("没有静默")
    return 0


def run_end(args: argparse.Namespace) -> int:
    now = clock.now()
    with open_database(args) as db:
        try:
            end_silence(db, args.id, by=args.by, now=now)
        except NoSuchSilence:
            raise not_found("未结束静默", args.id, "silence list") from None
        _refresh(db, now)
    print(f"已结束静默 {args.id}，仍存在的预警恢复通知")
    return 0


def _refresh(db: store.Db, now: datetime) -> None:
    refresh_mutes(db, now, policy_of(load_profile(default_profile()), calendar()))


def moment(option: str, text: str, *, last: bool) -> datetime:
    """A date (its beginning, or with `last` its end) or a local time, in Asia/Shanghai."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise CliError(f"{option} {text!r} 不是时间，应形如 2025-12-31 或 2025-12-31T18:00") from None
    if len(text) == len("2025-12-31"):
        at = datetime.combine(at.date() + timedelta(days=last), time())
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
