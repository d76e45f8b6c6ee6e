"""`gzcrawl assess`: what the findings of a period cost each department."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from pymongo.database import Database

from gzcrawl import clock
from gzcrawl.items import SHANGHAI
from gzcrawl.registry import Registry, State
from gzcrawl.store.registry import load_registry
from scheduler.alerts.policy import policy_of
from scheduler.assessment import Period, PeriodError, Score, assess, period, tariff_of
from scheduler.assessment_workbook import GRADES, workbook
from scheduler.cli.database import open_database
from scheduler.cli.errors import CliError, no_department
from scheduler.cli.patrol import basis_of, default_profile, say, table
from scheduler.evaluation import Basis, judged_at
from scheduler.findings import Finding
from scheduler.rules import TITLES

Db = Database[dict[str, Any]]


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = subparsers.add_parser("assess", help="考核：一个时期内各单位的得分、排名和每一分的依据")
    command.add_argument("--period", required=True, metavar="考核期", help="2025、2025H1、2025Q3 或 2025-09")
    command.add_argument("--department", metavar="单位编号", help="只看一个单位，列出每一项扣分")
    command.add_argument("--profile", default=default_profile(), help="方案名或 TOML 文件")
    command.add_argument("--compare", metavar="方案", help="再按另一方案计算，并列两个得分")
    command.add_argument("-o", "--output", type=Path, metavar="FILE.xlsx", help="写成工作簿：排名和扣分明细")
    command.add_argument("--json", action="store_true", help="每个单位一行 JSON")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        wanted = period(args.period)
    except PeriodError as error:
        raise CliError(str(error), exit_code=2) from error
    now = clock.now()
    if datetime.combine(wanted.first, datetime.min.time(), SHANGHAI) >= now:
        raise CliError(f"考核期 {wanted.name} 还没有开始", exit_code=2)
    with open_database(args) as db:
        registry = load_registry(db)
        if args.department and args.department not in registry.department_names:
            raise no_department(args.department)
        scores = scores_of(db, registry, wanted, now, basis_of(args.profile))
        other = scores_of(db, registry, wanted, now, basis_of(args.compare)) if args.compare else []
    show(scores, other, registry, args)
    if args.output:
        args.output.write_bytes(workbook(scores, registry, TITLES))
        say(f"已写入 {args.output}")
    return 0


def scores_of(db: Db, registry: Registry, wanted: Period, now: datetime, basis: Basis) -> list[Score]:
    """The scores of the departments that are active now, best first."""
    departments = [d.id for d in registry.departments if d.state is State.ACTIVE]
    days = _days(db, wanted, now, basis)
    return assess(days, departments, tariff_of(basis.profile), policy_of(basis.profile, basis.calendar))


def _days(db: Db, wanted: Period, now: datetime, basis: Basis) -> Iterator[tuple[datetime, Sequence[Finding]]]:
    instants = list(wanted.instants(now))
    for number, at in enumerate(instants, start=1):
        if sys.stderr.isatty():
            print(f"\r{wanted.name}：{number}/{len(instants)} 天", end="", file=sys.stderr, flush=True)
        yield at, [finding for judged in judged_at(db, at, basis) for finding in judged.findings]
    if sys.stderr.isatty():
        print(file=sys.stderr)


def show(scores: Sequence[Score], other: Sequence[Score], registry: Registry, args: argparse.Namespace) -> None:
    """The ranking, or one department's deductions."""
    names = registry.department_names
    if args.department:
        scores = [score for score in scores if score.department == args.department]
    if args.json:
        for score in scores:
            print(json.dumps(asdict(score), ensure_ascii=False, default=str))
    elif args.department:
        for score in scores:
            _show_one(score, names)
    elif scores:
        _show_ranking(scores, {score.department: score.points for score in other}, names, args.compare)


def _show_ranking(
    scores: Sequence[Score], other: dict[str, float], names: dict[str, str], compared: str | None
) -> None:
    heading = ("名次", "单位", "得分", "扣分项", "可核实比例")
    rows = [
        (str(s.rank), names[s.department], f"{s.points:g}", str(len(s.deductions)), f"{s.observed:.0%}") for s in scores
    ]
    if not compared:
        table([heading, *rows])
        return
    beside = [(f"{other[s.department]:g}", f"{other[s.department] - s.points:+g}") for s in scores]
    table([(*heading, f"按 {compared}", "相差"), *((*row, *more) for row, more in zip(rows, beside, strict=True))])


def _show_one(score: Score, names: dict[str, str]) -> None:
    print(f"{names[score.department]}：{score.points:g} 分，第 {score.rank} 名，可核实比例 {score.observed:.0%}")
    rows = [
        (
            f"-{d.points:g}",
            TITLES.get(d.lapse.rule, d.lapse.rule),
            f"{d.lapse.first} 至 {d.lapse.last}（{d.lapse.days} 天）",
            GRADES[d.lapse.severity],
            d.lapse.reason,
            f"{d.lapse.rule}|{d.lapse.subject}",
        )
        for d in score.deductions
    ]
    if rows:
        table([("扣分", "规则", "日期", "等级", "说明", "编号"), *rows])
    for note in score.notes:
        print(f"备注：{note}")
