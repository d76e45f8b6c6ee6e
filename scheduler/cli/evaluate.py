"""`gzcrawl evaluate`: what the rules say, now or of a past instant. Reads only: no alert moves, nobody is told."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from gzcrawl import clock
from gzcrawl.store.registry import load_registry
from scheduler.cli.database import open_database
from scheduler.cli.errors import CliError
from scheduler.cli.patrol import WORDS, basis_of, default_profile, table
from scheduler.evaluation import judged_at
from scheduler.findings import Finding, Verdict, for_people
from scheduler.notify.texts import when
from scheduler.rules import TITLES

QUIET = (Verdict.OK, Verdict.NOT_APPLICABLE)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = subparsers.add_parser("evaluate", help="研判：此刻或过去某一时刻各条规则的结论（只读，不发预警）")
    command.add_argument("--at", metavar="时间", help="按当时所知研判，如 2025-10-13T09:00:00+08:00；不填为此刻")
    command.add_argument("--department", metavar="单位编号", help="只看一个单位")
    command.add_argument("--rule", metavar="规则", choices=sorted(TITLES), help=f"只看一条规则：{'、'.join(TITLES)}")
    command.add_argument("--profile", default=default_profile(), help="方案名或 TOML 文件")
    command.add_argument("--all", action="store_true", help="连同正常、不适用的结论")
    command.add_argument("--json", action="store_true", help="每条结论一行 JSON，含证据")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    at = clock.parse_instant(args.at) if args.at else clock.now()
    if at > clock.now():
        raise CliError(f"{args.at} 还没有到，不能研判将来", exit_code=2)
    with open_database(args) as db:
        registry = load_registry(db, at)
        names = registry.department_names
        if not names:
            raise CliError(f"{when(at)} 时还没有台账；用 gzcrawl registry history 查看各次导入")
        if args.department and args.department not in names:
            raise CliError(f"当时的台账里没有单位 {args.department!r}；用 gzcrawl registry export 查看编号")
        found = [f for judged in judged_at(db, at, basis_of(args.profile), args.department) for f in judged.findings]
    shown = [
        finding
        for finding in sorted(found, key=lambda f: (list(Verdict).index(f.verdict), -f.severity, f.department, f.key))
        if args.rule in (None, finding.rule) and (args.all or args.json or finding.verdict not in QUIET)
    ]
    show(shown, names, as_json=args.json)
    return 0


def show(findings: Sequence[Finding], names: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        for finding in findings:
            print(json.dumps({"key": finding.key, **asdict(finding)}, ensure_ascii=False, default=str))
        return
    rows = [(names[f.department], WORDS[f.verdict], TITLES[f.rule], f.reason) for f in for_people(findings)]
    if rows:
        table([("单位", "结论", "规则", "说明"), *rows])
    print(f"共 {len(rows)} 条" if rows else "没有需要注意的结论（--all 列出全部）")
