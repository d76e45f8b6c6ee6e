"""`gzcrawl health`: whether the sources can still be seen, for the administrator."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from typing import Any

from gzcrawl import clock
from gzcrawl.items import SHANGHAI
from gzcrawl.messages import REASONS
from gzcrawl.store import health, read
from scheduler.cli.database import open_database
from scheduler.notify.texts import OUTCOMES, SOURCES

BLIND = 1


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = subparsers.add_parser("health", help="来源状况：各来源最近何时看到内容、成功率、字段是否齐全")
    command.add_argument("--hours", type=float, default=24, help="统计最近多少小时（默认 24）")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 1 when a source that was polled within the hours showed nothing at all."""
    now = clock.now()
    with open_database(args) as db:
        found = health.sources(db, now, timedelta(hours=args.hours))
        figures, refusing = health.last_figures(db), read.hosts(db)
    if not found:
        print("还没有巡查记录，请先运行 gzcrawl patrol")
        return 0
    for source in found:
        print("\n".join(_lines(source, now)))
    for spider, told in sorted(figures.items()):
        print(f"最近一次采集 {SOURCES.get(spider, spider)}（第 {told['round']} 轮）：{_figures(told)}")
    for host in refusing:
        until = f"，{host.until.astimezone(SHANGHAI):%m-%d %H:%M} 前不再访问" if host.until and host.until > now else ""
        print(f"拒绝访问的主机 {host.name}：连续 {host.refusals} 次（{REASONS.get(host.reason, host.reason)}）{until}")
    blind = [source for source in found if source.outcomes and not source.observed_share]
    return BLIND if blind else 0


def _lines(source: health.SourceHealth, now: datetime) -> list[str]:
    name, share = SOURCES.get(source.name, source.name), source.observed_share
    polled = f"{share:.0%} 看到内容，共 {sum(source.outcomes.values())} 次" if share is not None else "没有查看"
    mix = "，".join(f"{OUTCOMES.get(outcome, outcome)} {count}" for outcome, count in sorted(source.outcomes.items()))
    lines = [f"{name}：{polled}；最近一次看到 {_ago(source.last_seen, now)}" + (f"（{mix}）" if mix else "")]
    return lines + [
        f"    {count} 次：{REASONS.get(reason, reason)}" for reason, count in list(source.reasons.items())[:3]
    ]


def _figures(told: dict[str, Any]) -> str:
    coverage = "，".join(f"{field} {share:.0%}" for field, share in told.get("coverage", {}).items())
    problems = "；".join(told.get("problems", []))
    return f"{'异常：' + problems if problems else '正常'}" + (f"；字段齐全度 {coverage}" if coverage else "")


def _ago(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "从未"
    hours = (now - at).total_seconds() / 3600
    when = f"{at.astimezone(SHANGHAI):%m-%d %H:%M}"
    return f"{when}（{hours:.0f} 小时前）" if hours >= 1 else when
